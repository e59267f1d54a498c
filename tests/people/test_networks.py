"""A network from elsewhere is loaded whole, under invented names; a bad file is refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.errors import Conflict, Invalid
from haln.models import Connection, LearningSet, Member, MemberText, SetMembership
from haln.people import beginnings, networks
from haln.people.demonstration import signins
from tests.builders import NOW

FILES = {
    "dataset.json": '{"name": "tiny", "title": "A tiny network", "time_unit": "yyyymm"}',
    "members.csv": "member,t,org,place,roles\na,201001,Acme,Leeds,chief-editor reviewer\nb,,,,\nc,,,,\nd,,,,\n",
    "docs.csv": 'doc,t,text\nd1,201502,"On soil, and water"\nd2,2012,Second thoughts\nd3,0,Undated\n',
    "member_docs.csv": "member,doc\na,d1\nb,d1\nb,d2\nd,d3\n",
    "edges.csv": "u,v,t\na,b,201502\nb,c,0\nc,b,201601\n",
    "groups.csv": "group,t,t_last,text\ng1,201001,201412,Soil. All about soil\ng2,2013,201606,\n",
    "memberships.csv": "member,group,t\na,g1,201003\nb,g1,201106\nb,g1,201206\nc,g2,2013\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as made:
        yield made
    engine.dispose()


def people(session: Session) -> dict[str, Member]:
    return {(member.external_ref or "").removeprefix("tiny:"): member for member in session.scalars(select(Member))}


def test_members_texts_ties_and_groups_are_loaded(session: Session, folder: Path) -> None:
    loaded = networks.load(session, folder, "a hash", NOW)
    assert loaded == networks.Loaded("A tiny network", 4, 4, 2, 2, 3)
    a, b, c, d = (people(session)[code] for code in "abcd")
    assert (a.job_title, a.biography) == ("Chief editor, reviewer", "Acme, Leeds.")
    assert (b.job_title, b.biography, b.organisation_id, b.place_id, b.role) == (None, "", None, None, None)
    texts = session.execute(select(MemberText.written_on, MemberText.text).where(MemberText.member_id == b.id))
    assert set(map(tuple, texts)) == {(date(2015, 2, 1), "On soil, and water"), (date(2012, 1, 1), "Second thoughts")}
    ties = {(row.low_id, row.high_id): row for row in session.scalars(select(Connection))}
    assert ties.keys() == {(a.id, b.id), (b.id, c.id)}
    assert ties[a.id, b.id].since.date() == date(2015, 2, 1)
    assert ties[b.id, c.id].since == NOW  # undated
    assert {tie.evidence for tie in ties.values()} == {"collaborated"}
    sets = {row.external_ref: row for row in session.scalars(select(LearningSet))}
    assert (sets["tiny:g1"].name, sets["tiny:g1"].purpose) == ("Soil", "All about soil")
    assert (sets["tiny:g1"].ended_on, sets["tiny:g2"].ended_on) == (date(2014, 12, 1), None)
    assert sets["tiny:g2"].name == "g2"
    joined = session.scalars(select(SetMembership.joined_on).where(SetMembership.member_id == b.id)).all()
    assert joined == [date(2011, 6, 1)]
    assert d.joined_at == NOW


def test_members_were_there_from_their_first_day_in_any_file(session: Session, folder: Path) -> None:
    networks.load(session, folder, "a hash", NOW)
    found = people(session)
    assert found["a"].joined_at.date() == date(2010, 1, 1)
    assert found["b"].joined_at.date() == date(2011, 6, 1)
    assert found["c"].joined_at.date() == date(2013, 1, 1)
    assert found["b"].active_at and found["b"].active_at.date() == date(2015, 2, 1)


def test_names_are_invented_the_same_ones_each_time_and_marked(session: Session, folder: Path) -> None:
    networks.load(session, folder, "a hash", NOW)
    once = {code: member.name for code, member in people(session).items()}
    assert all(member.demonstration for member in people(session).values())
    assert beginnings.people_mark(session) == beginnings.RENAMED
    session.rollback()
    networks.load(session, folder, "a hash", NOW)
    assert {code: member.name for code, member in people(session).items()} == once
    assert len(set(once.values())) == 4


def test_three_can_sign_in_one_with_ties_one_without_and_one_of_staff(session: Session, folder: Path) -> None:
    networks.load(session, folder, "a hash", NOW)
    assert [one.who for one in signins.sign_ins(session)] == ["Member", "New member", "Staff"]
    emails = {code: member.email for code, member in people(session).items() if member.password_hash}
    assert emails["b"] == "connected@tiny.haln.example"  # two ties
    assert emails["d"] == "newcomer@tiny.haln.example"  # none
    assert sum(member.audience == "staff" for member in people(session).values()) == 1


def test_a_network_is_loaded_only_where_nobody_is(session: Session, folder: Path) -> None:
    networks.load(session, folder, "a hash", NOW)
    with pytest.raises(Conflict, match="There are members already"):
        networks.load(session, folder, "a hash", NOW)
    assert session.scalar(select(func.count(Member.id))) == 4


def test_a_limit_takes_the_first_members_and_what_is_among_them(session: Session, folder: Path) -> None:
    loaded = networks.load(session, folder, "a hash", NOW, limit=2)
    assert loaded == networks.Loaded("A tiny network", 2, 3, 1, 2, 2)


def test_only_members_are_needed(session: Session, folder: Path) -> None:
    for name in FILES:
        if name != "members.csv":
            (folder / name).unlink()
    loaded = networks.load(session, folder, "a hash", NOW)
    assert (loaded.members, loaded.texts, loaded.connections) == (4, 0, 0)
    assert loaded.title == folder.name


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("members.csv", None, " holds no members.csv."),
        ("members.csv", "member\n", "members.csv holds nobody."),
        ("members.csv", "", "members.csv: column “member” must be there once."),
        ("members.csv", "person\na\n", "members.csv: column “member” must be there once."),
        ("members.csv", "member,member\na,b\n", "members.csv: column “member” must be there once."),
        ("members.csv", "member\na\na\n", "members.csv, line 3: “a” is there twice."),
        ("members.csv", "member,t\na\n", "members.csv, line 2: 1 values instead of 2."),
        ("members.csv", 'member\n" "\n', "members.csv, line 2: “member” must be a code of 1 to 60 letters."),
        (
            "members.csv",
            "member\n" + "x" * 61 + "\n",
            "members.csv, line 2: “member” must be a code of 1 to 60 letters.",
        ),
        ("members.csv", "member\na\x00\n", "members.csv, line 2: a value is too long or holds a control character."),
        ("members.csv", b"member\n\xff\xfe\n", "members.csv is not UTF-8."),
        ("members.csv", 'member\n"a"b\n', "members.csv, line 2: ',' expected after '\"'."),
        ("edges.csv", "u,t\na,0\n", "edges.csv: column “v” must be there once."),
        ("edges.csv", "u,v\na,z\n", "edges.csv, line 2: “z” is not in members.csv."),
        ("edges.csv", "u,v\na,a\n", "edges.csv, line 2: “a” is tied to itself."),
        ("edges.csv", "u,v,t\na,b,201513\n", "edges.csv, line 2: “201513” is no date: write 202503, 2025 or 0."),
        ("edges.csv", "u,v,t\na,b,May\n", "edges.csv, line 2: “May” is no date: write 202503, 2025 or 0."),
        ("edges.csv", "u,v,t\na,b,²⁰²⁵\n", "edges.csv, line 2: “²⁰²⁵” is no date: write 202503, 2025 or 0."),
        ("member_docs.csv", "member,doc\na,d9\n", "member_docs.csv, line 2: “d9” is not in docs.csv."),
        ("memberships.csv", "member,group\na,g9\n", "memberships.csv, line 2: “g9” is not in groups.csv."),
        ("memberships.csv", "member,group\nz,g1\n", "memberships.csv, line 2: “z” is not in members.csv."),
        ("dataset.json", "{", "dataset.json cannot be read: "),
        ("dataset.json", "[]", "dataset.json must hold a name."),
        (
            "dataset.json",
            '{"name": "x", "time_unit": "days"}',
            "dataset.json: time_unit must be one of none, yyyy, yyyymm.",
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence_and_nothing_is_written(
    folder: Path, sqlite_url: str, file: str, content: str | bytes | None, sentence: str
) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    engine = create_engine(sqlite_url)
    prepare_engine(engine)
    with Session(engine) as session:
        with pytest.raises(Invalid) as caught:
            networks.load(session, folder, "a hash", NOW)
        assert sentence in caught.value.text
        session.rollback()
        assert beginnings.is_empty(session)
    engine.dispose()


def test_the_network_that_is_shipped_names_no_machine_and_nobody() -> None:
    shipped = Path(__file__).resolve().parents[2] / "data" / "networks" / "nber"
    assert "CC0" in (shipped / "README.md").read_text(encoding="utf-8")
    assert "CC0" in (shipped / "dataset.json").read_text(encoding="utf-8")
    with (shipped / "members.csv").open(encoding="utf-8") as members:
        assert next(members).strip() == "member"
        assert all(line[0] == "m" and line[1:].strip().isdigit() for line in members)
    assert sum(path.stat().st_size for path in shipped.iterdir()) < 6_000_000
    assert not any("/work/" in path.read_text(encoding="utf-8") for path in shipped.iterdir())
