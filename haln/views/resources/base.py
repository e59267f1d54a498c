"""What all pages of resources share: the blueprint, the tabs, and whether everyone may read."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, request, url_for

from haln.access import Permission
from haln.errors import NotFound
from haln.views import edge
from haln.views.speech import gettext

blueprint = Blueprint("resources", __name__)


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the resources' pages."""

    label: str
    url: str
    current: bool
    count: int | None = None


def tabs() -> list[Tab]:
    """The tabs, as far as they are for whoever looks."""
    actor = edge.maybe_actor()
    if actor is None or not actor.may(Permission.NETWORK):
        return []
    pages = [
        ("resources.index", gettext("Find")),
        ("resources.bookmarks", gettext("Your bookmarks")),
        ("resources.mine", gettext("Your writing")),
    ]
    if actor.may(Permission.REVIEW_RESOURCES):
        pages.append(("resources.reviews", gettext("To review")))
    return [Tab(label, url_for(endpoint), request.endpoint == endpoint) for endpoint, label in pages]


def is_public() -> bool:
    """Whether the network lets everyone read what its authors publish to all."""
    return str(current_app.config["RESOURCES"]) == "everyone"


def public_only() -> None:
    """Refuse a page for everyone where the network has none. Raises NotFound."""
    if not is_public():
        raise NotFound("There is no such page, or it is not for you.")
