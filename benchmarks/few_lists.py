"""Make the suggestions of those who sign in to be measured, and of nobody else: a large network is ready in minutes."""

from __future__ import annotations

from datetime import UTC, datetime

from benchmarks import people
from haln.app import create_app
from haln.db import db
from haln.people import upkeep


def main() -> None:
    app = create_app()
    refresher = app.extensions["haln_refresher"]
    with app.app_context():
        session, now = db.session(), datetime.now(UTC)
        refresher._indexes.build(session, now)
        for member_id in people.choose(session).signed_in:
            refresher.one(session, member_id, now)
            session.commit()
        upkeep.analyse(session)
        session.commit()


if __name__ == "__main__":
    main()
