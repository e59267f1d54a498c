"""HTTP: one module per page family, registered here."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from haln.taxonomy import vocabulary
from haln.views import (
    about,
    account,
    api,
    applications,
    audiences,
    coffee,
    coffee_rounds,
    cohorts,
    connections,
    delivery,
    directory,
    edge,
    errors,
    events,
    guard,
    imports,
    introductions,
    invitations,
    layout,
    learning,
    letters,
    meetings,
    members,
    network,
    news,
    newsletter_writing,
    newsletters,
    notifications,
    onboarding,
    organisations,
    outbox,
    outcomes,
    pathway_editing,
    pathways,
    plan_panels,
    plans,
    privacy,
    profile,
    publishing,
    refreshing,
    resources,
    seats,
    sets,
    statics,
    suggestions,
    topics,
    unsubscribe,
)

BLUEPRINTS = (
    about.blueprint,
    account.blueprint,
    api.blueprint,
    applications.blueprint,
    coffee.blueprint,
    coffee_rounds.blueprint,
    cohorts.blueprint,
    connections.blueprint,
    audiences.blueprint,
    delivery.blueprint,
    directory.blueprint,
    events.blueprint,
    imports.blueprint,
    introductions.blueprint,
    invitations.blueprint,
    learning.blueprint,
    meetings.blueprint,
    members.blueprint,
    *network.BLUEPRINTS,
    news.blueprint,
    newsletter_writing.blueprint,
    newsletters.blueprint,
    notifications.blueprint,
    onboarding.blueprint,
    outbox.blueprint,
    outcomes.blueprint,
    organisations.blueprint,
    pathway_editing.blueprint,
    pathways.blueprint,
    plan_panels.blueprint,
    plans.blueprint,
    privacy.blueprint,
    profile.blueprint,
    publishing.blueprint,
    resources.blueprint,
    seats.blueprint,
    sets.blueprint,
    suggestions.blueprint,
    topics.blueprint,
    unsubscribe.blueprint,
)


def register(app: Flask) -> None:
    """Install what all pages share, then the pages."""
    folder = str(app.config["VOCABULARY"])
    app.extensions["haln_vocabulary"] = vocabulary.load(Path(folder) if folder else None)
    CSRFProtect(app)
    edge.set_up(app)
    guard.set_up(app)
    statics.set_up(app)
    layout.set_up(app)
    errors.register(app)
    letters.set_up(app)
    refreshing.set_up(app)
    plans.set_up(app)
    network.set_up(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    edge.check_declared(app)
