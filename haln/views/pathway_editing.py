"""Learning Pathways as staff write them, and how far people come in them, in numbers without names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import pathway_editing, pathway_figures, pathway_seeds
from haln.learn.pathway_editing import MOST_ANSWERS, Answer, Heading, StepDraft, Written
from haln.views import edge, meanwhile, pathway_words, words
from haln.views.errors import say
from haln.views.sets.base import Faults, faults
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

blueprint = Blueprint("pathway_editing", __name__, url_prefix="/pathway-editing")

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A pathway, a module or a step in the lists of staff."""

    id: str
    title: str
    url: str
    state: str
    begun: str
    finished: str
    stopped: str = ""
    retired: bool = False
    shown: bool = True


@edge.page(blueprint, "", Permission.MANAGE_PATHWAYS)
def index() -> str:
    """List the pathways, and how many people are in each."""
    found = pathway_editing.everything(edge.session())
    counts = pathway_figures.figures(edge.session(), None, _threshold())
    rows = []
    for one in found:
        live = sum(module.shown_at is not None and module.retired_at is None for module in one.modules)
        rows.append(
            Row(
                one.row.public_id,
                one.row.title,
                url_for("pathway_editing.pathway", public_id=one.row.public_id),
                ngettext("%(num)s module shown", "%(num)s modules shown", live),
                pathway_words.people(counts.began, one.row.id),
                pathway_words.people(counts.completed, one.row.id),
            )
        )
    columns = [
        Column(gettext("Pathway")),
        Column(gettext("Modules")),
        Column(gettext("Began it"), number=True),
        Column(gettext("Finished it"), number=True),
    ]
    missing = pathway_seeds.missing(edge.session())
    return render_template("pathway_editing/index.html", rows=rows, columns=columns, missing=missing)


def _threshold() -> int:
    return int(current_app.config["SMALL_NUMBER"])


@edge.page(blueprint, "/bring", Permission.MANAGE_PATHWAYS, "POST")
def bring() -> Response:
    """Bring in what comes with the product."""
    if pathway_seeds.bring(edge.session(), edge.actor().member_id, edge.now()):
        flash(gettext("The pathway is there. Members see it from now on."), "success")
    else:
        flash(gettext("It is there already."), "warning")
    return edge.back("pathway_editing.index")


@edge.page(blueprint, "/new", Permission.MANAGE_PATHWAYS, "GET", "POST")
def new_pathway() -> Page:
    """Write a new pathway."""
    back = (url_for("pathway_editing.index"), gettext("Write pathways"))
    return _heading(gettext("A new pathway"), _nothing, *back, lambda draft, seen: _save_pathway(None, draft, seen))


def _nothing() -> tuple[Heading, str]:
    return Heading(), ""


@edge.page(blueprint, "/<public_id>/edit", Permission.MANAGE_PATHWAYS, "GET", "POST")
def edit_pathway(public_id: str) -> Page:
    """Word a pathway anew."""
    row = pathway_editing.pathway(edge.session(), public_id)
    back = (url_for("pathway_editing.pathway", public_id=public_id), row.title)
    return _heading(
        gettext("Change the pathway"),
        lambda: (Heading(row.title, row.purpose), pathway_editing.stamp(row)),
        *back,
        lambda *typed: _save_pathway(public_id, *typed),
    )


def _save_pathway(key: str | None, draft: Heading, seen: str) -> Response:
    saved = pathway_editing.write_pathway(edge.session(), edge.actor(), key, draft, seen, edge.now())
    flash(gettext("Saved."), "success")
    return edge.back("pathway_editing.pathway", public_id=saved)


