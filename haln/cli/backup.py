"""`flask haln backup`, `verify`, `restore`, `held`: keep the network's data, and bring it back."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from haln.cli import database, due, edge
from haln.errors import Conflict
from haln.post import holding
from haln.recovery import restoring, taking
from haln.recovery.manifest import Manifest
from haln.recovery.settling import Settled

_FILE = click.Path(path_type=Path)


@click.command("backup")
@click.argument("path", metavar="FILE_OR_FOLDER", type=_FILE)
@click.option("--keep", type=click.IntRange(min=1), help="Keep so many backups in the FOLDER; delete older ones.")
@click.option("--overwrite", is_flag=True, help="Put it in place of a file of that name.")
@with_appcontext
def backup(path: Path, keep: int | None, overwrite: bool) -> None:
    """Back up the database into a FILE, or into a FOLDER of many, while the service runs.

    It holds everything about everybody: keep it like the database. It does not hold settings and secrets.
    """
    now, folder = edge.now(), path.is_dir()
    if keep is not None and not folder:
        raise Conflict("--keep is for a folder: name one that exists.")
    file = taking.name_for(path, now) if folder else path.absolute()
    told = taking.take(str(current_app.config["DATABASE_URL"]), file, now, overwrite)
    click.echo(f"{file}: {_size(file)} MB, {_said(told)}")
    if told.left_out:
        click.echo(f"Not in it, for it is not HALN's: {', '.join(told.left_out)}.")
    if told.broken:
        click.echo(
            f"Warning: rows of {told.broken} point to rows that are missing. This backup holds what there is, and "
            "cannot be restored until that is mended. No older one was deleted.",
            err=True,
        )
        return
    if keep is not None:
        gone = taking.rotate(path, keep)
        click.echo(f"{len(gone)} older backups deleted.")


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f}"


def _said(told: Manifest) -> str:
    people = told.rows.get("member", 0)
    return (
        f"{told.database}, tables {told.revision} of version {told.version}, "
        f"{people} members, {sum(told.rows.values())} rows in all, of {_moment(told.taken_at)}."
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


@click.command("verify")
@click.argument("path", metavar="FILE", type=_FILE)
@with_appcontext
def verify(path: Path) -> None:
    """Read a backup back, whole, and check it: sums, rows, tables, and of SQLite foreign keys. Nothing is changed."""
    folder = Path(current_app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    found = taking.verify(path, folder)
    click.echo(f"{path} is good: {_said(found.manifest)}")
    if not found.tables:
        click.echo(
            "Its tables are of a version that this one does not know; they were not compared with what they must be."
        )
    if not found.keys:
        click.echo("Its foreign keys were not checked; restoring it does.")
    if found.foreign:
        click.echo(f"Not HALN's, and will not be restored: {', '.join(found.foreign)}.")


@click.command("restore")
@click.argument("path", metavar="FILE", type=_FILE)
@click.option("--replace", is_flag=True, help="There are people in the database; put the backup in their place.")
@click.option("--moved", is_flag=True, help="The service has stood still since: end no sign-in and hold no mail back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def restore(path: Path, replace: bool, moved: bool, yes: bool) -> None:
    """Bring back the database of a backup FILE. Stop the server and the workers first.

    Everybody must sign in again, and mail that may have been sent since is held back until you decide (haln held).
    """
    if replace and not yes:
        click.confirm("Everything since the backup was taken will be gone from the network. Go on?", abort=True)
    folder = Path(current_app.instance_path)
    lent = restoring.Edge(
        open=current_app.extensions["haln_beside"],
        catch_up=due.catch_up,
        clock=edge.now,
        forget_indexes=lambda: shutil.rmtree(folder / "index", ignore_errors=True),
        tell=click.echo,
    )
    url = str(current_app.config["DATABASE_URL"])
    done = restoring.restore(path, url, folder, lent, replace=replace, moved=moved)
    click.echo(f"Restored: {_said(done.manifest)}")
    for line in _told(done, moved):
        click.echo(line)


def _told(done: restoring.Restored, moved: bool) -> list[str]:
    lines = []
    if done.aside is not None:
        lines.append(f"What was there is in {done.aside}. Delete it when all is well.")
    if not done.readable:
        lines.append("It could not be read: who erased themselves since the backup is here again. Ask, and erase them.")
    if done.foreign:
        lines.append(f"Not HALN's, and not restored: {', '.join(done.foreign)}.")
    lines += [sentence % count for count, sentence in _since(done.settled) if count]
    if done.lost_erasures:
        lines.append(
            f"{done.lost_erasures} members erased there are somebody else in the backup; look in what was there."
        )
    if not moved:
        told = done.settled
        lines.append(f"{told.sign_ins} sign-ins and {told.keys} keys of programs were ended; links in mail were too.")
        lines.append(f"{told.letters} letters are held back. See them with: flask --app wsgi haln held list")
    return lines


def _since(told: Settled) -> list[tuple[int, str]]:
    return [
        (told.erased, "%d members who were erased since the backup were erased again."),
        (told.left, "%d members who left since the backup left again."),
        (told.blocks, "%d blocks since the backup were put in place again."),
        (told.stopped, "%d addresses that mail was stopped to since the backup get none."),
        (told.unsubscribed, "%d members who stopped a kind of mail since the backup get none of it."),
        (told.hidden, "%d members who hid something, paused or opted out since the backup are as hidden as they were."),
    ]


held = AppGroup("held", help="Decide on the mail that a restore held back.")
_KIND = click.option("--kind", "kinds", multiple=True, help="Only letters of this kind; may be said again.")


@held.command("list")
def held_list() -> None:
    """Say how many letters of each kind are held back."""
    database.require_newest()
    found = holding.counts(edge.session())
    for kind, count in found.items():
        click.echo(f"{count:>7}  {kind}")
    click.echo(f"{sum(found.values())} letters are held back.")


def _check(kinds: tuple[str, ...]) -> None:
    """Refuse a kind of which no letter is held back, and name those of which there are."""
    database.require_newest()
    there = holding.counts(edge.session())
    for kind in kinds:
        if kind not in there:
            told = f"There are letters of these: {', '.join(there)}." if there else "None of any kind is."
            raise click.ClickException(f"No letter of the kind “{kind}” is held back. {told}")


@held.command("send")
@_KIND
def held_send(kinds: tuple[str, ...]) -> None:
    """Let them go, those that are still wanted."""
    _check(kinds)
    count = holding.let_go(edge.session(), kinds, edge.now())
    edge.session().commit()
    click.echo(f"{count} letters wait for the worker.")


@held.command("drop")
@_KIND
def held_drop(kinds: tuple[str, ...]) -> None:
    """Never send them."""
    _check(kinds)
    count = holding.drop(edge.session(), kinds, edge.now())
    edge.session().commit()
    click.echo(f"{count} letters will not be sent.")
