"""Every setting: its name, its default and what it means.

Settings come from the environment (`HALN_…`) and from `settings.toml` in the instance folder; the environment wins.
"""

from __future__ import annotations

import math
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from haln.errors import Misconfigured

Value = str | int | bool | float


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. Its type is its default's type."""

    name: str
    default: Value
    meaning: str
    required_in_production: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "ENVIRONMENT",
        "development",
        "development, test or production. Production refuses to start without its secrets.",
    ),
    Setting("SECRET_KEY", "", "Signs cookies and forms. Made and kept in the instance folder in development.", True),
    Setting("DATABASE_URL", "", "SQLAlchemy URL. Empty: haln.sqlite in the instance folder."),
    Setting(
        "PUBLIC_URL",
        "http://127.0.0.1:8000",
        "The address people use; links in mail are built from it and from nothing else.",
        True,
    ),
    Setting(
        "TRUSTED_HOSTS",
        "",
        "Host names that requests may carry, with commas between. Empty: that of PUBLIC_URL, and this machine.",
    ),
    Setting("PROXIES", 0, "How many trusted proxies stand before the server (their forwarded headers are believed)."),
    Setting("WORKERS", 2, "Processes of the server."),
    Setting("THREADS", 4, "Threads in each process of the server."),
    Setting("JOIN", "open", "open: anyone may join. invitation: only people who were invited."),
    Setting(
        "RESOURCES",
        "members",
        "members: only members read resources. everyone: what its authors publish to all is public, with a feed.",
    ),
    Setting("SESSION_DAYS", 14, "Days after which a sign-in ends by itself."),
    Setting("SIGN_IN_LIMIT", 5, "Wrong passwords for one account in 15 minutes before it must wait."),
    Setting("SIGN_IN_ADDRESS_LIMIT", 50, "Wrong passwords from one network address in 15 minutes before it must wait."),
    Setting("MAIL_LIMIT", 5, "Messages of one kind (verify, reset, invitation) for one address in an hour."),
    Setting("MAIL_ADDRESS_LIMIT", 50, "Messages that one network address may ask for in an hour."),
    Setting("OPEN_INTRODUCTIONS", 5, "Introductions that a member may have open at once."),
    Setting("INTRODUCTION_DAYS", 14, "Days after which an unanswered introduction lapses."),
    Setting("NOT_NOW_DAYS", 60, "Days for which “Not now” keeps somebody out of a member's suggestions."),
    Setting("TOPIC_BACKINGS", 5, "Live topics that a member may back at once."),
    Setting("TOPIC_BACKERS", 8, "Backers from which on an event or a cohort can be made of a topic."),
    Setting("CONFIRM_DAYS", 180, "Days after which a member is asked whether their profile is still right."),
    Setting("SUGGESTIONS", 12, "Suggestions in one member's list."),
    Setting("LEARN", True, "Whether suggestions are ranked by what came of this network's own past, too."),
    Setting(
        "EXPOSURE",
        6.0,
        "In how many lists one member may stand, as a multiple of the median; up to 16 times as many where lists would"
        " lose too much. 0: each list is the best for its owner.",
    ),
    Setting(
        "MATCHING_WORKERS",
        0,
        "Processes that make everybody's suggestions. 0: one for each processor, up to 8; one below 5,000 members.",
    ),
    Setting(
        "DASK_SCHEDULER",
        "",
        "Address of a Dask cluster (tcp:// or tls://) that makes everybody's suggestions. Empty: this machine does.",
    ),
    Setting("SMALL_NUMBER", 7, "Counts of people from 1 to this number are not shown where they are published."),
    Setting("UPLOAD_MEGABYTES", 10, "The largest file that is accepted."),
    Setting("MAIL_FROM", "HALN <no-reply@haln.example>", "The sender of all mail.", True),
    Setting(
        "SMTP_HOST", "", "Mail server. Empty: mail is written to the mail folder of the instance (development).", True
    ),
    Setting("SMTP_PORT", 587, "Port of the mail server."),
    Setting("SMTP_USERNAME", "", "Name at the mail server, if it asks for one."),
    Setting("SMTP_PASSWORD", "", "Password at the mail server."),
    Setting("SMTP_SECURITY", "starttls", "starttls, tls or none."),
    Setting("DIGEST_DAY", "tuesday", "Day of the week on which digests are sent: monday, tuesday, … in English."),
    Setting("DIGEST_HOUR", 8, "Hour at which digests are sent, 0 to 23, in TIME_ZONE."),
    Setting("LANGUAGES", "en,cy", "Languages that the interface offers, the first is the default."),
    Setting("TIME_ZONE", "Europe/London", "Time zone in which dates are shown."),
    Setting(
        "VOCABULARY",
        "",
        "Folder with this network's own vocabularies and wording. Empty: the ones that come with the product.",
    ),
    Setting("REGISTERS", "", "Folder of the registers. Empty: data/registers beside the program."),
    Setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def _convert(setting: Setting, raw: object) -> Value:
    kind = type(setting.default)
    try:
        if kind is bool:
            text = str(raw).strip().lower()
            if text not in _TRUE | _FALSE:
                raise ValueError(text)
            return text in _TRUE
        value: Value = kind(str(raw).strip()) if kind is not str else str(raw)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(value)
        return value
    except ValueError as error:
        raise Misconfigured(
            "The setting HALN_%(name)s cannot be %(value)s.", name=setting.name, value=repr(raw)
        ) from error


