"""Places in the picture, by the worker once a day and by hand at any time."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from haln.measure import picture_layout
from haln.people import versions
from tests.builders import NOW, Cast


def ran(app: Flask, *words: str) -> str:
    done = app.test_cli_runner().invoke(args=["haln", *words])
    assert done.exit_code == 0, done.output
    return str(done.output)


def test_the_worker_places_everybody_once_a_day(app: Flask, session: Session, cast: Cast) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    assert "Picture: 6 members have their places." in ran(app, "work", "--once")
    assert "Picture" not in ran(app, "work", "--once")


def test_places_are_made_by_hand_whether_they_are_due_or_not(app: Flask, session: Session, cast: Cast) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    for _ in range(2):
        assert "6 members have their places." in ran(app, "network", "layout")
        session.rollback()
    found = picture_layout.stored(session)
    assert found is not None and sorted(found.places) == sorted(cast.everyone())
