"""The forms of a member's own profile, and how themes and visibility are read from a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from haln.errors import Invalid
from haln.people import places, profiles
from haln.people.profiles import OPEN_END, About, Profile, ThemeChoice
from haln.people.visibility import FACTS, Visibility
from haln.views import edge, words
from haln.views.organisation_picking import OrganisationField
from haln.views.speech import gettext

SUGGESTING = ("yes", "until", "open", "no")


class AboutForm(FlaskForm):
    """Who you are at work."""

    name = StringField(lazy_gettext("Your name"), render_kw={"required": True})
    job_title = StringField(lazy_gettext("Job title"), description=lazy_gettext("In your own words."))
    role = SelectField(lazy_gettext("What you mainly work on"))
    level = SelectField(lazy_gettext("Level"))
    organisation_id = OrganisationField(
        lazy_gettext("Your organisation"), description=lazy_gettext("Its name, or a short or old one: then choose it.")
    )
    place = StringField(
        lazy_gettext("Where you work"),
        description=lazy_gettext("A council area, region or nation. Leave it empty to use your organisation’s."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vocabulary = words.vocabulary()
        unsaid = ("", gettext("Not said"))
        self.name.flags.required = True
        self.role.choices = [unsaid, *((role.code, gettext(role.label)) for role in vocabulary.roles)]
        self.level.choices = [unsaid, *((level.code, gettext(level.label)) for level in vocabulary.levels)]

    def about(self, organisation_id: int | None, place_id: int | None) -> About:
        """What was entered, for the domain to judge."""
        return About(
            name=self.name.data or "",
            role=self.role.data or None,
            level=self.level.data or None,
            job_title=self.job_title.data,
            organisation_id=organisation_id,
            place_id=place_id,
        )


class BiographyForm(FlaskForm):
    """About you, in your own words."""

    biography = TextAreaField(
        lazy_gettext("About you"),
        description=lazy_gettext(
            "What you are working on and what you have learned. Use **bold**, lists with a dash, and [links](https://…)."
        ),
    )


class SuggestingForm(FlaskForm):
    """Whether others may be suggested you."""

    suggesting = RadioField(lazy_gettext("Suggest me to other members"))
    paused_until = DateField(
        lazy_gettext("Back on"), description=lazy_gettext("For a break until a day."), validators=[Optional()]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggesting.choices = [
            ("yes", gettext("Yes")),
            ("until", gettext("I am taking a break until a day")),
            ("open", gettext("I am taking a break until I say so")),
            ("no", gettext("No, never suggest me; people can still find me in the directory")),
        ]

    @staticmethod
    def values(profile: Profile, today: date) -> dict[str, object]:
        """What the form shows at first."""
        paused = profile.paused_until if profile.paused_until and profile.paused_until > today else None
        state = (
            "no" if not profile.suggest_me else "yes" if paused is None else "open" if paused == OPEN_END else "until"
        )
        return {"suggesting": state, "paused_until": paused if state == "until" else None}


class ThemesForm(FlaskForm):
    """Themes: drawn by the theme grid, read by `themes_sent`."""


class VisibilityForm(FlaskForm):
    """Who may see what: drawn by the visibility selects, read by `visibility_sent`."""


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme of the grid."""

    key: str
    label: str
    interest: bool
    offer: bool
    seek: bool
    maturity: int | None


@dataclass(frozen=True, slots=True)
class VisibilityRow:
    """One fact and who may see it."""

    name: str
    label: str
    value: int
    options: list[tuple[int, str]]
    hint: str

    @property
    def chosen(self) -> str:
        """Who may see it, in words."""
        return dict(self.options).get(self.value, "")


def theme_rows(choices: tuple[ThemeChoice, ...]) -> list[ThemeRow]:
    """Every theme of the network with what the member says about it."""
    held = {choice.theme: choice for choice in choices}
    rows = []
    for theme in words.vocabulary().themes:
        one = held.get(theme.code) or ThemeChoice(theme.code)
        rows.append(ThemeRow(theme.code, gettext(theme.label), one.interest, one.offer, one.seek, one.maturity))
    return rows


def maturity_levels() -> list[tuple[int, str]]:
    """The steps of maturity as the grid offers them."""
    return [(step.rank, gettext(step.label)) for step in words.vocabulary().maturity]


