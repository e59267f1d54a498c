"""Organisations: the search behind the picker, and the pages on which staff look after them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, jsonify, render_template, request, url_for
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.people import organisation_listing, organisations, places
from haln.people.organisation_listing import Detail
from haln.people.organisation_merging import merge, merge_preview
from haln.people.organisations import Correction
from haln.views import edge, meanwhile, organisation_picking, words
from haln.views.errors import say
from haln.views.layout import Link
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

blueprint = Blueprint("organisations", __name__)

_TYPED = re.compile(r"([a-z_]{1,20})-typed")


class OrganisationForm(FlaskForm):
    """An organisation's facts, for staff to correct."""

    name = StringField(lazy_gettext("Name"))
    sector = SelectField(lazy_gettext("Sector"))
    place = StringField(lazy_gettext("Place"), description=lazy_gettext("A council area, region or nation."))
    town = StringField(lazy_gettext("Town"))
    postcode = StringField(lazy_gettext("Postcode"))
    standing = SelectField(lazy_gettext("Standing"))
    other_names = TextAreaField(
        lazy_gettext("Other names"),
        description=lazy_gettext(
            "Short, old and misspelt ones, one on each line: people find the organisation by them."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name.flags.required = self.sector.flags.required = self.standing.flags.required = True
        self.sector.choices = list(organisation_picking.sectors()[1:])
        self.standing.choices = [(code, standing_words(code)) for code in ("current", "proposed", "ended")]

    def correction(self, place_id: int | None) -> Correction:
        """What was entered, for the domain to judge."""
        return Correction(
            name=self.name.data or "",
            sector=self.sector.data or "",
            place_id=place_id,
            town=self.town.data,
            postcode=self.postcode.data,
            standing=self.standing.data or "",
            other_names=tuple((self.other_names.data or "").splitlines()),
        )


def standing_words(code: str) -> str:
    """A standing as people read it."""
    said: dict[str, str] = {
        "current": gettext("Current"),
        "proposed": gettext("New, not checked yet"),
        "ended": gettext("Ended"),
        "merged": gettext("Merged into another"),
    }
    return said[code]


@edge.page(blueprint, "/organisations/search", Permission.OWN_ACCOUNT)
def search() -> str | Response:
    """What fits a text: a part of a page for the picker, or JSON when that is asked for (`?q=`)."""
    typed = next((key for key in request.args if _TYPED.fullmatch(key)), "")
    text = request.args.get(typed or "q", "")
    if request.accept_mimetypes.best == "application/json":
        found = organisations.find(edge.session(), text)
        return jsonify(
            typed=found.typed,
            fits=found.fits,
            organisations=[
                {
                    "id": one.id,
                    "name": one.name,
                    "also_called": one.through,
                    "sector": one.sector,
                    "place": one.place,
                    "proposed": one.proposed,
                }
                for one in found.choices
            ],
        )
    picker = organisation_picking.searched(text, may_add=request.args.get("add") != "no")
    name = typed.removesuffix("-typed") or "organisation"
    return render_template("organisations/options.html", name=name, picker=picker)


@edge.page(blueprint, "/staff/organisations", Permission.MANAGE_ORGANISATIONS)
def index() -> str:
    """Look through organisations."""
    text, standing = request.args.get("q", "").strip(), request.args.get("standing", "")
    after = request.args.get("after") or None
    page = organisation_listing.listing(edge.session(), edge.actor(), text, standing, after)
    kept = {name: value for name, value in (("q", text), ("standing", standing)) if value}
    address = url_for("organisations.index")
    return render_template(
        "organisations/index.html",
        page=page,
        text=text,
        standing=standing,
        standings=[("", gettext("Current and new")), *((s, standing_words(s)) for s in organisation_listing.STANDINGS)],
        waiting=organisation_listing.proposed_count(edge.session()),
        columns=[
            Column(gettext("Name")),
            Column(gettext("Sector")),
            Column(gettext("Place")),
            Column(gettext("Standing")),
            Column(gettext("Members"), number=True),
        ],
        filters=_filters(text, standing),
        next_url=f"{address}?{urlencode({**kept, 'after': page.next_after})}" if page.next_after else "",
        start_url=f"{address}?{urlencode(kept)}" if after else "",
        words=words,
        standing_words=standing_words,
    )


def _filters(text: str, standing: str) -> list[Link]:
    filters = []
    if text:
        filters.append(Link(url_for("organisations.index", standing=standing or None), f"“{text}”"))
    if standing in organisation_listing.STANDINGS:
        filters.append(Link(url_for("organisations.index", q=text or None), standing_words(standing)))
    return filters


@edge.page(blueprint, "/staff/organisations/<int:organisation_id>", Permission.MANAGE_ORGANISATIONS, "GET", "POST")
def one(organisation_id: int) -> str | tuple[str, int] | Response:
    """Look at an organisation and correct it."""
    detail = organisation_listing.detail(edge.session(), edge.actor(), organisation_id)
    form = OrganisationForm(data=_facts(detail))
    seen = meanwhile.opened(detail.changed_at.isoformat(), _in_words(form, detail))
    if form.is_submitted():
        try:
            if _save(form, detail):
                flash(gettext("“%(name)s” is saved.", name=form.name.data), "success")
                return edge.back("organisations.one", organisation_id=organisation_id)
            seen = meanwhile.sent()
        except Conflict as error:
            edge.session().rollback()
            detail = organisation_listing.detail(edge.session(), edge.actor(), organisation_id)
            seen = meanwhile.refused(error, detail.changed_at.isoformat(), _in_words(form, detail))
            form.form_errors.append(say(error))
    page = render_template(
        "organisations/one.html",
        form=form,
        detail=detail,
        places=places.names(edge.session()),
        facts=_told(detail),
        standing_words=standing_words,
        seen=seen,
    )
    return page, 409 if form.form_errors else 422 if form.errors else 200


def _in_words(form: OrganisationForm, detail: Detail) -> meanwhile.Kept:
    """What is saved, for whoever finds that somebody else has changed it."""
    said = {
        **_facts(detail),
        "sector": words.label("sector", detail.sector),
        "standing": standing_words(detail.standing),
    }
    return [(name, str(form[name].label.text), told) for name, told in said.items()]


def _facts(detail: Detail) -> dict[str, str]:
    return {
        "name": detail.name,
        "sector": detail.sector,
        "place": detail.place or "",
        "town": detail.town or "",
        "postcode": detail.postcode or "",
        "standing": detail.standing,
        "other_names": "\n".join(detail.other_names),
    }


def _told(detail: Detail) -> list[tuple[str, str]]:
    members = ngettext("%(num)d member", "%(num)d members", detail.members)
    return [
        (gettext("Members"), members),
        (gettext("Standing"), standing_words(detail.standing)),
        (gettext("Register"), f"{detail.register}, {detail.register_code}" if detail.register else ""),
        (gettext("Added by"), detail.proposed_by or ""),
        (gettext("From"), words.day(detail.valid_from) if detail.valid_from else ""),
        (gettext("Until"), words.day(detail.valid_to) if detail.valid_to else ""),
        (gettext("Set by staff"), ", ".join(detail.corrected)),
    ]


def _save(form: OrganisationForm, detail: Detail) -> bool:
    """Store what was entered; false, with the faults in the form, when it cannot be taken."""
    typed = (form.place.data or "").strip()
    place_id = detail.place_id if typed == (detail.place or "") else places.named(edge.session(), typed)
    if typed and place_id is None:
        form.place.errors = [gettext("Choose a place from the list, or leave this empty.")]
        return False
    try:
        organisations.correct(
            edge.session(), edge.actor(), words.vocabulary(), detail.id, form.correction(place_id), edge.now(), _seen()
        )
    except Invalid as error:
        for name, sentence in error.fields.items():
            form[name].errors = [gettext(sentence)]
        return False
    return True


def _seen() -> datetime:
    """When what the form was opened on was changed last; what cannot be read was never."""
    try:
        found = datetime.fromisoformat(request.form.get("version", ""))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@edge.page(blueprint, "/staff/organisations/<int:organisation_id>/merge", Permission.MANAGE_ORGANISATIONS)
def merging(organisation_id: int) -> str:
    """Choose what to merge into an organisation, and look at what would move."""
    keep = organisation_listing.detail(edge.session(), edge.actor(), organisation_id)
    typed = request.args.get("other-typed", "")
    chosen = edge.number_argument("other") if "other-find" not in request.args else None
    preview = merge_preview(edge.session(), edge.actor(), keep.id, chosen) if chosen is not None else None
    return render_template(
        "organisations/merge.html",
        keep=keep,
        picker=organisation_picking.searched(typed, may_add=False),
        preview=preview,
        standing_words=standing_words,
        words=words,
    )


@edge.page(blueprint, "/staff/organisations/<int:organisation_id>/merge", Permission.MANAGE_ORGANISATIONS, "POST")
def merge_into(organisation_id: int) -> Response:
    """Merge another organisation into this one."""
    other = edge.whole(request.form.get("other", ""))
    if other is None:
        raise NotFound("There is no such organisation.")
    moved = merge(edge.session(), edge.actor(), organisation_id, other, edge.now())
    said = ngettext("%(num)d member moved", "%(num)d members moved", moved)
    flash(gettext("The two are one now: %(said)s.", said=said), "success")
    return edge.back("organisations.one", organisation_id=organisation_id)
