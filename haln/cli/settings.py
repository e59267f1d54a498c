"""`flask haln settings`: the settings and what they are set to."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from haln.config import SETTINGS, Setting

SECRET = frozenset({"SECRET_KEY", "SMTP_PASSWORD", "DATABASE_URL"})


@click.command("settings")
@click.option("--page", is_flag=True, help="Print the page for docs/settings.md instead.")
@with_appcontext
def settings(page: bool) -> None:
    """List every setting and its value here; secrets are not shown."""
    if page:
        click.echo(as_page(), nl=False)
        return
    for setting in SETTINGS:
        value = current_app.config[setting.name]
        shown = "(set)" if value and setting.name in SECRET else value
        click.echo(f"HALN_{setting.name}={shown}")


def as_page() -> str:
    """The settings as a page of the documentation."""
    rows = "".join(_row(setting) for setting in SETTINGS)
    return f"""# Settings

Made by `make docs-settings`; the source is `haln/config.py`.

A setting is an environment variable, or a line of `settings.toml` in the instance folder with the name in capitals or
small letters, with or without `HALN_` (`public_url = "https://network.example"`). The environment wins. The
instance folder itself is named by `HALN_INSTANCE` alone. `flask haln settings` shows what is set on a machine.

| setting | default | meaning |
|---|---|---|
{rows}"""


def _row(setting: Setting) -> str:
    needed = " **Needed in production.**" if setting.required_in_production else ""
    default = f"`{setting.default}`" if setting.default != "" else ""
    return f"| `HALN_{setting.name}` | {default} | {setting.meaning}{needed} |\n"