def _from_file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured("%(path)s cannot be read: %(why)s", path=path, why=error) from error
    named = {key.upper().removeprefix("HALN_"): value for key, value in found.items()}
    for name in named:
        if name not in _BY_NAME:
            raise Misconfigured("%(path)s has a setting that does not exist: %(name)s", path=path, name=name)
    return named


def instance_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of this machine's settings, database and indexes."""
    given = environ.get("HALN_INSTANCE", "")
    return Path(given).resolve() if given else Path(__file__).resolve().parent.parent / "instance"


def load(environ: Mapping[str, str], folder: Path) -> dict[str, Value]:
    """Read all settings.

    Raises Misconfigured for a value of the wrong kind, and in production for a missing secret.
    """
    given = _from_file(folder / "settings.toml")
    values: dict[str, Value] = {}
    for setting in SETTINGS:
        raw = environ.get(f"HALN_{setting.name}", given.get(setting.name))
        values[setting.name] = setting.default if raw is None else _convert(setting, raw)
    if values["ENVIRONMENT"] not in {"development", "test", "production"}:
        raise Misconfigured("HALN_ENVIRONMENT must be development, test or production.")
    if values["ENVIRONMENT"] == "production":
        _check_production(environ, given, values)
    elif not values["SECRET_KEY"]:
        values["SECRET_KEY"] = _kept_secret(folder)
    if not values["DATABASE_URL"]:
        values["DATABASE_URL"] = f"sqlite:///{folder / 'haln.sqlite'}"
    return values


def _check_production(environ: Mapping[str, str], given: Mapping[str, object], values: Mapping[str, Value]) -> None:
    missing = [
        f"HALN_{setting.name}"
        for setting in SETTINGS
        if setting.required_in_production
        and not str(environ.get(f"HALN_{setting.name}", given.get(setting.name, ""))).strip()
    ]
    if missing:
        raise Misconfigured("In production these settings are needed: %(names)s.", names=", ".join(missing))
    if len(str(values["SECRET_KEY"])) < 32:
        raise Misconfigured("HALN_SECRET_KEY is too short: use 32 characters or more.")
    if not str(values["PUBLIC_URL"]).startswith("https://"):
        raise Misconfigured("HALN_PUBLIC_URL must begin with https:// in production.")


def _kept_secret(folder: Path) -> str:
    """The development secret, made once; readable by its owner only."""
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")