@edge.page(blueprint, "/<public_id>", Permission.MANAGE_PATHWAYS)
def pathway(public_id: str) -> str:
    """Show a pathway's modules, and how many people began and finished each."""
    row = pathway_editing.pathway(edge.session(), public_id)
    (found,) = (one for one in pathway_editing.everything(edge.session()) if one.row.id == row.id)
    counts = pathway_figures.figures(edge.session(), row.id, _threshold())
    rows = [
        Row(
            one.public_id,
            one.title,
            url_for("pathway_editing.module", public_id=one.public_id),
            _state(one.shown_at is not None, one.retired_at is not None),
            pathway_words.people(counts.started, one.id),
            pathway_words.people(counts.finished, one.id),
            retired=one.retired_at is not None,
            shown=one.shown_at is not None,
        )
        for one in found.modules
    ]
    return render_template("pathway_editing/pathway.html", row=row, rows=rows, columns=_columns(gettext("Module")))


def _columns(what: str) -> list[Column]:
    return [
        Column(what),
        Column(gettext("State")),
        Column(gettext("Began it"), number=True),
        Column(gettext("Finished it"), number=True),
        Column(gettext("Order and state")),
    ]


def _state(shown: bool, retired: bool) -> str:
    if retired:
        return gettext("Retired")
    return gettext("Shown") if shown else gettext("Not shown yet")


@edge.page(blueprint, "/<public_id>/modules/new", Permission.MANAGE_PATHWAYS, "GET", "POST")
def new_module(public_id: str) -> Page:
    """Write a new module."""
    row = pathway_editing.pathway(edge.session(), public_id)

    def save(draft: Heading, seen: str) -> Response:
        vocabulary = words.vocabulary()
        key = pathway_editing.write_module(edge.session(), edge.actor(), row, None, draft, seen, vocabulary, edge.now())
        flash(gettext("Saved. Write its steps now; then show it to members."), "success")
        return edge.back("pathway_editing.module", public_id=key)

    back = (url_for("pathway_editing.pathway", public_id=public_id), row.title)
    return _heading(gettext("A new module"), _nothing, *back, save, of_module=True)


@edge.page(blueprint, "/modules/<public_id>/edit", Permission.MANAGE_PATHWAYS, "GET", "POST")
def edit_module(public_id: str) -> Page:
    """Word a module anew."""
    within, row = pathway_editing.module(edge.session(), public_id)

    def save(draft: Heading, seen: str) -> Response:
        vocabulary = words.vocabulary()
        pathway_editing.write_module(
            edge.session(), edge.actor(), within, public_id, draft, seen, vocabulary, edge.now()
        )
        flash(gettext("Saved."), "success")
        return edge.back("pathway_editing.module", public_id=public_id)

    back = (url_for("pathway_editing.module", public_id=public_id), row.title)

    def kept() -> tuple[Heading, str]:
        return Heading(row.title, row.purpose, row.theme or ""), pathway_editing.stamp(row)

    return _heading(gettext("Change the module"), kept, *back, save, of_module=True)


def _heading(
    title: str,
    kept: Callable[[], tuple[Heading, str]],
    back_url: str,
    back_words: str,
    save: Callable[[Heading, str], Response],
    *,
    of_module: bool = False,
) -> Page:
    """The form of a pathway or of a module. Saved once more after a conflict, it replaces what the other one wrote."""
    (draft, stamp), wrong = kept(), Faults()
    seen = meanwhile.opened(stamp, _heading_in_words(draft))
    if request.method == "POST":
        draft = Heading(*(request.form.get(name, "") for name in ("title", "purpose", "theme")))
        try:
            return save(draft, request.form.get("seen", "")[:200])
        except (Invalid, Conflict) as error:
            wrong = faults(error, ("title", "purpose", "theme"))
            now, stamp = kept()  # as it is now, which may be later than this request began
            seen = meanwhile.refused(error, stamp, _heading_in_words(now), "seen")
    themes = [("", gettext("None")), *((one.code, words.label("theme", one.code)) for one in words.vocabulary().themes)]
    page = render_template(
        "pathway_editing/heading.html",
        title_words=title,
        form=draft,
        seen=seen,
        themes=themes if of_module else [],
        faults=wrong,
        back_url=back_url,
        back_words=back_words,
    )
    return page, wrong.status


def _heading_in_words(kept: Heading) -> meanwhile.Kept:
    return (
        ("title", gettext("Title"), kept.title),
        ("purpose", gettext("What it is for"), kept.purpose),
        ("theme", gettext("Theme"), words.label("theme", kept.theme) if kept.theme else ""),
    )


