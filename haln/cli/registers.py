"""`flask haln registers`: the open registers of organisations and places."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from haln.cli import edge
from haln.people import registers
from haln.people.register_loading import Counts

group = AppGroup("registers", help="The open registers of organisations and places.")


@group.command("load")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the files are, if not where the setting says.")
def load(folder: Path | None) -> None:
    """Bring organisations and places up to date with the registers."""
    session = edge.session()
    with edge.bar("Registers") as progress:
        report = registers.load(
            session, folder or registers.folder_of(str(current_app.config["REGISTERS"])), edge.now(), progress
        )
    session.commit()
    click.echo(f"Places: {_said(report.places)}.")
    click.echo(f"Organisations: {_said(report.organisations)}.")


def _said(counts: Counts) -> str:
    return f"{counts.created} added, {counts.updated} changed, {counts.ended} ended, {counts.unchanged} unchanged"
