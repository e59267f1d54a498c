"""Write a resource: begin, preview, save, send, take back, name authors, delete, take down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, HalnError, Invalid, NotFound, TooMany
from haln.learn.resources import authors, contents, drafts, reading
from haln.learn.resources.contents import Content
from haln.people import finding
from haln.views import edge, local_time, meanwhile, resource_words, words
from haln.views.errors import say
from haln.views.members import person
from haln.views.resources import base
from haln.views.resources.base import blueprint
from haln.views.sets.base import Faults, faults
from haln.views.speech import gettext

Page = str | Response | tuple[str, int]
FIELDS = ("title", "standfirst", *contents.ALL_PARTS, "link", "held_on", "themes", "sectors", "regions", "readers")
KINDS = "any(case_study, blog, tool, recording)"


@edge.page(blueprint, "/resources/writing", Permission.NETWORK)
def mine() -> str:
    """Show what one writes, and what one is asked to be an author of."""
    rows = drafts.mine(edge.session(), edge.actor())
    return render_template(
        "resources/mine.html",
        tabs=base.tabs(),
        asked=[row for row in rows if not row.answer],
        own=[row for row in rows if row.answer == authors.YES],
        refused=[row for row in rows if row.answer == authors.NO],
        states=resource_words.states(),
        kinds=dict(resource_words.kinds()),
        on=resource_words.on,
    )


@edge.page(blueprint, "/resources/new", Permission.NETWORK)
def choose() -> str:
    """Choose what to write."""
    return render_template("resources/choose.html", kinds=resource_words.kinds())


@edge.page(blueprint, f"/resources/new/<{KINDS}:kind>", Permission.NETWORK, "GET", "POST")
def new(kind: str) -> Page:
    """Begin a resource."""

    def save(typed: Content) -> str:
        return drafts.start(edge.session(), edge.actor(), kind, typed, words.vocabulary(), edge.now())

    return _form(kind, Content(), save, version="0", public_id="")


@edge.page(blueprint, "/resources/<public_id>/edit", Permission.NETWORK, "GET", "POST")
def edit(public_id: str) -> Page:
    """Go on with a working copy."""
    copy = drafts.copy(edge.session(), edge.actor(), public_id)

    def save(typed: Content) -> str:
        seen = edge.whole(request.form.get("version", "")) or 0
        drafts.save(edge.session(), edge.actor(), public_id, typed, seen, words.vocabulary(), edge.now())
        return public_id

    return _form(copy.row.kind, copy.content, save, version=str(copy.row.version), public_id=public_id, copy=copy)


def _form(
    kind: str,
    kept: Content,
    save: Callable[[Content], str],
    *,
    version: str,
    public_id: str,
    copy: drafts.Copy | None = None,
) -> Page:
    """The form, in one address: preview it, save it, save it and send it. Bad input loses nothing of what was typed."""
    wrong, content, preview, step = Faults(), kept, None, request.form.get("do", "save")
    seen = meanwhile.opened(version, _in_words(kind, kept))
    if request.method == "POST":
        content = replace(_typed(), lead=kept.lead)  # which another page puts in
        try:
            if step == "preview":
                preview = resource_words.text(kind, contents.tidy(kind, content, words.vocabulary()))
            else:
                return _saved(save(content), step)
        except (Invalid, Conflict, TooMany) as error:
            wrong = faults(error, FIELDS)
            copy = drafts.copy(edge.session(), edge.actor(), public_id) if public_id else None  # as it is now
            saved = (copy.row.version, copy.content) if copy else (0, Content())
            seen = meanwhile.refused(error, saved[0], _in_words(kind, saved[1]))
        else:
            seen = meanwhile.sent()
    elif request.args.get("check"):
        wrong = _missing(kind, kept)
    page = render_template(
        "resources/edit.html",
        kind=kind,
        kind_words=resource_words.kind(kind),
        content=content,
        parts=contents.PARTS[kind],
        linked=kind in contents.LINKED,
        headings=resource_words.parts(),
        # Whoever is told that it was changed meanwhile replaces it when they save once more.
        seen=seen,
        public_id=public_id,
        copy=copy,
        typed=request.method == "POST",
        said=resource_words.steps().get(copy.said.step, "") if copy and copy.said else "",
        preview=preview,
        faults=wrong,
        themes_label=resource_words.themes_label(kind),
        themes=[(one.code, words.label("theme", one.code)) for one in words.vocabulary().themes],
        sectors=[(one.code, words.label("sector", one.code)) for one in words.vocabulary().top_sectors],
        regions=[(one.code, words.label("region", one.code)) for one in words.vocabulary().regions],
        readers=_readers(),
        today=local_time.today().isoformat(),
    )
    return page, wrong.status


def _in_words(kind: str, content: Content) -> meanwhile.Kept:
    """What is saved, for whoever finds that another author has changed it."""
    headings, said = resource_words.parts(), dict(_readers()) or {}
    lists = (
        ("themes", resource_words.themes_label(kind), "theme", content.themes),
        ("sectors", gettext("Sectors it is about (optional)"), "sector", content.sectors),
        ("regions", gettext("Nations and regions it is about (optional)"), "region", content.regions),
    )
    return (
        ("title", gettext("Title"), content.title),
        ("standfirst", gettext("Standfirst"), content.standfirst),
        ("link", gettext("Address where it is found"), content.link),
        ("held_on", gettext("Recorded on"), content.held_on),
        *((name, headings[name], content.parts.get(name, "")) for name in contents.PARTS[kind]),
        *((name, label, ", ".join(words.label(of, code) for code in codes)) for name, label, of, codes in lists),
        ("readers", gettext("Who may read it"), said.get(content.readers, "")),
    )


def _typed() -> Content:
    """What a form sent, as it was typed."""
    form = request.form
    return Content(
        form.get("title", ""),
        form.get("standfirst", ""),
        {name: form.get(name, "") for name in contents.ALL_PARTS if name in form},
        form.get("link", ""),
        form.get("held_on", ""),
        tuple(form.getlist("themes")),
        tuple(form.getlist("sectors")),
        tuple(form.getlist("regions")),
        form.get("readers", contents.MEMBERS),
    )


def _readers() -> list[tuple[str, str]]:
    """Who may read it, where there is a choice."""
    if not base.is_public():
        return []
    return [(contents.MEMBERS, gettext("Members only")), (contents.EVERYONE, gettext("Everyone, on the internet too"))]


def _missing(kind: str, content: Content) -> Faults:
    try:
        contents.ready(kind, content, edge.now())
    except Invalid as error:
        return faults(error, FIELDS)
    return Faults()


_NEXT = {"pictures": "resources.pictures", "authors": "resources.name_authors", "read": "resources.preview"}
"""Where one goes on to once the draft is saved."""


def _saved(public_id: str, step: str) -> Response:
    if step in _NEXT:
        flash(gettext("Your draft is saved. Only its authors see it."), "success")
        return edge.back(_NEXT[step], public_id=public_id)
    if step != "send":
        flash(gettext("Your draft is saved. Only its authors see it."), "success")
        return edge.back("resources.edit", public_id=public_id)
    try:
        drafts.send(edge.session(), edge.actor(), public_id, edge.now())
    except Invalid:
        flash(gettext("Your draft is saved, and not sent yet: something is missing."), "warning")
        return edge.back("resources.edit", public_id=public_id, check="1")
    except (Conflict, TooMany) as error:
        flash(say(error), "warning")
        return edge.back("resources.edit", public_id=public_id)
    flash(gettext("It is with staff now. You are told what they say, here and by mail."), "success")
    return edge.back("resources.mine")


@edge.page(blueprint, "/resources/<public_id>/preview", Permission.NETWORK)
def preview(public_id: str) -> str:
    """Read a working copy: for its authors, and for those who are asked to be one."""
    session, actor = edge.session(), edge.actor()
    row = drafts.asked_or_own(session, actor, public_id)
    found = authors.asked(session, actor, row)
    answer = next((one.answer for one in found if one.author.member_id == actor.member_id), "")
    return render_template(
        "resources/preview.html",
        public_id=public_id,
        text=resource_words.text(row.kind, contents.read(row.draft)),
        # Who is asked and has not answered is not named to others who are asked.
        authors=resource_words.named(
            [one.author for one in found if one.answer == authors.YES or one.author.member_id == actor.member_id]
        ),
        answer=answer,
        settled=row.published_at is not None,
    )


@edge.page(blueprint, "/resources/<public_id>/agree", Permission.NETWORK, "POST")
def agree(public_id: str) -> Response:
    """Say whether one agrees to be an author."""
    given = request.form.get("answer", "")
    try:
        authors.answer(edge.session(), edge.actor(), public_id, given, edge.now())
    except Conflict as error:
        flash(say(error), "warning")
    else:
        if given == authors.YES:
            flash(gettext("You are one of its authors. You can take your name away at any time."), "success")
        else:
            flash(gettext("You are not named as an author."), "success")
    return edge.back("resources.mine")


@edge.page(blueprint, "/resources/<public_id>/take-back", Permission.NETWORK, "POST")
def take_back(public_id: str) -> Response:
    """Take a working copy back from staff."""
    try:
        drafts.take_back(edge.session(), edge.actor(), public_id, edge.now())
    except Conflict as error:
        flash(say(error), "warning")
    else:
        flash(gettext("It is your draft again."), "success")
    return edge.back("resources.edit", public_id=public_id)


@edge.page(blueprint, "/resources/<public_id>/authors", Permission.NETWORK, "GET", "POST")
def name_authors(public_id: str) -> Page:
    """Show who is asked to be an author; ask others, and take out who has not agreed."""
    session, actor, wrong = edge.session(), edge.actor(), Faults()
    row = drafts.own(session, actor, public_id, lock=request.method == "POST")
    if request.method == "POST":
        try:
            _change_authors(row)
        except (Invalid, Conflict, NotFound, TooMany) as error:
            wrong = faults(error, ("person",))
        else:
            return edge.back("resources.name_authors", public_id=public_id)
    found = authors.asked(session, actor, row)
    typed = request.args.get("person", "")[:200]
    taken = [one.author.public_id for one in found if one.author.public_id]
    page = render_template(
        "resources/authors.html",
        public_id=public_id,
        title=row.draft["title"] or gettext("Without a title"),
        asked=[(one, resource_words.author(one.author)) for one in found],
        typed=typed,
        found=[(one.public_id, person(one)) for one in finding.named(session, actor.member_id, typed, taken)],
        me=actor.member_id,
        faults=wrong,
    )
    return page, wrong.status


def _change_authors(row: Any) -> None:
    session, actor, now = edge.session(), edge.actor(), edge.now()
    if request.form.get("do") == "take_out":
        authors.take_out(session, actor, row, request.form.get("other", "")[:16], now)
        flash(gettext("They are not asked any more."), "success")
        return
    authors.add(session, actor, row, request.form.get("other", "")[:16], now)
    flash(gettext("We ask them. They are named once they agree."), "success")


@edge.page(blueprint, "/resources/<public_id>/remove", Permission.NETWORK, "GET", "POST")
def remove(public_id: str) -> Page:
    """Delete a draft, once more asked."""
    row = drafts.own(edge.session(), edge.actor(), public_id)
    if request.method == "POST":
        try:
            drafts.remove(edge.session(), edge.actor(), public_id, edge.now())
        except Conflict as error:
            flash(say(error), "warning")
        else:
            flash(gettext("The draft is deleted."), "success")
        return edge.back("resources.mine")
    return render_template(
        "resources/remove.html", public_id=public_id, title=row.draft["title"] or gettext("Without a title")
    )


@edge.page(blueprint, "/resources/<public_id>/take-down", Permission.NETWORK, "GET", "POST")
def take_down(public_id: str) -> Page:
    """Take a published resource down, once more asked: its authors, or staff who say why."""
    wrong: Faults = Faults()
    found = reading.one(edge.session(), edge.actor().member_id, public_id, edge.now())
    if request.method == "POST":
        try:
            words_said = request.form.get("words", "")
            drafts.take_down(edge.session(), edge.actor(), public_id, words_said, edge.now())
        except Invalid as error:
            wrong = _wrong(error)
        else:
            flash(gettext("Readers do not see it any more."), "success")
            return edge.back("resources.mine" if found.mine else "resources.reviews")
    elif not (found.mine or edge.actor().may(Permission.REVIEW_RESOURCES)):
        raise NotFound("There is no such page, or it is not for you.")
    page = render_template(
        "resources/take_down.html",
        public_id=public_id,
        title=found.content.title,
        gives_reason=edge.actor().may(Permission.REVIEW_RESOURCES),
        said=request.form.get("words", ""),
        faults=wrong,
        back_url=url_for("resources.one", public_id=public_id),
    )
    return page, wrong.status


def _wrong(error: HalnError) -> Faults:
    return faults(error, ("words",))