@edge.page(blueprint, "/modules/<public_id>", Permission.MANAGE_PATHWAYS)
def module(public_id: str) -> str:
    """Show a module's steps, how many did each, and where people stop."""
    within, row = pathway_editing.module(edge.session(), public_id)
    counts = pathway_figures.figures(edge.session(), within.id, _threshold())
    rows = [_step_row(one, counts) for one in pathway_editing.steps(edge.session(), row.id)]
    columns = _columns(gettext("Step"))
    columns[2:4] = [Column(gettext("Did it"), number=True), Column(gettext("Stopped before it"), number=True)]
    return render_template(
        "pathway_editing/module.html",
        within=within,
        row=row,
        state=_state(row.shown_at is not None, row.retired_at is not None),
        theme=words.label("theme", row.theme),
        rows=rows,
        columns=columns,
    )


def _step_row(one: Written, counts: pathway_figures.Figures) -> Row:
    retired = one.row.retired_at is not None
    return Row(
        one.row.public_id,
        one.worded.title,
        url_for("pathway_editing.edit_step", public_id=one.row.public_id),
        gettext("Retired") if retired else pathway_words.kind(one.row.kind),
        pathway_words.people(counts.done, one.row.id),
        "",
        "" if retired else pathway_words.people(counts.stopped, one.row.id),
        retired=retired,
    )


@edge.page(blueprint, "/modules/<public_id>/act", Permission.MANAGE_PATHWAYS, "GET", "POST")
def act_on_module(public_id: str) -> Page:
    """Show a module or retire it, once asked about; bring it back, or move it."""
    within, row = pathway_editing.module(edge.session(), public_id)
    if request.method == "GET":
        url = url_for("pathway_editing.module", public_id=public_id)
        return _confirm(row.title, url, {"show": "show", "retire": "retire_module"})
    session, actor, now, act = edge.session(), edge.actor(), edge.now(), request.form.get("do", "")
    try:
        if act == "show":
            _say_shown(pathway_editing.show(session, actor, public_id, now))
        elif act == "retire":
            pathway_editing.retire_module(session, actor, public_id, now)
            flash(gettext("It is retired. Those who began it keep it, and what they did."), "success")
        elif act == "back":
            pathway_editing.bring_back_module(session, actor, public_id, now)
            flash(gettext("It is there again."), "success")
        elif act in ("up", "down"):
            pathway_editing.move_module(session, actor, public_id, up=act == "up", now=now)
            return edge.back("pathway_editing.pathway", public_id=within.public_id)
        else:
            raise NotFound("There is no such page, or it is not for you.")
    except Conflict as error:
        flash(say(error), "warning")
    return edge.back("pathway_editing.module", public_id=public_id)


def _confirm(title: str, back_url: str, asked: Mapping[str, str]) -> str:
    """What one of the acts that are asked about will do, and its button."""
    act = request.args.get("do", "")
    if act not in asked:
        raise NotFound("There is no such page, or it is not for you.")
    return render_template(
        "pathway_editing/confirm.html", act=act, what=asked[act], title=title, here=request.path, back_url=back_url
    )


def _say_shown(told: int) -> None:
    flash(gettext("Members see it from now on. Those who have finished the pathway are told once."), "success")
    if not told:
        flash(gettext("Nobody has finished the pathway so far: there is nobody to tell."), "info")


@edge.page(blueprint, "/modules/<public_id>/steps/new", Permission.MANAGE_PATHWAYS, "GET", "POST")
def new_step(public_id: str) -> Page:
    """Write a new step."""
    return _step_form(public_id, None)


@edge.page(blueprint, "/steps/<public_id>", Permission.MANAGE_PATHWAYS, "GET", "POST")
def edit_step(public_id: str) -> Page:
    """Word a step anew."""
    within, found = pathway_editing.step(edge.session(), public_id)
    return _step_form(within.public_id, found)


