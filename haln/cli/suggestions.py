"""`flask haln suggestions`: make suggestions anew."""

from __future__ import annotations

from collections.abc import Mapping

import click
from flask import current_app
from flask.cli import AppGroup

from haln.cli import database, edge
from haln.connect.refresher import Refresher
from haln.learn.set_lists import SetLists
from haln.people import upkeep

group = AppGroup("suggestions", help="Make suggestions anew.")


@group.command("refresh")
@click.option("--member", "email", help="Only for the member with this e-mail address.")
def refresh(email: str | None) -> None:
    """Build the index and every list, of people and of sets to join; a run that was stopped goes on where it was.

    While another is under way it is refused, and that one goes on.
    """
    database.require_newest()
    refresher: Refresher = current_app.extensions["haln_refresher"]
    set_lists: SetLists = current_app.extensions["haln_set_lists"]
    session = edge.session()
    if email is not None:
        refresher.named(session, email, edge.now())
        set_lists.named(session, email, edge.now())
        session.commit()
        click.echo("One list was made.")
        return
    with refresher.alone(session):
        with edge.bar("Suggestions") as progress:
            written = refresher.everyone(session, edge.now(), progress)
        with edge.bar("Sets to join") as progress:
            changed = set_lists.everyone(session, edge.now(), progress)
        upkeep.analyse(session)
        session.commit()
    click.echo(
        f"{written.members} lists: {written.listed} suggestions are new, {written.kept} stay, {written.unlisted} went. "
        f"Sets to join: {changed} lists changed."
    )


@group.command("weights")
@click.option("--limit", type=click.IntRange(min=1), default=12, show_default=True, help="So many versions.")
def weights(limit: int) -> None:
    """List the weights that were learned, the newest first: what they are worth, and which are in use now."""
    database.require_newest()
    refresher: Refresher = current_app.extensions["haln_refresher"]
    set_lists: SetLists = current_app.extensions["haln_set_lists"]
    session = edge.session()
    found = refresher.versions(session, limit)
    if not found:
        click.echo("Nothing was learned yet: suggestions are ranked by the weights of other networks.")
    for one in found:
        fate = "accepted" if one.accepted else "refused"
        click.echo(
            f"{one.version:<14} {one.made_at:%Y-%m-%d %H:%M} {fate:<8} {one.value:.3f} against {one.value_before:.3f} "
            f"of {one.before}, {_lessons(one.lessons)}."
        )
    click.echo(f"In use: {refresher.in_use(session)} for people to meet, {set_lists.in_use(session)} for what to join.")


def _lessons(counts: Mapping[str, int]) -> str:
    judged = counts["last_month"]
    if "joined" in counts:
        return f"by what {judged} members joined; learned from what {counts['joined']} had joined before"
    return f"by {judged} members' new ties; learned from {counts['ties']} members' ties and {counts['answers']} answers"
