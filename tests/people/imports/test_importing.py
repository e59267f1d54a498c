"""Bringing members in: what is previewed is what happens, once, wholly or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.models import ImportFile, Member, MemberTheme
from haln.people import correcting
from haln.people.imports import applying
from haln.people.imports.planning import Outcome, Plan, PlannedRow, plan, refused_file
from haln.people.imports.tables import read
from haln.taxonomy.vocabulary import Vocabulary, load
from tests.builders import NOW, Cast, a_member, a_place, a_theme, an_actor, an_organisation

HEADER = "email,name,role,organisation,place,offers,seeks\n"


@pytest.fixture
def vocabulary() -> Vocabulary:
    return load()


def planned(session: Session, vocabulary: Vocabulary, *lines: str, header: str = HEADER) -> Plan:
    return plan(session, read((header + "\n".join(lines)).encode(), "m.csv"), vocabulary, NOW.date())


def said(row: PlannedRow) -> tuple[str, ...]:
    """Why a row is refused."""
    return tuple(reason.text for reason in row.reasons)


def outcomes(made: Plan) -> list[str]:
    return [row.outcome.value for row in made.rows]


def test_each_row_says_what_would_happen_to_it(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    made = planned(
        session,
        vocabulary,
        "new@example.org,Nia New,Procurement,Leeds City Council,Leeds,food,housing",
        "eve@example.org,Eve Wrong,juggler,,,,",
        "not-an-address,Noa Nobody,,,,,",
        "ada.okafor@example.org,Ada Okafor,procurement,,,,",
    )
    assert outcomes(made) == ["create", "refused", "refused", "unchanged"]
    assert said(made.rows[1]) == ("“juggler” is not a role of this network.",)
    assert said(made.rows[2]) == ("“not-an-address” is not an e-mail address.",)


def test_the_preview_writes_nothing(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    before = session.scalar(select(func.count(Member.id)))
    planned(session, vocabulary, "new@example.org,Nia New,,,,,")
    assert not session.new
    assert not session.dirty
    assert session.scalar(select(func.count(Member.id))) == before


def test_applying_twice_changes_nothing_the_second_time(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    lines = ("new@example.org,Nia New,procurement,Leeds City Council,Leeds,food,housing", "x@example.org,Xan Two,,,,,")
    first = applying.apply(session, None, planned(session, vocabulary, *lines), True, NOW)
    session.commit()
    second = planned(session, vocabulary, *lines)
    assert (first.created, outcomes(second)) == (2, ["unchanged", "unchanged"])


def test_a_row_that_comes_twice_is_refused_the_second_time(
    session: Session, cast: Cast, vocabulary: Vocabulary
) -> None:
    made = planned(session, vocabulary, "a@example.org,Una,,,,,", "A@Example.org,Una Again,,,,,")
    assert outcomes(made) == ["create", "refused"]
    assert said(made.rows[1]) == ("The address is already in line 2.",)


def test_what_a_member_confirmed_is_not_overwritten(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    made = planned(session, vocabulary, "ada.okafor@example.org,Somebody Else,finance,,,,")
    assert outcomes(made) == ["unchanged"]


@pytest.fixture
def york(session: Session, cast: Cast) -> int:
    """The place of an organisation far from everybody's."""
    place = a_place(session, "York", "E06000014")
    an_organisation(session, "City of York Council", "council-unitary", place)
    session.commit()
    return place.id


def test_who_comes_without_a_place_has_that_of_the_organisation(
    session: Session, cast: Cast, york: int, vocabulary: Vocabulary
) -> None:
    a_member(session, "Gil Gap", confirmed_at=NOW)
    made = planned(
        session,
        vocabulary,
        "new@example.org,Nia New,,City of York Council,,,",
        "other@example.org,Oli Other,,City of York Council,Cardiff,,",
        "gil.gap@example.org,Gil Gap,,City of York Council,,,",
    )
    homes = [row.values.get("place_id") for row in made.rows]
    assert (homes[0], homes[2]) == (york, york)
    assert homes[1] not in (None, york)
    applying.apply(session, None, made, False, NOW)
    session.commit()
    again = planned(session, vocabulary, "new@example.org,Nia New,,City of York Council,,,")
    assert outcomes(again) == ["unchanged"]


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_organisation_brought_in_moves_nobody_who_has_a_place(
    session: Session, cast: Cast, york: int, vocabulary: Vocabulary, confirmed: bool
) -> None:
    cai = session.get_one(Member, cast.cai)
    cai.confirmed_at, cai.organisation_id = NOW if confirmed else None, None
    ada = session.get_one(Member, cast.ada)
    ada.confirmed_at, ada.place_id = NOW, None  # her own organisation stays, so that this one's place is not hers
    session.commit()
    made = planned(
        session,
        vocabulary,
        f"{cai.email},{cai.name},,City of York Council,,,",
        f"{ada.email},{ada.name},,City of York Council,,,",
    )
    assert [row.values.get("place_id") for row in made.rows] == [None, None]


