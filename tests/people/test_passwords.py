"""Passwords: what may be one, and how they are compared."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import Parameters, extract_parameters

from haln.errors import Invalid
from haln.people import passwords
from tests.builders import PASSWORD


@pytest.mark.parametrize("password", [PASSWORD, "ten chars!", "æøå mydd ŵ", "x y z 1 2 3 4", "p" + "q" * 5 + "r" * 194])
def test_any_characters_will_do_when_there_are_enough(password: str) -> None:
    passwords.check(password)


@pytest.mark.parametrize(
    "password",
    ["", "nine char", "x" * 10, "abababababab", "x" * 201, "x" * 1_000_000, "password123", "Pass Word 123",
     "1234567890", "9876543210", "qwertyuiop", "tab\tin the middle", "nul\x00in the middle", "lone \ud800 surrogate"],
)  # fmt: skip
def test_short_long_common_and_untypeable_ones_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check(password)
    assert "password" in refused.value.fields


@pytest.mark.parametrize("password", ["ada.okafor@example.org", "ADA.OKAFOR", "Ada Okafor", "adaokafor"])
def test_ones_own_name_and_address_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check(password, ("ada.okafor@example.org", "Ada Okafor"))


def test_a_password_fits_what_was_kept_of_it_and_nothing_else() -> None:
    kept = passwords.hashed(PASSWORD)
    assert PASSWORD not in kept
    assert passwords.fits(PASSWORD, kept)
    assert not passwords.fits(PASSWORD + " ", kept)
    assert not passwords.fits(PASSWORD, None)


def test_letters_with_accents_are_the_same_however_the_keyboard_sends_them() -> None:
    assert passwords.fits(unicodedata.normalize("NFD", "café à Llanfair"), passwords.hashed("café à Llanfair"))


@pytest.mark.parametrize("password", ["x" * 1_000_000, "nul\x00", "lone \ud800", ""])
@pytest.mark.parametrize("kept", [None, "no hash at all"])
def test_nothing_that_is_sent_as_a_password_makes_an_error(password: str, kept: str | None) -> None:
    assert not passwords.fits(password, kept)


def test_an_unknown_account_costs_the_same_work_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, hasher = passwords.hashed(PASSWORD), passwords._HASHER
    worked: list[Parameters] = []

    class Counting:
        """The hasher, noting what each check works through."""

        def verify(self, hashed: str, password: bytes) -> bool:
            worked.append(extract_parameters(hashed))
            return hasher.verify(hashed, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    assert not passwords.fits("not this one", kept)
    assert not passwords.fits("not this one", None)
    assert worked == [extract_parameters(kept)] * 2


def test_a_password_kept_with_weaker_parameters_is_noticed() -> None:
    assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aaaaaaaaaaaaaaaaaaaaaa")
    assert not passwords.is_outdated(passwords.hashed(PASSWORD))
