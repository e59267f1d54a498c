"""One process that measures refreshing on the network its environment names; prints figures as JSON (ms and MB)."""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sklearn.feature_extraction.text import TfidfVectorizer
from sqlalchemy import select

from haln.app import create_app
from haln.db import db
from haln.matching import ready
from haln.models import Member
from haln.people import changes

ONE_BY_ONE = 30


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def main(rounds: int) -> None:
    app = create_app()
    refresher = app.extensions["haln_refresher"]
    ready.warm_up()
    figures: dict[str, list[float]] = {"everyone": [], "one member": [], "plain cosine of texts, everyone": []}
    with app.app_context():
        session = db.session()
        now = datetime.now(UTC)
        active = select(Member.id, Member.biography).where(Member.standing == "active").order_by(Member.id)
        members = session.execute(active).all()
        chosen = random.Random(1).sample([row.id for row in members], min(ONE_BY_ONE, len(members)))
        for _ in range(rounds):
            figures["plain cosine of texts, everyone"].append(
                milliseconds(lambda: plain([r.biography for r in members]))
            )
            figures["everyone"].append(
                milliseconds(lambda: refresher.everyone(session, datetime.now(UTC), lambda _done, _total: None))
            )
        for member_id in chosen:
            changes.touch(session, [member_id], now)
            session.commit()

            def one(member_id: int = member_id) -> None:
                refresher.one(session, member_id, now)
                session.commit()

            figures["one member"].append(milliseconds(one))
    figures["memory, MB"] = [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]
    json.dump(figures, sys.stdout)


def plain(texts: list[str], block: int = 500) -> None:
    """The best twenty for everyone, block by block."""
    matrix = TfidfVectorizer(sublinear_tf=True).fit_transform(texts).tocsr()
    transposed = matrix.T.tocsr()
    for start in range(0, matrix.shape[0], block):
        likeness = (matrix[start : start + block] @ transposed).toarray()
        likeness.argpartition(-20, axis=1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
