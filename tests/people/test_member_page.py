"""A member's texts stand on their page, the newest first, for those who may read the biography."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from haln.models import Member, MemberText
from haln.people import member_page
from haln.people.member_page import TEXTS_SHOWN, MemberPage
from tests.builders import NOW, Cast


@pytest.fixture
def texts(session: Session, cast: Cast) -> None:
    for year in range(2001, 2001 + TEXTS_SHOWN + 1):
        session.add(MemberText(member_id=cast.cai, written_on=date(year, 1, 1), text=f"Evaluation {year}"))
    session.add(MemberText(member_id=cast.cai, written_on=None, text="Some day"))
    session.flush()


def page_of(session: Session, viewer: int | None, member_id: int) -> MemberPage:
    public_id = session.get_one(Member, member_id).public_id
    return member_page.seen_by(session, viewer, public_id, NOW)


@pytest.mark.usefixtures("texts")
def test_the_newest_texts_are_listed_and_all_are_counted(session: Session, cast: Cast) -> None:
    page = page_of(session, cast.ada, cast.cai)
    assert [one.text for one in page.texts][:2] == ["Evaluation 2009", "Evaluation 2008"]
    assert (len(page.texts), page.texts_count) == (TEXTS_SHOWN, TEXTS_SHOWN + 2)
    assert page_of(session, cast.ada, cast.ben).texts == ()


@pytest.mark.usefixtures("texts")
def test_texts_are_hidden_with_the_biography(session: Session, cast: Cast) -> None:
    session.get_one(Member, cast.cai).show_biography = 0
    session.flush()
    page = page_of(session, cast.ada, cast.cai)
    assert (page.texts, page.texts_count, page.biography) == ((), 0, None)
    assert page_of(session, cast.cai, cast.cai).texts_count == TEXTS_SHOWN + 2
