"""The settings as operators see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from haln.cli.settings import as_page

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "settings.md"


def test_the_page_of_settings_is_the_one_that_the_program_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_page(), "run make docs-settings"


@pytest.fixture
def settings() -> dict[str, object]:
    return {"SMTP_PASSWORD": "hunter2"}


def test_the_command_shows_values_and_hides_secrets(app: Flask) -> None:
    shown = app.test_cli_runner().invoke(args=["haln", "settings"]).output
    assert "HALN_JOIN=open\n" in shown
    assert "HALN_SMTP_PASSWORD=(set)\n" in shown
    assert "hunter2" not in shown
    assert "a key for tests only" not in shown
