"""`flask haln export`: figures and the network as files, as the pages give them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup

from haln.cli import database, edge
from haln.measure import exports, exports_outcomes, facts, kept, questions
from haln.measure.exports import File
from haln.measure.exports_rows import Asked

group = AppGroup("export", help="Figures and the network as files.")

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--as-of", default="", help="The day, as in 2026-03-31; without it, today."),
    click.option("--known-on", default="", help="As it was known at the end of this day; without it, now."),
    click.option("--known-then", is_flag=True, help="Each day as it was known at its own end."),
    click.option("--evidence", default="", help="Connections that rest on this alone."),
    click.option("--without-hosts", is_flag=True, help="Leave out staff and facilitators."),
    click.option("--sector", default="", help="Members of this sector alone."),
    click.option("--region", default="", help="Members in this nation or region alone."),
    click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write."),
)


def _asking(command: Command) -> Command:
    """Give a command the options of a question."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OVERWRITE = click.option(
    "--overwrite", is_flag=True, help="Put what is for staff alone in place of a file of that name."
)


@group.command("figures")
@click.option("--format", "form", type=click.Choice(list(exports.FIGURES)), default="csv", show_default=True)
@click.option("--figure", "keys", multiple=True, help="Only this figure; may be given more than once.")
@click.option("--mark", is_flag=True, help="Begin a CSV file with the byte order mark that some spreadsheets ask for.")
@click.option(
    "--by", multiple=True, type=click.Choice(exports.BY), help="Every figure of each group of this kind, too."
)
@click.option("--exact", is_flag=True, help="Hide and round nothing: for staff alone. It is written down.")
@_OVERWRITE
@_asking
def figures(
    form: str,
    keys: tuple[str, ...],
    mark: bool,
    by: tuple[str, ...],
    exact: bool,
    overwrite: bool,
    output: Path,
    **given: Any,
) -> None:
    """Write figures at the ends of 36 months and on the day; without --exact, fit to be published."""
    database.require_newest()
    _refuse_there(output, overwrite or not exact)
    asked = replace(_asked(given, keys, exact), by=by)
    session = edge.session()
    with edge.reading():
        found = facts.read(session, current_app.extensions["haln_vocabulary"])
        ahead = partial(kept.read_rows, session, found)
        file = exports.figures_file(found, asked, form, mark=mark, kept=ahead)
    _write(asked, file, output)


@group.command("network")
@click.option("--format", "form", type=click.Choice(list(exports.GRAPHS)), default="graphml", show_default=True)
@_OVERWRITE
@_asking
def network(form: str, overwrite: bool, output: Path, **given: Any) -> None:
    """Write who is tied to whom, without names: for staff alone. It is written down."""
    database.require_newest()
    _refuse_there(output, overwrite)
    asked = _asked(given, (), exact=True)
    with edge.reading():
        found = facts.read(edge.session(), current_app.extensions["haln_vocabulary"])
        file = exports.network_file(found, asked, form)
    _write(asked, file, output)


@group.command("report")
@click.option("--language", default="", help="A language that the network speaks, as in cy; without it, its first.")
@_asking
def report(language: str, output: Path, **given: Any) -> None:
    """Write the report for a funder as a PDF: to be published. Stories name only whom everybody may see."""
    database.require_newest()
    offered = [code.strip() for code in str(current_app.config["LANGUAGES"]).split(",")]
    if language and language not in offered:
        raise click.BadParameter(f"The network speaks: {', '.join(offered)}.", param_hint="--language")
    question = _asked(given, (), exact=False).question
    with edge.reading():
        file: File = current_app.extensions["haln_report_file"](question, language or offered[0])
    edge.write(output, file.content)
    click.echo(f"{output}: {len(file.content)} bytes, as of {question.as_of}.")


@group.command("outcomes")
@click.option("--format", "form", type=click.Choice(list(exports.FIGURES)), default="csv", show_default=True)
@click.option("--as-of", default="", help="The day, as in 2026-03-31; without it, today.")
@click.option("--known-on", default="", help="What was told by the end of this day.")
@click.option("--known-then", is_flag=True, help="Each day as it was known at its own end.")
@click.option("--mark", is_flag=True, help="Begin a CSV file with the byte order mark that some spreadsheets ask for.")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
def outcomes(form: str, as_of: str, known_on: str, known_then: bool, mark: bool, output: Path) -> None:
    """Write how often what came of connections, sets and events, at 36 month ends and on the day: to be published."""
    database.require_newest()
    said = {"as_of": as_of, "known_on": known_on, "known": "then" if known_then else ""}
    question = questions.asked(said, _today(), current_app.extensions["haln_vocabulary"])
    threshold = int(current_app.config["SMALL_NUMBER"])
    with edge.reading():
        file = exports_outcomes.outcomes_file(edge.session(), question, threshold, edge.now(), form, mark=mark)
    edge.write(output, file.content)
    click.echo(f"{output}: {len(file.content)} bytes, as of {question.as_of}.")


def _refuse_there(output: Path, overwrite: bool) -> None:
    """Before anything is worked out and written down: a file that is there is not lost to one for staff alone."""
    if output.exists() and not overwrite:
        raise click.ClickException(f"{output} is there already. Name another file, or say --overwrite.")


def _today() -> date:
    return edge.now().astimezone(ZoneInfo(str(current_app.config["TIME_ZONE"]))).date()


def _asked(given: dict[str, Any], keys: tuple[str, ...], exact: bool) -> Asked:
    today = _today()
    said = {
        "as_of": given["as_of"],
        "known_on": given["known_on"],
        "known": "then" if given["known_then"] else "",
        "hosts": "without" if given["without_hosts"] else "",
        "evidence": given["evidence"],
        "sector": given["sector"],
        "region": given["region"],
    }
    question = questions.asked(said, today, current_app.extensions["haln_vocabulary"])
    return Asked(question, today, int(current_app.config["SMALL_NUMBER"]), keys, exact)


def _write(asked: Asked, file: File, output: Path) -> None:
    """Write the file; what is not for publication is written down before it is there."""
    session = edge.session()
    if asked.exact:
        exports.record(session, None, asked, file, edge.now())
        session.commit()
    edge.write(output, file.content, private=asked.exact)
    click.echo(f"{output}: {len(file.content)} bytes, as of {asked.question.as_of}.")
