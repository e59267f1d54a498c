"""`flask haln …`: thin commands. Each calls one domain function, commits, and prints."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from haln.cli import (
    backup,
    bounces,
    database,
    demo,
    export,
    members,
    network,
    registers,
    serve,
    settings,
    suggestions,
    work,
)
from haln.errors import HalnError


class HalnGroup(AppGroup):
    """A group whose refusals are one sentence on standard error and exit code 1, never a trace.

    What only one command needs and is long to load is loaded with it.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands by name."""
        return sorted([*super().list_commands(ctx), "evaluate"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command."""
        if cmd_name == "evaluate":
            from haln.cli.evaluate import evaluate

            return evaluate
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; say what the domain refuses."""
        try:
            return super().invoke(ctx)
        except HalnError as error:
            raise click.ClickException(error.text) from error


haln = HalnGroup("haln", help="Run the network: database, registers, members, suggestions, mail.")
haln.add_command(backup.backup)
haln.add_command(backup.held)
haln.add_command(backup.restore)
haln.add_command(backup.verify)
haln.add_command(bounces.bounces)
haln.add_command(database.group)
haln.add_command(demo.group)
haln.add_command(export.group)
haln.add_command(members.group)
haln.add_command(network.group)
haln.add_command(registers.group)
haln.add_command(serve.serve)
haln.add_command(settings.settings)
haln.add_command(suggestions.group)
haln.add_command(work.work)


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(haln)
