"""In words, of whom figures are and on what their connections rest: for titles, leads and what was asked for."""

from __future__ import annotations

from haln.measure.questions import Question
from haln.views import words
from haln.views.connections import evidence_words
from haln.views.speech import gettext


def narrowed(question: Question) -> str:
    """Who and what counts; empty where everybody and everything does."""
    said = []
    if not question.with_hosts:
        said.append(gettext("without staff and facilitators"))
    if question.sector:
        said.append(words.label("sector", question.sector))
    if question.region:
        said.append(words.label("region", question.region))
    if question.evidence:
        rests_on = dict(evidence_words())[question.evidence]
        said.append(gettext("connections that rest on: %(evidence)s", evidence=rests_on))
    return "; ".join(said)


def in_name(question: Question) -> str:
    """The same for the name of a file: in the words of addresses, which are the same in every language."""
    return "".join(f"-{one.replace('=', '-')}" for one in question.filter.split("&") if one)
