"""What the frame of every page shows: network, navigation, account, language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, g, render_template, request, session, url_for
from flask_babel import Babel, lazy_gettext
from markupsafe import Markup

from haln.access import Actor, Permission
from haln.people import beginnings
from haln.post import notices
from haln.views import edge, words
from haln.views.speech import gettext, template_gettext, template_ngettext

blueprint = Blueprint("layout", __name__)
LANGUAGE_NAMES = {"en": "English", "cy": "Cymraeg"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the frame. `runs`: not to what every member does, but to what runs the network."""

    url: str
    label: Any
    icon: str = ""
    current: bool = False
    count: int | None = None
    code: str = ""
    runs: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the navigation: which page, for whom, and the families of pages it stands for beside its own."""

    endpoint: str
    label: Any
    icon: str
    permission: Permission
    also: frozenset[str] = frozenset()


PLANS = frozenset({"plans", "plan_panels", "publishing"})
FIGURES = frozenset(
    {
        "network_activities",
        "network_corrections",
        "network_files",
        "network_gaps",
        "network_growth",
        "network_mixing",
        "network_picture",
        "network_outcomes",
        "network_report",
        "network_set_corrections",
        "network_tie_corrections",
    }
)
CAME_OF = frozenset({"outcomes"})
NEWSLETTERS = frozenset({"newsletter_writing"})
POST = frozenset({"delivery"})
COFFEE = frozenset({"coffee_rounds"})
WRITING_PATHWAYS = frozenset({"pathway_editing"})
JOINING = frozenset({"applications", "seats", "sets"})

NAVIGATION: list[Entry] = [
    Entry("suggestions.index", lazy_gettext("Suggestions"), "stars", Permission.NETWORK),
    Entry("introductions.index", lazy_gettext("Introductions"), "chat-heart", Permission.NETWORK),
    Entry("connections.index", lazy_gettext("Connections"), "diagram-3", Permission.NETWORK, CAME_OF),
    Entry("learning.index", lazy_gettext("Learning sets"), "collection", Permission.NETWORK, JOINING),
    Entry("directory.index", lazy_gettext("Directory"), "people", Permission.NETWORK),
    Entry("events.index", lazy_gettext("Events"), "calendar-event", Permission.NETWORK),
    Entry("topics.index", lazy_gettext("Topics"), "lightbulb", Permission.NETWORK),
    Entry("coffee.index", lazy_gettext("Coffee rounds"), "cup-hot", Permission.NETWORK, COFFEE),
    Entry("resources.index", lazy_gettext("Resources"), "book", Permission.NETWORK),
    Entry("pathways.index", lazy_gettext("Pathways"), "signpost-split", Permission.NETWORK, WRITING_PATHWAYS),
    Entry("cohorts.index", lazy_gettext("Cohorts"), "person-raised-hand", Permission.FORM_SETS, PLANS),
    Entry("sets.index", lazy_gettext("Running sets"), "activity", Permission.FORM_SETS),
    Entry("invitations.index", lazy_gettext("Invite"), "person-plus", Permission.INVITE),
    Entry("organisations.index", lazy_gettext("Organisations"), "building", Permission.MANAGE_ORGANISATIONS),
    Entry("audiences.index", lazy_gettext("Staff and facilitators"), "shield-check", Permission.MANAGE_MEMBERS),
    Entry("imports.index", lazy_gettext("Bring members in"), "upload", Permission.IMPORT_MEMBERS),
    Entry("newsletters.index", lazy_gettext("Newsletter"), "envelope", Permission.WRITE_NEWSLETTERS, NEWSLETTERS),
    Entry("network.overview", lazy_gettext("Network"), "graph-up", Permission.SEE_MEASURES, FIGURES),
    Entry("outbox.index", lazy_gettext("Outbox"), "send", Permission.SEE_POST, POST),
]
"""The main navigation, in order."""

ACCOUNT: list[Entry] = [
    Entry("profile.own", lazy_gettext("Your profile"), "person", Permission.OWN_ACCOUNT),
    Entry("news.index", lazy_gettext("Newsletters"), "envelope", Permission.NETWORK),
    Entry("account.settings", lazy_gettext("Your account"), "gear", Permission.OWN_ACCOUNT),
]
"""The menu under one's name."""

FOOTER: list[Entry] = [
    Entry("about.privacy", lazy_gettext("Privacy"), "", Permission.PUBLIC),
    Entry("about.accessibility", lazy_gettext("Accessibility"), "", Permission.PUBLIC),
    Entry("about.data", lazy_gettext("Open data we use"), "", Permission.PUBLIC),
]


@dataclass(frozen=True, slots=True)
class Account:
    """The signed-in person in the frame. `bell`: the page of their notifications, for whoever takes part.

    `unread`: how many they have not read. Who may have some is known with who they are, so that most pages ask nothing
    more for it, and the others once.
    """

    name: str
    tone: str
    sign_out_url: str
    bell: str = ""
    unread: int = 0
    mail_stopped: str = ""


