"""`flask haln network`: a real network from elsewhere, to try everything on; places in the picture."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from haln.cli import demo, edge
from haln.measure import picture_layout
from haln.people import networks, passwords, search_index
from haln.people.demonstration import signins

group = AppGroup("network", help="A real network from elsewhere, to try everything on; places in the picture.")


@group.command("load")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--limit", type=click.IntRange(min=3), help="Only so many members, and what is among them.")
def load(folder: Path, limit: int | None) -> None:
    """Load a network (members, texts, dated ties, groups) into an empty database; names are invented."""
    demo.refuse_in_production()
    session, now = edge.session(), edge.now()
    with edge.bar("Network") as progress:
        loaded = networks.load(session, folder, passwords.hashed(signins.PASSWORD), now, limit, progress)
    with edge.bar("Directory") as progress:
        search_index.catch_up(session, current_app.extensions["haln_vocabulary"], progress)
    session.commit()
    click.echo(loaded.title)
    click.echo(
        f"{loaded.members} members, {loaded.texts} texts, {loaded.connections} connections, "
        f"{loaded.learning_sets} learning sets with {loaded.memberships} memberships."
    )
    demo.print_sign_ins()


@group.command("layout")
def layout() -> None:
    """Work out now where members stand in the picture, starting from where they stood; the worker does it nightly."""
    members = picture_layout.make(edge.session(), current_app.extensions["haln_vocabulary"], edge.now())
    click.echo(f"{members} members have their places.")
