"""An issue of the newsletter as staff write it: its subject and readers, its blocks, and how it will look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.people import markdown
from haln.post.newsletters import audience, blocks, contents, issues
from haln.post.newsletters.audience import Segment
from haln.post.newsletters.blocks import Typed
from haln.post.newsletters.letters import readable
from haln.views import edge, layout, letters, newsletter_words, words
from haln.views.errors import say
from haln.views.sets.base import Faults, faults
from haln.views.speech import gettext, speaking

blueprint = Blueprint("newsletter_writing", __name__, url_prefix="/newsletters")
_FIELDS = ("heading", "text", "link", "button", "about")
_NOWHERE = "There is no such page, or it is not for you."

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Head:
    """What the form of the subject holds: whom it is for, list by list."""

    subject: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@edge.page(blueprint, "/<public_id>/edit", Permission.WRITE_NEWSLETTERS, "GET", "POST")
def edit(public_id: str) -> Page:
    """Word the subject, and choose whom it is for."""
    row = issues.one(edge.session(), public_id)
    head, version, wrong = Head(row.subject, audience.of(row).codes), row.version, Faults()
    if request.method == "POST":
        chosen = {facet: tuple(request.form.getlist(facet)[:100]) for facet in audience.FACETS}
        head = Head(request.form.get("subject", ""), chosen)
        version = edge.whole(request.form.get("version", "")) or 0
        try:
            issues.set_head(
                edge.session(),
                edge.actor(),
                public_id,
                head.subject,
                Segment(**chosen),
                version,
                words.vocabulary(),
                layout.languages(),
                edge.now(),
            )
        except (Invalid, Conflict) as error:
            wrong = faults(error, ("subject", *audience.FACETS))
            if isinstance(error, Conflict):
                version = issues.one(edge.session(), public_id).version
        else:
            flash(gettext("Saved."), "success")
            return edge.back("newsletters.issue", public_id=public_id)
    page = render_template(
        "newsletters/edit.html",
        row=row,
        form=head,
        version=version,
        choices=_choices(),
        faults=wrong,
        back_url=url_for("newsletters.issue", public_id=public_id),
    )
    return page, wrong.status


def _choices() -> dict[str, list[tuple[str, str]]]:
    known = audience.known(words.vocabulary(), layout.languages())
    kinds = {"sectors": "sector", "regions": "region", "themes": "theme"}
    found = {facet: [(code, words.label(kind, code)) for code in known[facet]] for facet, kind in kinds.items()}
    languages = [(code, layout.LANGUAGE_NAMES.get(code, code)) for code in known["languages"]]
    return {**found, "languages": languages if len(languages) > 1 else []}


@edge.page(blueprint, "/<public_id>/blocks/new", Permission.WRITE_NEWSLETTERS, "GET", "POST")
def new_block(public_id: str) -> Page:
    """Write a block at the end."""
    kind = request.args.get("kind", "")
    if kind not in blocks.KINDS:
        raise NotFound(_NOWHERE)
    return _block_form(public_id, None, kind, Typed(), 0)


@edge.page(blueprint, "/<public_id>/blocks/<block>", Permission.WRITE_NEWSLETTERS, "GET", "POST")
def edit_block(public_id: str, block: str) -> Page:
    """Word a block anew."""
    kept = blocks.found(issues.one(edge.session(), public_id).blocks, block)
    typed = Typed(*(str(kept.get(name, "")) for name in _FIELDS))
    return _block_form(public_id, block, kept["kind"], typed, kept["version"])


def _block_form(public_id: str, block: str | None, kind: str, typed: Typed, version: int) -> Page:
    """The form of a block. Saved once more after a conflict, it replaces what the other one wrote."""
    session, wrong = edge.session(), Faults()
    row = issues.one(session, public_id)
    if request.method == "POST":
        typed = Typed(*(request.form.get(name, "") for name in _FIELDS))
        seen = edge.whole(request.form.get("version", "")) or 0
        try:
            issues.write_block(session, edge.actor(), public_id, block, kind, typed, seen, edge.now())
        except (Invalid, Conflict) as error:
            wrong = faults(error, _FIELDS)
            version = version if isinstance(error, Conflict) else seen
        else:
            flash(gettext("Saved."), "success")
            return edge.back("newsletters.issue", public_id=public_id)
    page = render_template(
        "newsletters/block.html",
        row=row,
        kind=kind,
        form=typed,
        version=version,
        heading=str(newsletter_words.KINDS[kind] if block else newsletter_words.ADDING[kind]),
        choices=_pointing(kind, typed.about),
        faults=wrong,
        back_url=url_for("newsletters.issue", public_id=public_id),
    )
    return page, wrong.status


def _pointing(kind: str, about: str) -> list[tuple[str, str]]:
    """What a block may point to, as options; what it points to already is one, even when it is over."""
    found = contents.choices(edge.session(), kind, edge.now())
    options = [
        (one.key, f"{one.title}, {words.moment(one.day, short=True)}" if one.day else one.title) for one in found
    ]
    if about and about not in dict(options):
        options.insert(0, (about, gettext("What it points to now, which is left out")))
    return [("", gettext("Choose one")), *options] if options else []


@edge.page(blueprint, "/<public_id>/blocks/<block>/act", Permission.WRITE_NEWSLETTERS, "POST")
def act_on_block(public_id: str, block: str) -> Page:
    """Move a block, take it out, or put it back."""
    session, actor, now, act = edge.session(), edge.actor(), edge.now(), request.form.get("do", "")
    try:
        if act in ("up", "down"):
            issues.move_block(session, actor, public_id, block, up=act == "up", now=now)
        elif act in ("remove", "back"):
            issues.remove_block(session, actor, public_id, block, removed=act == "remove", now=now)
        else:
            raise NotFound(_NOWHERE)
    except Conflict as error:
        flash(say(error), "warning")
    if act == "remove":
        flash(gettext("Taken out. You can put it back: it stands at the end of this page."), "success")
    return edge.back("newsletters.issue", public_id=public_id)


@edge.page(blueprint, "/<public_id>/preview", Permission.WRITE_NEWSLETTERS)
def preview(public_id: str) -> str:
    """Show an issue as its readers will: wide, narrow, or as text, in one of the languages."""
    session, now = edge.session(), edge.now()
    row = issues.one(session, public_id)
    shape, language = request.args.get("shape", "wide"), request.args.get("in", layout.languages()[0])
    if shape not in ("wide", "narrow", "text") or language not in layout.languages():
        raise NotFound(_NOWHERE)
    pieces = readable(contents.pieces(session, row.blocks, now), _whole)
    if shape == "text":
        values = {"title": row.subject, "pieces": pieces, "url": _whole(f"/news/{public_id}"), "test": False}
        worded = letters.render("newsletter", language, {**values, "unsubscribe_url": "[…]", "public_url": _whole("")})
        shown: str | Markup = worded.text
    else:
        shown = _drawn(pieces, language)
    return render_template(
        "newsletters/preview.html",
        row=row,
        shown=shown,
        empty=not pieces,
        shape=shape,
        spoken=language,
        shapes=[("wide", gettext("Wide")), ("narrow", gettext("As on a phone")), ("text", gettext("As text"))],
        languages=[(code, layout.LANGUAGE_NAMES.get(code, code)) for code in layout.languages()],
    )


def _whole(path: str) -> str:
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


def _drawn(pieces: list[contents.Piece], language: str) -> Markup:
    with speaking(language):
        part: Any = current_app.jinja_env.get_template("newsletters/letter.html").module
        return Markup(part.pieces_of(pieces, markdown.to_html, words, newsletter_words, "btn btn-primary"))  # noqa: S704  # a template's own words