def set_up(app: Flask) -> None:
    """Install translations and what templates may use."""
    Babel(app, locale_selector=chosen_language)
    # A page asks for some hundred strings: it looks its catalogue up once, not for each of them.
    app.jinja_env.install_gettext_callables(template_gettext, template_ngettext, newstyle=True)  # type: ignore[attr-defined]  # of Jinja's i18n extension
    app.extensions["haln_frames"] = {}
    app.register_blueprint(blueprint)
    app.context_processor(_frame)
    app.jinja_env.filters["initials"] = initials
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def initials(name: str) -> str:
    """The first letters of the first and the last name, for avatars."""
    words = name.split() or ["?"]
    return words[0][0] + (words[-1][0] if len(words) > 1 else "")


def languages() -> list[str]:
    """The codes of the languages offered."""
    return [code.strip() for code in str(current_app.config["LANGUAGES"]).split(",")]


def chosen_language() -> str:
    """The reader's language: asked for now, chosen before, set in the account, the browser's, the default."""
    if "language" in g:
        return str(g.language)
    offered = languages()
    asked = request.args.get("lang", "")
    if asked in offered:
        session["language"] = asked
    actor = edge.maybe_actor()
    known = asked if asked in offered else session.get("language") or (actor.language if actor else None)
    g.language = known if known in offered else request.accept_languages.best_match(offered) or offered[0]
    return str(g.language)


@edge.page(blueprint, "/theme.css", Permission.PUBLIC)
def theme() -> Response:
    """The network's own colours."""
    sectors = current_app.extensions["haln_vocabulary"].sectors
    response = Response(render_template("theme.css", sectors=sectors), mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    return response


@dataclass(frozen=True, slots=True)
class Frame:
    """What is the same on every page of a family, for everybody of a role who reads one language; drawn once."""

    head: Markup
    ribbon: Markup
    wordmark: Markup
    menu: Markup
    sections: Markup
    foot: Markup
    sign_in_url: str
    join_url: str


def _frame_for(actor: Actor | None) -> Frame:
    banner = _banner()
    role = (actor.audience, actor.verified) if actor else None
    key = (role, request.blueprint, chosen_language(), request.root_path, banner)
    drawn: dict[object, Frame] = current_app.extensions["haln_frames"]
    if key not in drawn:
        drawn[key] = _draw(actor, banner)
    return drawn[key]


def _draw(actor: Actor | None, banner: str | None) -> Frame:
    part: Any = current_app.jinja_env.get_template("components/masthead.html").module
    network = words.network()
    navigation = _links(NAVIGATION, actor)
    return Frame(
        head=part.head(url_for("layout.theme")),
        ribbon=part.ribbon(banner),
        wordmark=part.wordmark(network, url_for("about.home")),
        menu=part.menu(navigation, _links(ACCOUNT, actor)),
        sections=part.sections(navigation),
        foot=part.foot(network, _links(FOOTER, actor)),
        sign_in_url=url_for("account.sign_in"),
        join_url=url_for("account.join"),
    )


def _links(entries: list[Entry], actor: Actor | None) -> list[Link]:
    shown = [one for one in entries if one.permission is Permission.PUBLIC or (actor and actor.may(one.permission))]
    current = _current(shown, request.blueprint)
    return [
        Link(
            url_for(one.endpoint),
            str(one.label),
            one.icon,
            one is current,
            runs=one.permission is not Permission.NETWORK,
        )
        for one in shown
    ]


def _current(entries: list[Entry], here: str | None) -> Entry | None:
    """The entry of the family of pages that is open: its own, else one that stands for it."""
    own = (one for one in entries if here == one.endpoint.split(".")[0])
    return next(own, None) or next((one for one in entries if here in one.also), None)


def _language_links() -> list[Link]:
    now = chosen_language()
    links = []
    for code in languages():
        arguments = {**request.args.to_dict(), "lang": code}
        address = f"{request.path}?{urlencode(arguments)}"
        links.append(Link(address, LANGUAGE_NAMES.get(code, code), code=code, current=code == now))
    return links


def _frame() -> dict[str, Any]:
    """The frame's values; pages that htmx asks for in part have no frame."""
    if edge.is_fragment():
        return {}
    actor = edge.maybe_actor()
    account = _account(actor) if actor else None
    return {
        "network": words.network(),
        "frame": _frame_for(actor),
        "account": account,
        "language": chosen_language(),
        "language_links": _language_links(),
    }


def _account(actor: Actor) -> Account:
    takes_part = actor.may(Permission.NETWORK)
    unread = notices.unread(edge.session(), actor.member_id, edge.now()) if takes_part and actor.noticed else 0
    bell = url_for("notifications.index") if takes_part else ""
    return Account(actor.name, actor.sector or "", url_for("account.sign_out"), bell, unread, actor.mail_stopped)


def _banner() -> str | None:
    """What has to be known of the people here; the database is asked once in a process."""
    mark = current_app.config.get("DEMONSTRATION")
    if mark is None:
        mark = current_app.config["DEMONSTRATION"] = beginnings.people_mark(edge.session())
    if mark == beginnings.INVENTED:
        return str(gettext("Demonstration network: the people are invented."))
    return str(gettext("A real network under invented names.")) if mark else None
