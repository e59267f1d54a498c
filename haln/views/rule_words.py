"""Rules of a cohort as sentences: kinds, figures and strengths in, the reader's language out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from haln.views.speech import gettext, ngettext


class RuleFacts(Protocol):
    """A rule as data (`haln.matching.rules.Rule`); its kind and its strength are their codes."""

    @property
    def kind(self) -> str: ...
    @property
    def strength(self) -> str: ...
    @property
    def number(self) -> int | None: ...
    @property
    def most(self) -> int | None: ...
    @property
    def of(self) -> str | None: ...


def sentence(rule: RuleFacts) -> str:
    """What the rule asks for, as a sentence without its full stop: it stands in lists and reports."""
    return _SENTENCES[str(rule.kind)](rule)


def strength(code: str) -> str:
    """How much a rule counts, in words: "must", "strongly", "if possible"."""
    said = {"must": gettext("must"), "strongly": gettext("strongly"), "if_possible": gettext("if possible")}
    return said[str(code)]


def name(kind: str, of: str | None = None) -> str:
    """The rule's short name, for headings of columns and for choosing one."""
    return _NAMES[str(kind)](of)


def of_words(of: str | None) -> str:
    """What a rule about kinds of people goes by."""
    said = {
        "sector": gettext("sector"),
        "nation": gettext("nation"),
        "region": gettext("region"),
        "role": gettext("role"),
    }
    return said.get(of or "", "")


def _size(rule: RuleFacts) -> str:
    if rule.number == rule.most:
        return ngettext("Sets of %(num)s person", "Sets of %(num)s people", rule.number or 0)
    return gettext("Sets of %(low)s to %(high)s people", low=rule.number, high=rule.most)


def _per_organisation(rule: RuleFacts) -> str:
    number = rule.number or 1
    if number == 1:
        return gettext("At most one person from each organisation")
    return ngettext(
        "At most %(num)s person from each organisation", "At most %(num)s people from each organisation", number
    )


def _slots(rule: RuleFacts) -> str:
    number = rule.number or 1
    if number == 1:
        return gettext("Everyone in a set can make at least one of the same times")
    return ngettext(
        "Everyone in a set can make at least %(num)s of the same times",
        "Everyone in a set can make at least %(num)s of the same times",
        number,
    )


def _not_alone(rule: RuleFacts) -> str:
    said = {
        "sector": gettext("Nobody is the only one of their sector in a set"),
        "nation": gettext("Nobody is the only one of their nation in a set"),
        "role": gettext("Nobody is the only one of their role in a set"),
    }
    return said[str(rule.of)]


def _spread(rule: RuleFacts) -> str:
    said = {
        "sector": gettext("Each set brings different sectors together"),
        "region": gettext("Each set brings different regions together"),
        "role": gettext("Each set brings different roles together"),
    }
    return said[str(rule.of)]


_SENTENCES: dict[str, Callable[[RuleFacts], str]] = {
    "size": _size,
    "per_organisation": _per_organisation,
    "managers": lambda rule: gettext("Nobody sits with their line manager"),
    "apart": lambda rule: gettext("People who are to be kept apart are in different sets"),
    "together": lambda rule: gettext("People who are to be kept together are in the same set"),
    "slots": _slots,
    "facilitator_load": lambda rule: gettext("Each set has a facilitator with room and time for it"),
    "not_alone": _not_alone,
    "spread": _spread,
    "themes": lambda rule: gettext("People in a set share themes"),
    "live_issue": lambda rule: gettext("People in a set bring similar live issues"),
    "peers": lambda rule: gettext("People in a set are at a similar level"),
    "maturity_mix": lambda rule: gettext("People who are further along sit with people who are starting"),
    "new_ties": lambda rule: gettext("People in a set are not connected yet"),
    "not_again": lambda rule: gettext("Nobody sits with somebody from an earlier set again"),
    "balance": lambda rule: gettext("Sets are of much the same size"),
    "preferred_facilitator": lambda rule: gettext("People are led by the facilitator whom they would like"),
}

_NAMES: dict[str, Callable[[str | None], str]] = {
    "size": lambda of: gettext("Size"),
    "per_organisation": lambda of: gettext("Organisations"),
    "managers": lambda of: gettext("Line managers"),
    "apart": lambda of: gettext("Kept apart"),
    "together": lambda of: gettext("Kept together"),
    "slots": lambda of: gettext("Times in common"),
    "facilitator_load": lambda of: gettext("Facilitators’ room and time"),
    "not_alone": lambda of: gettext("Nobody alone: %(of)s", of=of_words(of)) if of else gettext("Nobody alone"),
    "spread": lambda of: gettext("Different: %(of)s", of=of_words(of)) if of else gettext("Different kinds"),
    "themes": lambda of: gettext("Shared themes"),
    "live_issue": lambda of: gettext("Similar live issues"),
    "peers": lambda of: gettext("Similar level"),
    "maturity_mix": lambda of: gettext("Mix of experience"),
    "new_ties": lambda of: gettext("New ties"),
    "not_again": lambda of: gettext("Not again"),
    "balance": lambda of: gettext("Balance of sizes"),
    "preferred_facilitator": lambda of: gettext("Preferred facilitator"),
}
