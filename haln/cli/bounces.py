"""`flask haln bounces`: read what came back to the sender's mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext

from haln.cli import edge
from haln.post import return_reports, returns


@click.command("bounces")
@click.argument("source", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@with_appcontext
def bounces(source: Path) -> None:
    """Read mail that came back: a message or an mbox (a file, or - for standard input), or a Maildir.

    Of a Maildir the new messages are read, and then count as seen. Reading anything twice changes nothing.
    """
    session, read, reports, noted = edge.session(), 0, 0, 0
    secret = str(current_app.config["SECRET_KEY"])
    for path, raw in _messages(source):
        read += 1
        report = return_reports.read(raw)
        if report is not None:
            reports += 1
            noted += returns.take(session, report, secret, edge.now())
            session.commit()
        if path is not None:
            return_reports.see(path)
    click.echo(f"{read} messages read, {reports} of them reports, {noted} about mail of ours.")


def _messages(source: Path) -> Iterator[tuple[Path | None, bytes]]:
    """Messages one after the other, with the file of each where it has one."""
    if source.is_dir():
        yield from return_reports.new_in(source)
        return
    with click.open_file(str(source), "rb") as file:
        stream: IO[bytes] = file
        yield from ((None, raw) for raw in return_reports.split(stream))
