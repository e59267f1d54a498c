"""Two people with one form: the second gets back what they typed, reads what the first changed, and can save."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from haln.learn import pathway_seeds
from haln.models import Organisation, PathwayModule, PathwayStep
from haln.people import organisations
from haln.people.organisations import Correction
from haln.taxonomy import vocabulary
from tests.application import SignIn
from tests.builders import NOW, Cast, an_actor
from tests.coffee_builders import an_open_round
from tests.cohort_builders import a_cohort
from tests.event_builders import an_event
from tests.learn.sets import a_session, the_set
from tests.resource_builders import a_draft

FIELD = re.compile(r"<input\b[^>]*>|<textarea\b[^>]*>[^<]*</textarea>|<select\b.*?</select>", re.DOTALL)
MEANWHILE = "What somebody else has changed since you opened it"


def form_of(page: str) -> dict[str, list[str]]:
    """All that the page's own form would send, as a browser reads it."""
    form, found = page.split('<form class="form"', 1)[1].split("</form>", 1)[0], dict[str, list[str]]()
    for tag in FIELD.findall(form):
        name = re.search(r'\bname="([^"]*)"', tag)
        head = tag.split(">", 1)[0]
        if name is None or (('type="radio"' in head or 'type="checkbox"' in head) and " checked" not in head):
            continue
        if tag.startswith("<textarea"):
            value = tag.split(">", 1)[1].removesuffix("</textarea>").removeprefix("\n")
        elif tag.startswith("<select"):
            chosen = re.search(r'<option(?=[^>]*\bselected)[^>]*\bvalue="([^"]*)"', tag)
            value = chosen[1] if chosen else ""
        else:
            given = re.search(r'\bvalue="([^"]*)"', head)
            value = given[1] if given else ""
        found.setdefault(name[1], []).append(unescape(value))
    return found


def addresses(session: Session, cast: Cast) -> dict[str, tuple[str, str, str, str]]:
    """Each form with a version: address, a field that the first changes, one that the second does, and the label."""
    event = an_event(session, cast.fay)
    call = a_cohort(session, cast.fay)
    row = the_set(session, cast)
    meeting = a_session(session, row)
    pathway_seeds.bring(session, cast.sol, NOW)
    module, step = session.query(PathwayModule).first(), session.query(PathwayStep).filter_by(kind="read").first()
    assert module is not None and step is not None
    body = session.query(Organisation).first()
    assert body is not None
    draft = a_draft(session, cast.sol).public_id
    session.flush()
    return {
        "event": (f"/events/{event.public_id}/change", "where", "title", "Where"),
        "cohort": (f"/cohorts/{call.public_id}/edit", "where", "title", "Where"),
        "set": (f"/sets/{row.public_id}/about", "where", "name", "Where it meets"),
        "session": (f"/sets/{row.public_id}/sessions/{meeting.public_id}/change", "where", "agenda", "Where"),
        "module": (f"/pathway-editing/modules/{module.public_id}/edit", "purpose", "title", "What it is for"),
        "step": (f"/pathway-editing/steps/{step.public_id}", "text", "title", "What there is to do"),
        "resource": (f"/resources/{draft}/edit", "standfirst", "title", "Standfirst"),
        "organisation": (f"/staff/organisations/{body.id}", "town", "name", "Town"),
    }


KINDS = ["event", "cohort", "set", "session", "module", "step", "resource", "organisation"]


@pytest.mark.parametrize("kind", KINDS)
def test_who_comes_second_reads_what_the_first_changed_and_saves_in_a_second_go(
    session: Session, cast: Cast, signed_in: SignIn, kind: str
) -> None:
    address, theirs, own, label = addresses(session, cast)[kind]
    session.commit()
    who = signed_in(cast.fay if kind in ("set", "session", "cohort") else cast.sol)

    def save(sent: dict[str, list[str]]) -> TestResponse:
        return who.post(address, data=sent)

    first = form_of(who.get(address).text)
    second = {name: list(values) for name, values in first.items()}
    assert MEANWHILE not in who.get(address).text
    assert save({**first, theirs: ["Changed by the first"]}).status_code == 303
    stale = save({**second, own: ["Typed by the second"]})
    assert stale.status_code == 409
    told = stale.text.split(MEANWHILE, 1)[1].split("</dl>", 1)[0]
    assert f"<dt>{label}</dt>" in told and "Changed by the first" in told
    assert told.count("<dt>") == 1, "only what the first changed is told"
    given_back = form_of(stale.text)
    assert given_back[own] == ["Typed by the second"]
    assert save({**given_back, theirs: ["Changed by the first"]}).status_code == 303
    kept = form_of(who.get(address).text)
    assert kept[own] == ["Typed by the second"] and kept[theirs] == ["Changed by the first"]


def test_a_fault_in_between_forgets_neither_what_was_seen_nor_that_it_was_changed(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    address = f"/events/{an_event(session, cast.fay).public_id}/change"
    session.commit()
    fay = signed_in(cast.fay)
    first = form_of(fay.get(address).text)
    assert fay.post(address, data={**first, "where": ["Leeds"]}).status_code == 303
    faulty = fay.post(address, data={**first, "title": [""]})
    assert faulty.status_code in (409, 422)
    given_back = form_of(faulty.text)
    again = fay.post(address, data={**given_back, "title": ["Mine"]})
    assert again.status_code == (409 if faulty.status_code == 422 else 303)


def test_a_round_of_coffee_says_what_was_changed(session: Session, cast: Cast, signed_in: SignIn) -> None:
    address = f"/coffee/rounds/{an_open_round(session, cast.sol).public_id}/edit"
    session.commit()
    sol = signed_in(cast.sol)
    first = form_of(sol.get(address).text)
    assert sol.post(address, data={**first, "colleagues": ["no"]}).status_code == 303
    stale = sol.post(address, data={**first, "across": ["strong"]})
    assert stale.status_code == 409 and MEANWHILE in stale.text
    given_back = form_of(stale.text)
    assert given_back["across"] == ["strong"]
    assert sol.post(address, data={**given_back, "colleagues": ["no"]}).status_code == 303


def test_an_organisation_is_not_changed_by_a_form_that_saw_another_one(session: Session, cast: Cast) -> None:
    row = session.query(Organisation).first()
    assert row is not None
    seen, words, staff = row.changed_at, vocabulary.load(), an_actor(session, cast.sol)
    organisations.correct(session, staff, words, row.id, Correction("First", row.sector), NOW, seen)
    with pytest.raises(organisations.Conflict):
        organisations.correct(session, staff, words, row.id, Correction("Second", row.sector), NOW, seen)
    assert row.name == "First"
