"""`flask haln members`: bring members in from a file, and say who is staff."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from haln.access import Audience
from haln.cli import database, edge
from haln.errors import TooLarge
from haln.people import audiences, search_index
from haln.people.imports import applying
from haln.people.imports.planning import Outcome, plan, refused_file
from haln.people.imports.tables import MEGABYTE, MOST_BYTES

group = AppGroup("members", help="Bring members in, and say who is staff.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--agreed", is_flag=True, help="These people have agreed to be listed; otherwise they are invited.")
@click.option("--refused", "refused_path", type=click.Path(path_type=Path), help="Write the refused rows here.")
def import_members(file: Path, dry_run: bool, agreed: bool, refused_path: Path | None) -> None:
    """Bring members in from a CSV or XLSX FILE: all of its good rows, or nothing."""
    if file.stat().st_size > MOST_BYTES:  # before it is read into memory
        raise TooLarge(
            "The file has %(size)s MB; at most %(most)s MB are read.",
            size=f"{file.stat().st_size / MEGABYTE:.0f}",
            most=MOST_BYTES // MEGABYTE,
        )
    database.require_newest()
    session = edge.session()
    table = applying.read_members(file.read_bytes(), file.name)
    with edge.reading() if dry_run else nullcontext():
        made = plan(session, table, current_app.extensions["haln_vocabulary"], edge.now().date())
    for row in made.of(Outcome.REFUSED):
        click.echo(f"line {row.entry.line}: {' '.join(reason.text for reason in row.reasons)}", err=True)
    if refused_path and made.count(Outcome.REFUSED):
        edge.write(refused_path, refused_file(table, made, lambda reason: reason.text), private=True)
    verb = "would be"
    if not dry_run:
        applying.apply(session, None, made, agreed, edge.now())
        search_index.catch_up(session, current_app.extensions["haln_vocabulary"])
        session.commit()
        verb = "were"
    click.echo(
        f"{made.count(Outcome.CREATE)} members {verb} added, {made.count(Outcome.UPDATE)} changed; "
        f"{made.count(Outcome.UNCHANGED)} unchanged, {made.count(Outcome.REFUSED)} refused."
    )


@group.command("audience")
@click.argument("address")
@click.argument("audience", type=click.Choice([one.value for one in Audience]))
def audience(address: str, audience: str) -> None:
    """Make the member with this ADDRESS staff, a facilitator, or a member again. They must have joined."""
    database.require_newest()
    name = audiences.change_at(edge.session(), address, Audience(audience), edge.now())
    edge.session().commit()
    click.echo(f"{name}: {audience}.")
