"""Settings: kinds, files, and what production insists on."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from haln import config
from haln.errors import Misconfigured

PRODUCTION = {
    "HALN_ENVIRONMENT": "production",
    "HALN_SECRET_KEY": "x" * 40,
    "HALN_PUBLIC_URL": "https://network.example",
    "HALN_MAIL_FROM": "Network <post@network.example>",
    "HALN_SMTP_HOST": "mail.network.example",
}


def test_production_starts_with_its_secrets(tmp_path: Path) -> None:
    assert config.load(PRODUCTION, tmp_path)["ENVIRONMENT"] == "production"


@pytest.mark.parametrize("missing", sorted(set(PRODUCTION) - {"HALN_ENVIRONMENT"}))
def test_production_refuses_to_start_without(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(Misconfigured, match=missing):
        config.load(given, tmp_path)


def test_production_refuses_a_short_secret(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="too short"):
        config.load(PRODUCTION | {"HALN_SECRET_KEY": "short"}, tmp_path)


def test_production_refuses_an_address_without_encryption(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="https"):
        config.load(PRODUCTION | {"HALN_PUBLIC_URL": "http://network.example"}, tmp_path)


def test_the_development_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = config.load({}, tmp_path)["SECRET_KEY"]
    assert config.load({}, tmp_path)["SECRET_KEY"] == first
    assert len(str(first)) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('sign_in_limit = 9\njoin = "invitation"\n')
    found = config.load({"HALN_SIGN_IN_LIMIT": "4"}, tmp_path)
    assert (found["SIGN_IN_LIMIT"], found["JOIN"]) == (4, "invitation")


@pytest.mark.parametrize(
    ("text", "why"), [("sign_in_limit = [", "cannot be read"), ("colour = 3", "does not exist: COLOUR")]
)
def test_a_wrong_file_is_one_sentence(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(Misconfigured, match=why):
        config.load({}, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"), [("SIGN_IN_LIMIT", "many"), ("EXPOSURE", "nan"), ("EXPOSURE", "inf"), ("EXPOSURE", "1e400")]
)
def test_a_value_of_the_wrong_kind_is_one_sentence(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=f"HALN_{name} cannot be '{value}'"):
        config.load({f"HALN_{name}": value}, tmp_path)


def test_every_setting_says_what_it_means() -> None:
    assert all(setting.meaning.endswith(".") and len(setting.meaning) > 15 for setting in config.SETTINGS)
