"""`flask haln demo`: a network of invented people to try everything on."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from haln.cli import edge
from haln.connect import coffee_demonstration
from haln.errors import Conflict
from haln.learn.demonstration import events, pathways, resources, short_pathway, topics
from haln.learn.demonstration import writing as learning
from haln.people import passwords, registers, search_index
from haln.people.demonstration import employers, signins, writing
from haln.post import demonstration, digest_times
from haln.post.newsletters import demonstration as newsletter


@click.group("demo", cls=AppGroup, invoke_without_command=True)
@click.option("--members", default=1800, show_default=True, type=click.IntRange(40, 1_000_000))
@click.option("--months", default=36, show_default=True, type=click.IntRange(3, 240))
@click.option("--seed", default=2026, show_default=True, help="Another seed, other people.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The day after the last of the months. Default: today."
)
@click.pass_context
@with_appcontext
def group(ctx: click.Context, members: int, months: int, seed: int, until: datetime | None) -> None:
    """Make a network of invented people, in an empty database, to try everything on."""
    if ctx.invoked_subcommand is None:
        _make(members, months, seed, until)


@group.command("signins")
def show_sign_ins() -> None:
    """Say with which addresses and password one can sign in."""
    print_sign_ins()


def print_sign_ins() -> None:
    """Print the addresses and the password, or refuse where there are none."""
    found = signins.sign_ins(edge.session())
    if not found:
        raise Conflict("Nobody signs in here with a demonstration's password.")
    width = max(len(one.email) for one in found)
    for one in found:
        click.echo(f"{one.who:<12} {one.email:<{width}}  {one.name}")
    click.echo(f"Password of all: {signins.PASSWORD}")


def refuse_in_production() -> None:
    """Refuse where a published password would open accounts that anybody can reach."""
    if current_app.config["ENVIRONMENT"] == "production":
        raise Conflict("This makes sign-ins with a published password, which must not be in production.")


def _make(members: int, months: int, seed: int, until: datetime | None) -> None:
    """Make the demonstration, loading the registers first where there are none."""
    refuse_in_production()
    session, now = edge.session(), edge.now()
    if not employers.any_there(session):
        with edge.bar("Registers") as progress:
            registers.load(session, registers.folder_of(str(current_app.config["REGISTERS"])), now, progress)
    wanted = writing.Wanted(members, months, seed, (until or now).date())
    vocabulary = current_app.extensions["haln_vocabulary"]
    with edge.bar("Demonstration") as progress:
        written = writing.write(session, vocabulary, wanted, passwords.hashed(signins.PASSWORD), now, progress)
    with edge.bar("Learning sets") as progress:
        zone = ZoneInfo(str(current_app.config["TIME_ZONE"]))
        learned = learning.write(session, vocabulary, wanted, progress, zone)
    held = events.write(session, vocabulary, wanted, zone)
    with edge.bar("Coffee rounds") as progress:
        coffee = coffee_demonstration.write(session, lambda code: vocabulary.top_sector(code).code, wanted, progress)
    with edge.bar("Resources") as progress:
        written_down = resources.write(session, vocabulary, wanted, progress)
    walking = pathways.write(session, wanted)
    short_pathway.write(session, wanted)
    proposed = topics.write(session, wanted)
    days = digest_times.days(str(current_app.config["DIGEST_DAY"]), int(current_app.config["DIGEST_HOUR"]), zone)
    readers = demonstration.write(session, wanted, days)
    issues = newsletter.write(session, wanted, zone)
    with edge.bar("Directory") as progress:
        search_index.catch_up(session, vocabulary, progress)
    session.commit()
    click.echo(
        f"{written.members} members, {written.connections} connections, {written.introductions} introductions, "
        f"{written.learning_sets} learning sets, {learned.cohorts} cohorts, {learned.applications} applications, "
        f"{learned.sessions} sessions, {held} events, {coffee} coffee rounds, {written_down} resources, "
        f"{walking} people in learning pathways, {proposed} topics, {readers} who want a digest, {issues} newsletters."
    )
