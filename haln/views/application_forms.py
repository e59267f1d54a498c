"""The form of an application: read, and drawn again with what was sent; a member's own, or one a facilitator enters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from haln.errors import Invalid
from haln.learn.application_pages import OwnApplication
from haln.learn.applications import Answers
from haln.learn.slots import Slot
from haln.people import finding
from haln.people.seen import PersonLine
from haln.views import edge, slot_words, words
from haln.views.slot_words import SlotTable
from haln.views.speech import gettext


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several to tick or to choose."""

    value: str
    label: str
    checked: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Whom one would rather not sit with: those chosen, those found by what was typed."""

    chosen: list[Choice]
    found: list[Choice]
    typed: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """An application's form with what stands in it, and the sentences beside its fields."""

    live_issue: str
    access_needs: str
    themes: list[Choice]
    table: SlotTable | None
    facilitators: list[tuple[str, str]]
    facilitator: str
    people: People
    problems: dict[str, str]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """The problems, each with the field it leads to."""
        first = {"slots": "slot-0-0", "apart": "apart"}
        return [(first.get(name, name), said) for name, said in self.problems.items()]


def sent() -> Answers:
    """What the form says."""
    chosen = (edge.whole(text) for text in request.form.getlist("slot"))
    return Answers(
        live_issue=request.form.get("live_issue", ""),
        themes=tuple(request.form.getlist("themes")),
        slots=frozenset(slot for slot in chosen if slot is not None),
        apart=tuple(key[:16] for key in request.form.getlist("apart")[:50]),
        access_needs=request.form.get("access_needs", ""),
        facilitator=request.form.get("facilitator", "")[:16],
    )


def held(own: OwnApplication | None) -> Answers:
    """What an application says already; nothing for none, and little of one that was withdrawn."""
    if own is None:
        return Answers()
    return Answers(
        live_issue=own.live_issue,
        themes=own.themes,
        slots=own.slots,
        apart=tuple(line.public_id for line in own.apart),
        access_needs=own.access_needs,
        facilitator=own.facilitator.public_id if own.facilitator else "",
    )


def draw(
    said: Answers, slots: Sequence[Slot], facilitators: Sequence[tuple[str, str]], problem: Invalid | None = None
) -> Drawn:
    """The form with these answers in it."""
    fields: Mapping[str, str] = problem.fields if problem else {}
    return Drawn(
        live_issue=said.live_issue,
        access_needs=said.access_needs,
        themes=[
            Choice(theme.code, gettext(theme.label), theme.code in said.themes) for theme in words.vocabulary().themes
        ],
        table=slot_words.table(slots, said.slots) if slots else None,
        facilitators=[("", gettext("No preference")), *facilitators] if len(facilitators) > 1 else [],
        facilitator=said.facilitator,
        people=people(said.apart, request.values.get("apart-typed", "")[:80]),
        problems={name: gettext(sentence) for name, sentence in fields.items()},
    )


def people(chosen: Sequence[str], typed: str) -> People:
    """Whom one chose, and whom one finds by what was typed."""
    viewer = edge.actor().member_id
    there = [line for line in finding.chosen(edge.session(), viewer, chosen) if line.id != viewer]
    found = finding.named(edge.session(), viewer, typed, [line.public_id for line in there]) if typed.strip() else []
    return People([_choice(line, True) for line in there], [_choice(line, False) for line in found], typed)


def _choice(line: PersonLine, checked: bool) -> Choice:
    detail = [words.work(line.role, line.level, line.job_title), line.organisation or ""]
    return Choice(line.public_id, line.name, checked, " · ".join(part for part in detail if part))
