"""The pages on which staff correct connections and learning sets."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.connect import blocks
from haln.models import AuditRecord, ConnectionVersion, LearningSet, Member, MemberVersion
from haln.people import versions
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member, an_actor
from tests.cohort_builders import a_learning_set
from tests.queries import queries_of, queries_when
from tests.views.network.test_activities import text_of

TIES = "/network/corrections/connections"
SETS = "/network/corrections/sets"


def day(days: int) -> str:
    return (NOW - timedelta(days=days)).date().isoformat()


@pytest.fixture
def a_set(session: Session, cast: Cast) -> LearningSet:
    """Ada and Ben are connected, and sat in a set together."""
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=40))
    ended = (NOW - timedelta(days=5)).date()
    row = a_learning_set(session, [cast.ada, cast.ben], (NOW - timedelta(days=60)).date(), ended_on=ended)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    return row


def address(session: Session, member: int) -> str:
    return session.get_one(Member, member).email or ""


def tie(session: Session, cast: Cast, **values: str) -> dict[str, str]:
    sent = {"address": address(session, cast.ada), "other": address(session, cast.ben), "reason": "They told us."}
    return {**sent, "tied": "yes", "from_on": day(50), "until_on": day(45), "evidence": "met", **values}


def place(session: Session, cast: Cast, **values: str) -> dict[str, str]:
    sent = {"address": address(session, cast.dee), "reason": "On the list."}
    return {**sent, "sat": "yes", "from_on": day(50), "until_on": day(45), **values}


def test_a_connection_is_corrected_and_the_correction_is_seen(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet
) -> None:
    staff = signed_in(cast.sol)
    assert "E-mail address of the other" in staff.get(TIES).text
    answer = staff.post(TIES, data=tie(session, cast), follow_redirects=True)
    assert "Corrected. Figures as known" in text_of(answer.text)
    assert all(f'value="{tie(session, cast)[field]}"' in answer.text for field in ("address", "other"))
    told = text_of(staff.post(TIES, data=tie(session, cast) | {"act": "look"}).text)
    assert "They told us." in told and "Connected: Met" in told
    assert "Sol" in told and "Ada Okafor and Ben" in told
    assert staff.post(TIES, data=tie(session, cast)).status_code == 409
    never = tie(session, cast, tied="never", from_on="", until_on="", evidence="", reason="A mistake.")
    assert staff.post(TIES, data=never).status_code == 303
    told = text_of(staff.post(TIES, data=never | {"act": "look"}).text)
    assert "Not connected, at any time" in told and "What was believed before" in told
    assert "No end was known" in told


def looks(session: Session) -> list[tuple[int | None, int | None, object]]:
    session.rollback()
    kept = session.scalars(
        select(AuditRecord).where(AuditRecord.action == "look_at_connection").order_by(AuditRecord.id)
    )
    return [(one.actor_id, one.subject_id, one.detail["preview"]) for one in kept]


def test_whoever_looks_is_written_down_even_where_what_they_sent_is_refused(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet
) -> None:
    staff, pair = signed_in(cast.sol), (cast.ada, cast.ben)
    whom = {"address": address(session, cast.ada), "other": address(session, cast.ben)}
    told = staff.get(TIES, query_string=whom)
    assert "Connected: " not in text_of(told.text) and "Ada Okafor" not in told.text, "a GET writes and shows nothing"
    assert looks(session) == []
    assert "Connected: " in text_of(staff.post(TIES, data=whom | {"act": "look"}).text)
    assert looks(session) == [(cast.sol, one, False) for one in pair]
    assert staff.post(TIES, data=tie(session, cast, act="preview")).status_code == 200
    assert looks(session)[2:] == [(cast.sol, one, True) for one in pair]
    assert staff.post(TIES, data=tie(session, cast, act="preview", reason="")).status_code == 422
    assert looks(session)[4:] == [(cast.sol, one, True) for one in pair]
    assert staff.post(TIES, data=tie(session, cast, from_on="")).status_code == 422
    assert looks(session)[6:] == [(cast.sol, one, False) for one in pair]
    assert staff.post(TIES, data=whom | {"other": "nobody@example.org", "act": "look"}).status_code == 422
    assert len(looks(session)) == 8


@pytest.mark.parametrize("act", ["look", "preview", ""])
def test_who_has_blocked_the_reader_is_nobody_on_the_page(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet, act: str
) -> None:
    blocks.block(session, an_actor(session, cast.ben), session.get_one(Member, cast.sol).public_id, NOW)
    session.commit()
    answer = signed_in(cast.sol).post(TIES, data=tie(session, cast, act=act))
    assert answer.status_code == 422 and "Nobody here has this address." in answer.text
    assert "Ben Whitaker" not in answer.text and looks(session) == []
    page = signed_in(cast.sol).get("/network/corrections", query_string={"address": address(session, cast.ben)})
    assert "Nobody here has the address" in page.text and "Ben Whitaker" not in page.text


def test_a_preview_says_what_would_change_and_writes_nothing(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet
) -> None:
    staff = signed_in(cast.sol)
    before = rows(session)
    sent = tie(session, cast, from_on=day(39), until_on="", tied="no", act="preview")
    page = staff.post(TIES, data=sent)
    told = text_of(page.text)
    assert page.status_code == 200 and "Nothing is corrected yet." in told
    assert "1, with the correction 0" in told and "They told us." in page.text
    assert rows(session) == before
    no_days = text_of(staff.post(TIES, data=sent | {"from_on": day(39), "until_on": day(38)}).text)
    assert "as many members and connections as before" in no_days
    member = {"address": sent["address"], "member": "no", "from_on": day(39), "until_on": day(10), "reason": "So."}
    told = text_of(staff.post("/network/corrections", data=member | {"act": "preview"}).text)
    assert "6, with the correction 5" in told and rows(session) == before
    assert staff.post(TIES, data=sent | {"reason": ""}).status_code == 422
    staff.post(TIES, data=sent | {"act": ""})
    assert rows(session) != before


def test_a_preview_is_where_one_looks(signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet) -> None:
    """The button leads to the result, which takes the focus; the title says it, and a short one is open."""
    staff, of_ties = signed_in(cast.sol), tie(session, cast, from_on=day(39), until_on="", tied="no", act="preview")
    of_members = {"address": of_ties["address"], "member": "no", "from_on": day(39), "until_on": day(10)}
    for path, sent in ((TIES, of_ties), ("/network/corrections", of_members | {"reason": "So.", "act": "preview"})):
        page = staff.post(path, data=sent).text
        assert f'formaction="{path}#preview"' in page and "<title>What it would change – Correct a" in page
        assert page.count('id="preview"') == 1 and '<section id="preview" role="status" tabindex="-1"' in page
        opened = re.search(r'<details class="mb-4 names-its-table"( open)?><summary>Numbers that would change', page)
        assert opened and bool(opened[1]) == (
            page.count('<th scope="row"') <= 6
        )  # many rows leave the form out of sight
        assert page.index("Nothing is corrected yet.") < opened.start()
        looked = staff.post(path, data=sent | {"act": ""}, follow_redirects=True).text
        assert 'id="preview"' not in looked and "<title>What it would" not in looked


def rows(session: Session) -> list[int]:
    session.rollback()  # looks at what others have written meanwhile
    made = select(func.count(AuditRecord.id)).where(AuditRecord.action != "look_at_connection")
    counts = (select(func.count(ConnectionVersion.id)), select(func.count(MemberVersion.id)), made)
    return [session.scalar(one) or 0 for one in counts]


@pytest.mark.parametrize(
    ("values", "told", "status"),
    [
        ({"tied": ""}, "Choose one of the list.", 422),
        ({"evidence": ""}, "Choose one of the list.", 422),
        ({"from_on": ""}, "Give the first day.", 422),
        ({"until_on": "31/03/2026"}, "Give a day as in 2026-03-31.", 422),
        ({"reason": " "}, "Say how you know.", 422),
        ({"other": "nobody@example.org"}, "Nobody here has this address.", 422),
    ],
)
def test_what_cannot_be_is_said_beside_what_was_sent_of_a_connection(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet, values: dict[str, str], told: str, status: int
) -> None:
    answer = signed_in(cast.sol).post(TIES, data=tie(session, cast) | values)
    assert answer.status_code == status and told in answer.text
    (field,) = values
    assert "other" in values or f'id="{field}-error"' in answer.text
    assert "other" in values or "reason" in values or ">They told us.</textarea>" in answer.text


def test_a_set_is_found_and_its_days_and_places_corrected(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet
) -> None:
    staff, path = signed_in(cast.sol), f"{SETS}/{a_set.id}"
    assert path in staff.get(f"{SETS}?name=grow").text
    assert "There is no set of this name." in staff.get(f"{SETS}?name=nothing").text
    assert staff.get(f"{SETS}/4711").status_code == 404
    told = text_of(staff.post(f"{path}/places", data=place(session, cast), follow_redirects=True).text)
    assert "Dee Sandhu had a place, from 26 Apr 2026 until before 1 May 2026" in told
    days = {"started_on": day(55), "ended_on": day(4), "set_reason": "Their letters."}
    told = text_of(staff.post(path, data=days, follow_redirects=True).text)
    assert "Ran from" in told and "Their letters." in told
    assert staff.post(path, data=days).status_code == 409


@pytest.mark.parametrize(
    ("sent", "field", "told"),
    [
        ({"started_on": "", "ended_on": ""}, "set_reason", "Say how you know."),
        ({"started_on": "", "set_reason": "So."}, "started_on", "Give the first day."),
        ({"started_on": "soon", "set_reason": "So."}, "started_on", "Give a day as in 2026-03-31."),
    ],
)
def test_what_cannot_be_is_said_beside_a_sets_days(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet, sent: dict[str, str], field: str, told: str
) -> None:
    answer = signed_in(cast.sol).post(f"{SETS}/{a_set.id}", data=sent)
    assert answer.status_code == 422 and told in answer.text and f'id="{field}-error"' in answer.text


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"address": "x@example.org"}, "address"),
        ({"sat": ""}, "sat"),
        ({"from_on": ""}, "from_on"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_cannot_be_is_said_beside_a_place(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet, values: dict[str, str], field: str
) -> None:
    answer = signed_in(cast.sol).post(f"{SETS}/{a_set.id}/places", data=place(session, cast) | values)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text


def test_only_staff_correct(signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet) -> None:
    pages = (TIES, SETS, f"{SETS}/{a_set.id}")
    posts = ((TIES, tie(session, cast)), (f"{SETS}/{a_set.id}/places", place(session, cast)), (pages[2], {}))
    for member in (cast.ada, cast.fay):
        assert {signed_in(member).get(path).status_code for path in pages} == {403}
        assert {signed_in(member).post(path, data=data).status_code for path, data in posts} == {403}


def test_who_hides_is_not_named_in_a_list(signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet) -> None:
    staff, path = signed_in(cast.sol), f"{SETS}/{a_set.id}"
    assert "Ben" in text_of(staff.get(path).text)
    session.get_one(Member, cast.ben).listed = False
    session.commit()
    told = text_of(staff.get(path).text)
    assert "Ben" not in told and "Somebody you cannot see" in told


def test_a_page_asks_the_same_few_queries_however_many_there_are(
    signed_in: SignIn, cast: Cast, session: Session, a_set: LearningSet
) -> None:
    staff = signed_in(cast.sol)
    paths, look = (TIES, SETS, f"{SETS}/{a_set.id}"), tie(session, cast, act="look")
    staff.post(f"{SETS}/{a_set.id}/places", data=place(session, cast))
    staff.post(TIES, data=tie(session, cast))
    few = [queries_of(staff, path) for path in paths]
    few_of_two = queries_when(lambda: staff.post(TIES, data=look))
    for number in range(30):
        member = a_member(session, f"Grown Member{number}", joined_at=NOW - timedelta(days=60)).id
        a_learning_set(session, [member], name=f"Set {number}")
        session.commit()
        staff.post(f"{SETS}/{a_set.id}/places", data=place(session, cast, address=address(session, member)))
        staff.post(TIES, data=tie(session, cast, from_on=day(50 - number), until_on=day(45 - number)))
    assert [queries_of(staff, path) for path in paths] == few
    assert queries_when(lambda: staff.post(TIES, data=look)) == few_of_two
    assert max(few) <= 10 and few_of_two <= 14
    assert "Grown Member29 had a place" in text_of(staff.get(paths[2]).text)