def themes_sent() -> list[ThemeChoice]:
    """What the theme grid sent."""
    picked = {flag: set(request.form.getlist(flag)) for flag in ("interest", "offer", "seek")}
    codes = set().union(*picked.values())
    codes.update(theme.code for theme in words.vocabulary().themes if request.form.get(f"maturity-{theme.code}"))
    choices = []
    for code in sorted(codes):
        flags = {flag: code in chosen for flag, chosen in picked.items()}
        choices.append(ThemeChoice(code, **flags, maturity=_number(request.form.get(f"maturity-{code}", ""))))
    return choices


def visibility_sent(facts: tuple[str, ...]) -> dict[str, int]:
    """Who may see what, as sent; a value that is no level becomes one that the domain refuses."""
    sent = {fact: request.form[fact] for fact in facts if fact in request.form}
    return {fact: number if (number := _number(value)) is not None else -1 for fact, value in sent.items()}


def visibility_rows(profile: Profile) -> list[VisibilityRow]:
    """Each fact with who may see it now."""
    options = [
        (int(Visibility.EVERYONE), gettext("Everyone, signed in or not")),
        (int(Visibility.MEMBERS), gettext("Members")),
        (int(Visibility.CONNECTIONS), gettext("My connections")),
        (int(Visibility.NOBODY), gettext("Nobody")),
    ]
    labels = {
        "name": gettext("My name and page"),
        "role": gettext("Role, level and job title"),
        "organisation": gettext("Organisation"),
        "place": gettext("Place"),
        "biography": gettext("About me"),
        "themes": gettext("Themes"),
        "connections": gettext("Whom I am connected with"),
        "email": gettext("E-mail address"),
    }
    hints = {
        "name": gettext("Everyone: people who are not signed in have a page about you too."),
        "connections": gettext("Members see only people you both know."),
    }
    return [
        VisibilityRow(fact, words_, profile.show[fact], options[:2] if fact == "name" else options, hints.get(fact, ""))
        for fact, words_ in labels.items()
    ]


def _number(text: str) -> int | None:
    """A small whole number, none for nothing, and one that fits nowhere for anything else."""
    if not text:
        return None
    return int(text) if len(text) == 1 and text.isascii() and text.isdigit() else -1


def status(form: FlaskForm) -> int:
    """422 when the form was sent and cannot be taken."""
    return 422 if form.errors else 200


def show_faults(form: FlaskForm, error: Invalid, otherwise: str) -> None:
    """Put what the domain refused beside the fields, or beside `otherwise` where it names none of them."""
    for name, sentence in (error.fields or {otherwise: error.sentence}).items():
        field = form[name if name in form else otherwise]
        field.errors = [*field.errors, gettext(sentence)]


def save_about(form: AboutForm) -> bool:
    """Store the section about work; false, with the faults in the form, when it cannot be taken."""
    place_id = places.named(edge.session(), form.place.data or "")
    wrong = profiles.about_faults(edge.session(), form.about(None, place_id), words.vocabulary())
    if place_id is None and (form.place.data or "").strip():
        wrong["place"] = gettext("Choose a place from the list, or leave this empty.")
    picked = form.organisation_id.pick(place_id, may_add=not wrong)
    if form.organisation_id.finding:
        return False
    if wrong:
        show_faults(form, Invalid("Some of what you entered cannot be saved.", wrong), "name")
    if wrong or not picked:
        return False
    try:
        profiles.change_about(
            edge.session(),
            edge.actor(),
            form.about(form.organisation_id.data, place_id),
            words.vocabulary(),
            edge.now(),
        )
    except Invalid as error:
        show_faults(form, error, "name")
        return False
    return True


def save_themes() -> None:
    """Store what the theme grid sent."""
    profiles.change_themes(edge.session(), edge.actor(), themes_sent(), words.vocabulary(), edge.now())


def save_visibility(listed: bool) -> None:
    """Store who may see what."""
    sent = visibility_sent(("name", *FACTS))
    profiles.change_visibility(edge.session(), edge.actor(), sent, listed, edge.now())


def save_suggesting(form: SuggestingForm) -> None:
    """Store whether and from when the member may be suggested. Raises Invalid."""
    choice = form.suggesting.data
    if choice == "until" and form.paused_until.data is None:
        raise Invalid("Enter the day.", {"paused_until": "Enter the day from which you may be suggested again."})
    until = {"until": form.paused_until.data, "open": OPEN_END}.get(choice)
    profiles.change_suggesting(edge.session(), edge.actor(), choice != "no", until, edge.now())
