"""What pages of figures ask for, and what they all need: the question, its filters, and everything that was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from flask import Blueprint, Flask, current_app, request, url_for

from haln.errors import Invalid
from haln.measure import exports, kept, questions
from haln.measure.exports import File
from haln.measure.exports_rows import UNFIT, Asked
from haln.measure.holding import Held
from haln.measure.questions import Question
from haln.views import edge, errors, local_time, words
from haln.views.connections import evidence_words
from haln.views.network.tabs import network_tabs, read, right
from haln.views.speech import gettext

ASKED = ("as_of", "known_on", "known", "evidence", "hosts", "sector", "region")


def set_up(app: Flask) -> None:
    """Hold what was said of the network in this process."""
    app.extensions["haln_network_facts"] = Held()


def threshold() -> int:
    """Numbers of people from 1 to this one are hidden in what is published."""
    return int(current_app.config["SMALL_NUMBER"])


def figures_file(wanted: Asked, form: str, *, mark: bool) -> File:
    """Figures as a file; costly ones of a large network as of the days for which they are kept."""
    versions = held()
    ahead = partial(kept.read_rows, edge.session(), versions)
    return exports.figures_file(versions, wanted, form, mark=mark, kept=ahead, patient=False)


def held() -> Any:
    """Everything that was said of the network."""
    return holder().current(edge.session(), words.vocabulary())


def holder() -> Held:
    """What holds it in this process."""
    return cast(Held, current_app.extensions["haln_network_facts"])


def asked() -> tuple[Question, Mapping[str, str]]:
    """What is asked for; what cannot be is left out, and why is told."""
    today = local_time.today()
    return read(lambda given: questions.asked(given, today, words.vocabulary()))


def exactly() -> Question:
    """What the address or the form asks for. Raises Invalid for what cannot be asked."""
    return questions.asked(request.values, local_time.today(), words.vocabulary())


def say_what_is_wrong(family: Blueprint) -> None:
    """Where one of these pages gives a file and is asked for what cannot be: say what is wrong, lead to the files."""
    family.register_error_handler(Invalid, _no_file)


def _no_file(error: Exception) -> errors.Answer:
    assert isinstance(error, Invalid)
    question, wrong = asked()
    told = {field: gettext(sentence) for field, sentence in error.fields.items()}
    return errors.answer_with(error, "network/no_file.html", **frame(question, {**told, **wrong}))


def publishable() -> tuple[Question, Mapping[str, str]]:
    """The same for what is to be published: of everybody, and why, where it would narrow down in more than one way."""
    question, wrong = asked()
    if question.publishable:
        return question, wrong
    field = "region" if question.region else "sector"
    everybody = replace(question, sector="", region="", with_hosts=True)
    return everybody, {**wrong, field: f"{unfit()} {gettext('This is of everybody.')}"}


def unfit() -> str:
    """Why figures of a question that is not publishable may not be published."""
    return gettext(UNFIT)


def _given() -> dict[str, str]:
    """The filters of the address, to carry on."""
    given = right(request.values)
    return {name: given[name] for name in ASKED if given.get(name)}


def address(endpoint: str, **values: str) -> str:
    """The address of a page with the filters of this one."""
    carried: dict[str, Any] = {**_given(), **values}
    return url_for(endpoint, **carried)


def frame(question: Question, wrong: Mapping[str, str]) -> dict[str, Any]:
    """What every page of figures needs: tabs, the filters and what they may be."""
    return {
        "pages": network_tabs(),
        "question": question,
        "unfit": "" if question.publishable else unfit(),
        "errors": wrong,
        "given": _given(),
        "words": words,
        "as_of": words.day(question.as_of),
        "known_on": words.day(question.known_by(question.as_of) or local_time.today()),
        **choices(),
    }


def choices() -> dict[str, Any]:
    """What may be chosen for each filter."""
    vocabulary = words.vocabulary()
    anything = [("", gettext("Any"))]
    return {
        "evidences": anything + evidence_words(),
        "sectors": anything + [(one.code, words.label("sector", one.code)) for one in vocabulary.top_sectors],
        "regions": anything
        + [(one.ons_code, words.label("region", one.ons_code)) for one in vocabulary.choosable_regions],
        "hosts": [("", gettext("Everybody")), ("without", gettext("Without staff and facilitators"))],
        "today": local_time.today().isoformat(),
    }
