"""The organisation picker of a form: what it shows, and what was picked with it.

The picker is a text and a list of choices below it. With scripts the list follows what is typed; without, the button
"Find" sends the form and the page comes again with the list. `read` handles both, and adds a new one when asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import request
from wtforms import Field

from haln.errors import Conflict, Invalid
from haln.people import organisations
from haln.people.organisations import Choice, Found
from haln.views import edge, words
from haln.views.errors import say
from haln.views.speech import gettext

NEW, NEW_SURE, NO_ONE = "new", "new-sure", "none"
"""Sent in the place of an id: add what was typed; add it although others come close; no organisation."""


@dataclass(frozen=True, slots=True)
class Option:
    """One organisation of the list."""

    value: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Picker:
    """What the picker shows. `adding` is the value that adds what was typed, empty when that is not offered.

    `leaving` is whether to offer having no organisation any more.
    """

    typed: str = ""
    options: tuple[Option, ...] = ()
    chosen: str = ""
    adding: str = ""
    leaving: bool = False
    sector: str = ""
    sectors: tuple[tuple[str, str], ...] = ()
    error: str = ""
    sector_error: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """What was picked: an organisation or none; or, when the form must be shown again, what the picker then shows."""

    organisation_id: int | None = None
    again: Picker | None = None


class OrganisationField(Field):
    """The picker as a field of a form; `data` is the organisation's id or none. Drawn by `organisation_picker`."""

    _shown: Picker | None = None

    @property
    def picker(self) -> Picker:
        """What to show: what was sent, or the present organisation."""
        return self._shown or present(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Leave the present one: what was sent is read by `pick`, which knows the place of a new one."""

    @property
    def finding(self) -> bool:
        """Whether the form was sent to look an organisation up, and not to be saved."""
        return _finds(self.name)

    def pick(self, place_id: int | None, may_add: bool = True) -> bool:
        """Take what was sent; false, with the picker to show again, when it is not clear what is meant.

        Without `may_add`, for a form that is not saved anyhow, a new one is judged but not added.
        """
        if self.name not in request.form and f"{self.name}-typed" not in request.form:
            return True
        picked = read(self.name, place_id, may_add)
        if picked.again is None:
            self.data = picked.organisation_id
            return True
        self._shown = picked.again
        if picked.again.error or picked.again.sector_error:
            self.errors = [picked.again.error or picked.again.sector_error]
        return False


def present(organisation_id: int | None) -> Picker:
    """The picker as it first stands, with the present organisation chosen."""
    held = organisations.choice(edge.session(), organisation_id)
    return Picker(options=(option(held),), chosen=str(held.id), leaving=True) if held else Picker()


def searched(text: str, may_add: bool = True) -> Picker:
    """The picker after something was typed."""
    found = organisations.find(edge.session(), text)
    clear = bool(found.choices) and found.choices[0].sure
    return _offering(found, NEW if may_add and found.typed and not clear else "")


def read(name: str, place_id: int | None = None, may_add: bool = True) -> Picked:
    """What was picked in the form that was sent. A new organisation is added with the given place, if it may be."""
    form = request.form
    typed, value = form.get(f"{name}-typed", "").strip(), form.get(name, "")
    if _finds(name):
        return Picked(again=searched(typed))
    if value in (NEW, NEW_SURE):
        return _added(typed, form.get(f"{name}-sector", ""), place_id, value == NEW_SURE, may_add)
    if value == NO_ONE:
        return Picked()
    if not value:
        return _unpicked(typed)
    number = edge.whole(value)
    held = organisations.choice(edge.session(), number)
    if held is None:
        return Picked(again=replace(searched(typed), error=gettext("Choose one of the organisations in the list.")))
    return Picked(held.id)


def _finds(name: str) -> bool:
    # Enter in another field presses the form's first button, which is "Find": without a text it means to send the form.
    return f"{name}-find" in request.form and bool(request.form.get(f"{name}-typed", "").strip())


def option(choice: Choice) -> Option:
    """One organisation as the list shows it."""
    through = gettext("also called %(name)s", name=choice.through) if choice.through else ""
    waiting = gettext("new, not checked yet") if choice.proposed else ""
    parts = (through, words.label("sector", choice.sector), words.place(choice.place), waiting)
    return Option(str(choice.id), choice.name, " · ".join(part for part in parts if part))


def _offering(found: Found, adding: str) -> Picker:
    options = tuple(option(choice) for choice in found.choices)
    return Picker(found.typed, options, adding=adding, sectors=sectors() if adding else ())


def sectors() -> tuple[tuple[str, str], ...]:
    """The sectors an organisation may have, to choose from: (code, words), the wider one before its kinds."""
    vocabulary = words.vocabulary()
    return (
        ("", gettext("Choose one")),
        *(
            (
                one.code,
                f"{gettext(vocabulary.top_sector(one.code).label)}: {gettext(one.label)}"
                if one.parent
                else gettext(one.label),
            )
            for one in vocabulary.choosable_sectors
        ),
    )


def _unpicked(typed: str) -> Picked:
    """Nothing is ticked: what was typed counts when it is clear which organisation is meant."""
    if not typed:
        return Picked()
    found = organisations.find(edge.session(), typed)
    if found.choices and found.choices[0].sure:
        return Picked(found.choices[0].id)
    error = (
        gettext("Choose your organisation from the list.")
        if found.choices
        else gettext("No organisation is called that. Tick “Add” if it is new, or correct its name.")
    )
    return Picked(again=replace(_offering(found, NEW), error=error))


def _added(typed: str, sector: str, place_id: int | None, sure: bool, may_add: bool) -> Picked:
    try:
        if not may_add:
            organisations.check_new(edge.session(), words.vocabulary(), typed, sector, place_id, sure)
            adding = NEW_SURE if sure else NEW
            offered = _offering(organisations.find(edge.session(), typed), adding)
            return Picked(again=replace(offered, sector=sector, chosen=adding))
        added = organisations.propose(
            edge.session(), edge.actor(), words.vocabulary(), typed, sector, place_id, edge.now(), sure
        )
    except Conflict:
        again = _offering(organisations.find(edge.session(), typed), NEW_SURE)
        error = gettext("These may be the same. If none of them is yours, choose the last one.")
        return Picked(again=replace(again, sector=sector, error=error))
    except Invalid as error:
        kind_error = gettext("Choose what kind of organisation it is.") if "sector" in error.fields else ""
        again = replace(searched(typed), sector=sector, chosen=NEW, sector_error=kind_error)
        fault = error.fields.get("name") or error.fields.get("place")
        return Picked(again=replace(again, error=gettext(fault) if fault else "" if again.sector_error else say(error)))
    return Picked(added)