def _step_form(module_id: str, found: Written | None) -> Page:
    """The form of a step. Saved once more after a conflict, it replaces what the other one wrote."""
    _pathway, within = pathway_editing.module(edge.session(), module_id)
    draft, wrong = _kept(found), Faults()
    seen = meanwhile.opened(found.row.version if found else 0, _step_in_words(draft))
    if request.method == "POST":
        draft = _typed(found)
        key, opened = (found.row.public_id if found else None), edge.whole(request.form.get("version", "")) or 0
        try:
            pathway_editing.write_step(edge.session(), edge.actor(), within, key, draft, opened, edge.now())
        except (Invalid, Conflict) as error:
            fields = ("kind", "title", "text", "link", "right", "answer-1")
            wrong = faults(error, fields)
            found = pathway_editing.step(edge.session(), found.row.public_id)[1] if found else None  # as it is now
            seen = meanwhile.refused(error, found.row.version if found else 0, _step_in_words(_kept(found)))
        else:
            flash(gettext("Saved."), "success")
            return edge.back("pathway_editing.module", public_id=module_id)
    answers = [*draft.answers, *[Answer()] * MOST_ANSWERS][:MOST_ANSWERS]
    page = render_template(
        "pathway_editing/step.html",
        module=within,
        found=found,
        form=draft,
        answers=list(enumerate(answers, 1)),
        kinds=pathway_words.kinds(),
        kind=pathway_words.kind(found.row.kind) if found else "",
        seen=seen,
        faults=wrong,
        back_url=url_for("pathway_editing.module", public_id=module_id),
    )
    return page, wrong.status


def _kept(found: Written | None) -> StepDraft:
    if found is None:
        return StepDraft()
    one = found.worded
    answers = tuple(Answer(said["text"], said["feedback"], said["right"]) for said in one.answers)
    return StepDraft(found.row.kind, one.title, one.text, one.link, answers)


def _step_in_words(kept: StepDraft) -> meanwhile.Kept:
    answers = "\n".join(
        f"{one.text}: {one.feedback}{' ✓' if one.right else ''}"
        if one.feedback
        else f"{one.text}{' ✓' if one.right else ''}"
        for one in kept.answers
    )
    return (
        ("title", gettext("Title"), kept.title),
        ("text", gettext("What there is to do"), kept.text),
        ("link", gettext("Address of what to watch"), kept.link),
        ("answers", gettext("Answers"), answers),
    )


def _typed(found: Written | None) -> StepDraft:
    right = request.form.get("right", "")
    answers = tuple(
        Answer(
            request.form.get(f"answer-{number}", ""),
            request.form.get(f"feedback-{number}", ""),
            right == str(number),
        )
        for number in range(1, MOST_ANSWERS + 1)
    )
    kind = found.row.kind if found else request.form.get("kind", "")[:20]
    title, text, link = (request.form.get(name, "") for name in ("title", "text", "link"))
    return StepDraft(kind, title, text, link, answers)


@edge.page(blueprint, "/steps/<public_id>/act", Permission.MANAGE_PATHWAYS, "GET", "POST")
def act_on_step(public_id: str) -> Page:
    """Retire a step, once asked about, bring it back, or move it."""
    within, found = pathway_editing.step(edge.session(), public_id)
    if request.method == "GET":
        url = url_for("pathway_editing.module", public_id=within.public_id)
        return _confirm(found.worded.title, url, {"retire": "retire_step"})
    session, actor, now, act = edge.session(), edge.actor(), edge.now(), request.form.get("do", "")
    try:
        if act == "retire":
            pathway_editing.retire_step(session, actor, public_id, now)
            flash(gettext("It is retired. Whoever did it keeps that."), "success")
        elif act == "back":
            pathway_editing.bring_back_step(session, actor, public_id, now)
            flash(gettext("It is there again."), "success")
        elif act in ("up", "down"):
            pathway_editing.move_step(session, actor, public_id, up=act == "up", now=now)
        else:
            raise NotFound("There is no such page, or it is not for you.")
    except Conflict as error:
        flash(say(error), "warning")
    return edge.back("pathway_editing.module", public_id=within.public_id)
