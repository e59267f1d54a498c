"""Signing in: the same for known and unknown accounts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import TooMany
from haln.models import Member, Throttle
from haln.people import passwords, signing_in
from haln.people.throttles import Limits
from tests.builders import NOW, PASSWORD, Cast

ADA, NOBODY = "ada.okafor@example.org", "nobody@example.org"
LIMITS = Limits(sign_in=5, sign_in_network=8, mail=5, mail_network=50)


@pytest.fixture
def kept() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture(autouse=True)
def with_password(session: Session, cast: Cast, kept: str) -> None:
    session.execute(update(Member).where(Member.id == cast.ada).values(password_hash=kept))


def sign_in(session: Session, address: str = ADA, password: str = PASSWORD, network: str = "192.0.2.1",
            after: timedelta = timedelta()) -> int | None:  # fmt: skip
    return signing_in.sign_in(session, address, password, network, NOW + after, LIMITS)


def test_address_and_password_give_the_member(session: Session, cast: Cast) -> None:
    assert sign_in(session) == cast.ada
    assert sign_in(session, password="wrong password") is None
    assert sign_in(session, NOBODY) is None
    assert sign_in(session, "not an address") is None


@pytest.mark.parametrize("standing", ["left", "erased", "invited"])
def test_who_is_not_here_cannot_sign_in(session: Session, cast: Cast, standing: str) -> None:
    session.execute(update(Member).where(Member.id == cast.ada).values(standing=standing))
    assert sign_in(session) is None


@pytest.mark.parametrize("address", [ADA, NOBODY])
def test_unknown_accounts_are_compared_and_counted_like_known_ones(
    session: Session, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    compared: list[str | None] = []
    real = passwords.fits
    monkeypatch.setattr(passwords, "fits", lambda given, kept: (compared.append(kept), real(given, kept))[1])
    assert sign_in(session, address, "wrong password") is None
    assert len(compared) == 1
    assert session.scalars(select(Throttle.count)).all() == [1, 1]


@pytest.mark.parametrize("address", [ADA, NOBODY])
def test_five_wrong_passwords_close_an_account_for_a_quarter_of_an_hour(session: Session, address: str) -> None:
    for number in range(5):
        sign_in(session, address, "wrong password", f"192.0.2.{number}")
    for password in ("wrong password", PASSWORD):
        with pytest.raises(TooMany):
            sign_in(session, address, password, "192.0.2.99")
    sign_in(session, address, "wrong password", after=timedelta(minutes=15))


def test_many_accounts_tried_from_one_network_close_it(session: Session) -> None:
    for number in range(8):
        sign_in(session, f"guess{number}@example.org", "Password123")
    with pytest.raises(TooMany):
        sign_in(session)
    assert sign_in(session, network="192.0.2.2") is not None


def test_right_passwords_are_not_counted(session: Session, cast: Cast) -> None:
    for _ in range(20):
        assert sign_in(session) == cast.ada


def test_a_password_kept_with_old_parameters_is_kept_anew(session: Session, cast: Cast, kept: str) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    session.execute(update(Member).where(Member.id == cast.ada).values(password_hash=old))
    assert sign_in(session) == cast.ada
    now = session.scalar(select(Member.password_hash).where(Member.id == cast.ada))
    assert now not in (old, None) and not passwords.is_outdated(str(now))