def test_empty_facts_are_filled(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    member = a_member(session, "Gil Gap", role=None, confirmed_at=NOW)
    made = planned(session, vocabulary, "gil.gap@example.org,Gil Other,finance,,,food,")
    applying.apply(session, None, made, False, NOW)
    session.expire_all()
    assert (member.name, member.role) == ("Gil Gap", "finance")
    assert session.get_one(MemberTheme, (member.id, "food")).offer


def test_an_unconfirmed_member_is_brought_up_to_date(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    member = a_member(session, "Old Name", confirmed_at=None, role="finance")
    a_theme(session, member.id, "food", interest=True)
    applying.apply(
        session, None, planned(session, vocabulary, "old.name@example.org,New Name,research,,,food,"), False, NOW
    )
    session.expire_all()
    theme = session.get_one(MemberTheme, (member.id, "food"))
    assert (member.name, member.sort_name, member.role) == ("New Name", "name new", "research")
    assert theme.interest
    assert theme.offer


@pytest.mark.parametrize("standing", ["left", "erased"])
def test_people_who_left_are_not_brought_back(
    session: Session, cast: Cast, vocabulary: Vocabulary, standing: str
) -> None:
    a_member(session, "Lee Left", standing=standing)
    made = planned(session, vocabulary, "lee.left@example.org,Lee Left,,,,,")
    assert outcomes(made) == ["refused"]


def test_an_import_never_gives_anybody_more_rights(session: Session, vocabulary: Vocabulary) -> None:
    with pytest.raises(Invalid, match="“audience” is not one that is read"):
        planned(session, vocabulary, "a@example.org,Una,staff", header="email,name,audience\n")


def test_an_unknown_organisation_is_refused_with_the_nearest_names(
    session: Session, cast: Cast, vocabulary: Vocabulary
) -> None:
    made = planned(session, vocabulary, "a@example.org,Una,,Leeds Teeching Hospital Trust Society,,,")
    assert outcomes(made) == ["refused"]
    assert "Leeds Teaching Hospitals NHS Trust" in said(made.rows[0])[0]


def test_a_formula_in_a_cell_is_refused(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    made = planned(session, vocabulary, "a@example.org,=HYPERLINK(1),,,,,")
    assert "begins like a formula" in said(made.rows[0])[0]


def test_new_people_are_invited_unless_they_have_agreed(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    invited = applying.apply(session, None, planned(session, vocabulary, "a@example.org,Una,,,,,"), False, NOW)
    agreed = applying.apply(session, None, planned(session, vocabulary, "b@example.org,Bea,,,,,"), True, NOW)
    standings = dict(
        session.execute(select(Member.email, Member.standing).where(Member.email.like("_@example.org"))).all()
    )
    assert standings == {"a@example.org": "invited", "b@example.org": "active"}
    assert len(invited.invited) == 1
    assert agreed.invited == ()


def test_refused_rows_come_back_as_a_file_that_can_be_mended_and_sent_again(
    session: Session, cast: Cast, vocabulary: Vocabulary
) -> None:
    table = read((HEADER + "a@example.org,Una,juggler,,,,\nb@example.org,Bea,,,,,").encode(), "m.csv")
    back = refused_file(table, plan(session, table, vocabulary, NOW.date()), lambda reason: reason.text)
    assert b"juggler" in back
    assert b"Bea" not in back
    mended = read(back.replace(b"juggler", b"finance"), "refused.csv")
    assert outcomes(plan(session, mended, vocabulary, NOW.date())) == ["create"]


def test_a_missing_column_is_named(session: Session, vocabulary: Vocabulary) -> None:
    with pytest.raises(Invalid, match="no column “name”"):
        planned(session, vocabulary, "a@example.org", header="email\n")


def test_two_columns_that_mean_the_same_are_named(session: Session, vocabulary: Vocabulary) -> None:
    with pytest.raises(Invalid, match="mean the same"):
        planned(session, vocabulary, "a@example.org,Una,Una", header="email,name,full name\n")


def test_a_kept_file_is_applied_once(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    sol = an_actor(session, cast.sol)
    kept = applying.keep(session, sol, "m.csv", (HEADER + "a@example.org,Una,,,,,").encode(), True, NOW)
    assert applying.apply_kept(session, sol, kept, vocabulary, NOW).created == 1
    with pytest.raises((Conflict, NotFound)):
        applying.apply_kept(session, sol, kept, vocabulary, NOW)
    assert session.scalar(select(ImportFile.content)) == b""


def test_only_staff_bring_members_in(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    with pytest.raises(NotPermitted):
        applying.keep(session, an_actor(session, cast.fay), "m.csv", b"email,name\na@b.uk,U", True, NOW)


def test_an_import_that_dies_on_the_way_leaves_nothing(
    app: Flask, session: Session, cast: Cast, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = session.scalar(select(func.count(Member.id)))
    made = planned(session, vocabulary, "a@example.org,Una,,,,,", "b@example.org,Bea,,,,,")
    monkeypatch.setattr(applying.changes, "touch", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        applying.apply(session, None, made, True, NOW)
    session.rollback()
    assert session.scalar(select(func.count(Member.id))) == before


def test_the_plan_counts_every_row_of_the_file(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    made = planned(session, vocabulary, *[f"m{n}@example.org,Member {n},,,,," for n in range(50)])
    assert sum(made.count(outcome) for outcome in Outcome) == 50


@pytest.mark.parametrize("date", ["1/1/99999999999999999999", "1/1/2147483648", "1/1/-5", "99999-01-01"])
def test_a_date_of_no_calendar_is_refused(session: Session, cast: Cast, vocabulary: Vocabulary, date: str) -> None:
    made = planned(session, vocabulary, f"a@example.org,Una,{date}", header="email,name,joined\n")
    assert "is not a date" in said(made.rows[0])[0]


def test_addresses_and_names_are_kept_as_joining_keeps_them(
    session: Session, cast: Cast, vocabulary: Vocabulary
) -> None:
    made = planned(
        session,
        vocabulary,
        "a@münchen.example.org,An\u202ena  Zi\u200b",
        "jörg@example.org,Jörg",
        "b@example.org,\u200b",
        header="email,name\n",
    )
    assert outcomes(made) == ["create", "refused", "refused"]
    entry = made.rows[0].entry
    assert (entry.email, entry.name) == ("a@xn--mnchen-3ya.example.org", "An na Zi")
    assert said(made.rows[2]) == ("The name is missing.",)


@pytest.mark.parametrize(
    ("joined", "why"),
    [
        ("31/03/25", "“31/03/25” is not a date: write 2026-03-31 or 31/03/2026."),
        ("0025-03-31", "“0025-03-31” is a day too long ago."),
        ((NOW + timedelta(days=1)).date().isoformat(), "is a day that is still to come."),
    ],
)
def test_nobody_joined_on_a_day_that_a_correction_would_refuse(
    session: Session, cast: Cast, vocabulary: Vocabulary, joined: str, why: str
) -> None:
    made = planned(session, vocabulary, f"a@example.org,Una,{joined}", header="email,name,joined\n")
    assert made.rows[0].outcome is Outcome.REFUSED and said(made.rows[0])[0].endswith(why)


def test_the_day_on_which_somebody_joined_is_kept(session: Session, cast: Cast, vocabulary: Vocabulary) -> None:
    days = (NOW.date(), correcting.EARLIEST)
    rows = [f"a{number}@example.org,Una,{day.isoformat()}" for number, day in enumerate(days)]
    made = planned(session, vocabulary, *rows, header="email,name,joined\n")
    applying.apply(session, cast.sol, made, True, NOW)
    for number, day in enumerate(days):
        joined = session.scalars(select(Member.joined_at).where(Member.email == f"a{number}@example.org")).one()
        assert joined.date() == day
