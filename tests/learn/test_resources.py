"""Resources: whose draft it is, who is named, what staff publish, who is found to talk to, what stays of the erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from haln.errors import Conflict, HalnError, Invalid, NotFound, NotPermitted, TooMany
from haln.learn.resources import authors, contents, drafts, feeds, people, reading, reviews, searching
from haln.learn.resources.authors import Sight
from haln.learn.resources.searching import Query
from haln.models import (
    AuditRecord,
    Block,
    Dismissal,
    Mail,
    Member,
    Resource,
    ResourceAuthor,
    ResourceBookmark,
    ResourceStep,
    ResourceUse,
    ResourceUsed,
    ResourceVersion,
)
from haln.people import erasure, leaving, own_data
from haln.post import notices
from tests.builders import NOW, Cast, a_member, a_theme, an_actor
from tests.resource_builders import WORDS, a_content, a_draft, published, sent

LATER = NOW + timedelta(days=1)


def key(session: Session, member: int) -> str:
    return session.get_one(Member, member).public_id


def shown_names(session: Session, viewer: int | None, row: Resource) -> list[tuple[Sight, str]]:
    return [(one.sight, one.name) for one in authors.of(session, viewer, [row.id]).get(row.id, [])]


def test_a_draft_is_its_authors_alone(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    for other in (cast.ben, cast.fay, cast.sol):
        actor = an_actor(session, other)
        for act in (drafts.copy, drafts.asked_or_own, drafts.own):
            with pytest.raises(NotFound):
                act(session, actor, row.public_id)
        with pytest.raises(NotFound):
            reading.one(session, other, row.public_id, NOW)
    with pytest.raises(NotFound):  # staff see what was sent, not what was begun
        reviews.one(session, an_actor(session, cast.sol), row.public_id)
    assert searching.search(session, WORDS, cast.ada, Query("bread")).total == 0


@pytest.mark.parametrize("kind", contents.KINDS)
def test_a_draft_may_be_short_of_everything_and_is_sent_only_when_nothing_is_missing(
    session: Session, cast: Cast, kind: str
) -> None:
    ada = an_actor(session, cast.ada)
    row = a_draft(session, cast.ada, contents.Content(), kind)
    with pytest.raises(Invalid) as missing:
        drafts.send(session, ada, row.public_id, NOW)
    assert {"title", "standfirst", "themes"} <= set(missing.value.fields)
    assert row.state == drafts.DRAFT
    drafts.save(session, ada, row.public_id, a_content(), row.version, WORDS, NOW)
    drafts.send(session, ada, row.public_id, NOW)
    assert row.state == drafts.REVIEW
    assert set(contents.read(row.draft).parts) == set(contents.PARTS[kind])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 151),
        ("standfirst", "x" * 401),
        ("link", "javascript:alert(1)"),
        ("link", "https://exa mple.org/"),
        ("link", "http://[::1"),
        ("link", "https://localhost/"),
        ("link", "https://www.example.org/" + "x" * 500),
        ("held_on", "yesterday"),
        ("themes", ("food", "no-such-theme")),
        ("themes", tuple(one.code for one in WORDS.themes[:7])),
        ("sectors", ("' or 1=1",)),
        ("regions", ("atlantis",)),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(session: Session, cast: Cast, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        a_draft(session, cast.ada, replace(a_content(), **{field: value}), "recording")
    assert set(refused.value.fields) == {field}


def test_of_two_who_change_a_draft_at_once_the_second_is_told(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    ada, seen = an_actor(session, cast.ada), row.version
    drafts.save(session, ada, row.public_id, a_content("One"), seen, WORDS, NOW)
    with pytest.raises(Conflict):
        drafts.save(session, ada, row.public_id, a_content("Two"), seen, WORDS, NOW)
    assert row.draft["title"] == "One"
    drafts.save(session, ada, row.public_id, a_content("One"), seen, WORDS, NOW)  # the same words: nothing is lost


def test_a_double_click_begins_one_resource(session: Session, cast: Cast) -> None:
    assert a_draft(session, cast.ada) is a_draft(session, cast.ada)


def test_staff_publish_ask_for_changes_and_decline_what_they_have_read(session: Session, cast: Cast) -> None:
    row = sent(session, cast.ada)
    ada, sol = an_actor(session, cast.ada), an_actor(session, cast.sol)
    with pytest.raises(NotPermitted):
        reviews.decide(session, an_actor(session, cast.fay), row.public_id, reviews.PUBLISH, "", row.version, NOW)
    for verdict, words in (
        (drafts.CHANGES, ""),
        (drafts.DECLINED, " \n"),
        ("burn", "it"),
        (drafts.CHANGES, "x" * 4001),
    ):
        with pytest.raises(Invalid):
            reviews.decide(session, sol, row.public_id, verdict, words, row.version, NOW)
    with pytest.raises(Conflict):  # nobody changes what staff are reading
        drafts.save(session, ada, row.public_id, a_content("Other"), row.version, WORDS, NOW)
    seen = row.version
    drafts.take_back(session, ada, row.public_id, NOW)
    drafts.save(session, ada, row.public_id, a_content("Bread for all wards"), row.version, WORDS, NOW)
    drafts.send(session, ada, row.public_id, NOW)
    with pytest.raises(Conflict):  # the words have changed since staff opened the page
        reviews.decide(session, sol, row.public_id, reviews.PUBLISH, "", seen, NOW)
    reviews.decide(session, sol, row.public_id, drafts.CHANGES, "A figure, please.", row.version, NOW)
    copy = drafts.copy(session, ada, row.public_id)
    assert (copy.row.state, copy.said and copy.said.words) == (drafts.CHANGES, "A figure, please.")
    assert reviews.waiting(session, sol) == []
    drafts.send(session, ada, row.public_id, LATER)
    reviews.decide(session, sol, row.public_id, reviews.PUBLISH, "", row.version, LATER)
    assert reading.one(session, cast.ben, row.public_id, LATER).content.title == "Bread for all wards"
    done = session.scalars(select(AuditRecord.action).where(AuditRecord.subject_kind == "resource")).all()
    assert {"begin_resource", "send_resource", "take_resource_back", "review_resource"} <= set(done)


def test_readers_see_the_published_version_until_staff_publish_another_and_all_are_kept(
    session: Session, cast: Cast
) -> None:
    row = published(session, cast.ada, cast.sol)
    ada, sol = an_actor(session, cast.ada), an_actor(session, cast.sol)
    drafts.save(session, ada, row.public_id, a_content("Rolls"), row.version, WORDS, LATER)
    assert reading.one(session, cast.ben, row.public_id, LATER).content.title == "Bread for the wards"
    assert reviews.one(session, sol, row.public_id).content.title == "Bread for the wards"  # not the draft
    drafts.send(session, ada, row.public_id, LATER)
    assert reviews.one(session, sol, row.public_id).changed == ("title",)
    reviews.decide(session, sol, row.public_id, reviews.PUBLISH, "", row.version, LATER)
    found = reading.one(session, cast.ben, row.public_id, LATER)
    assert (found.content.title, found.published_at, found.changed_at) == ("Rolls", NOW, LATER)
    versions = reviews.one(session, sol, row.public_id).versions
    assert [(one.number, one.content.title, one.changed, one.shown) for one in versions] == [
        (2, "Rolls", ("title",), True),
        (1, "Bread for the wards", (), False),
    ]
    assert searching.search(session, WORDS, cast.ben, Query("bread rolls")).total == 1
    assert searching.search(session, WORDS, cast.ben, Query("the wards rolls")).total == 1  # its parts are the same


def test_what_is_taken_down_is_found_nowhere_and_its_versions_stay(session: Session, cast: Cast) -> None:
    row = published(session, cast.ada, cast.sol)
    other = published(session, cast.dee, cast.sol, a_content("Bread in homes"))
    assert [one.title for one in reading.one(session, cast.ben, other.public_id, NOW).related] == [
        "Bread for the wards"
    ]
    reading.bookmark(session, an_actor(session, cast.ben), row.public_id, True, NOW)
    with pytest.raises(NotPermitted):
        drafts.take_down(session, an_actor(session, cast.ben), row.public_id, "No", NOW)
    with pytest.raises(Invalid):
        drafts.take_down(session, an_actor(session, cast.sol), row.public_id, " ", NOW)
    drafts.take_down(session, an_actor(session, cast.sol), row.public_id, "The supplier asks us to.", NOW)
    with pytest.raises(NotFound):
        reading.one(session, cast.ben, row.public_id, NOW)
    assert searching.search(session, WORDS, cast.ben, Query("bread")).total == 1
    assert searching.search(session, WORDS, cast.ben, Query()).counts["kind"] == {"case_study": 1}
    assert searching.bookmarked(session, cast.ben) == []
    assert reading.one(session, cast.ben, other.public_id, NOW).related == ()
    assert len(reviews.one(session, an_actor(session, cast.sol), row.public_id).versions) == 1
    with pytest.raises(Conflict):
        drafts.remove(session, an_actor(session, cast.ada), row.public_id, NOW)


def test_only_who_agrees_is_named_and_takes_part(session: Session, cast: Cast) -> None:
    row = published(session, cast.ada, cast.sol)
    ada, ben = an_actor(session, cast.ada), an_actor(session, cast.ben)
    authors.add(session, ada, row, key(session, cast.ben), NOW)
    assert shown_names(session, cast.dee, row) == [(Sight.HERE, "Ada Okafor")]
    with pytest.raises(NotFound):
        drafts.copy(session, ben, row.public_id)
    drafts.asked_or_own(session, ben, row.public_id)  # they read it before they answer
    with pytest.raises(Conflict):
        authors.add(session, ada, row, key(session, cast.ben), NOW)
    authors.answer(session, ben, row.public_id, "yes", NOW)
    assert [name for _, name in shown_names(session, cast.dee, row)] == ["Ada Okafor", "Ben Whitaker"]
    drafts.save(session, ben, row.public_id, a_content("Buns"), row.version, WORDS, NOW)
    with pytest.raises(Conflict):  # who agreed goes by themselves only
        authors.take_out(session, ada, row, key(session, cast.ben), NOW)
    authors.answer(session, ben, row.public_id, "no", NOW)
    assert [name for _, name in shown_names(session, cast.dee, row)] == ["Ada Okafor"]
    with pytest.raises(NotFound):
        drafts.asked_or_own(session, ben, row.public_id)
    (refused,) = drafts.mine(session, ben)  # of the draft they see what readers see
    assert (refused.answer, refused.title) == ("no", "Bread for the wards")
    with pytest.raises(NotFound):
        authors.answer(session, an_actor(session, cast.dee), row.public_id, "yes", NOW)


def test_who_is_asked_again_is_told_again_but_not_without_end(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    ada, ben = an_actor(session, cast.ada), key(session, cast.ben)
    states = select(Mail.state).where(Mail.kind == "resource_author_asked").order_by(Mail.id)
    for number in range(authors.ONE_A_DAY):
        now = NOW + timedelta(minutes=number)
        authors.add(session, ada, row, ben, now)
        assert notices.unread(session, cast.ben, now) == 1
        assert session.scalars(states).all() == ["cancelled"] * number + ["waiting"]
        notices.open_one(session, cast.ben, notices.listed(session, cast.ben, now)[0].id, now)
        authors.take_out(session, ada, row, ben, now)
        assert notices.listed(session, cast.ben, now) == ()
    with pytest.raises(TooMany):
        authors.add(session, ada, row, ben, NOW + timedelta(hours=1))


def test_who_is_blocked_meanwhile_is_asked_no_more(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    authors.add(session, an_actor(session, cast.ada), row, key(session, cast.ben), NOW)
    ben = an_actor(session, cast.ben)
    assert [one.title for one in drafts.mine(session, ben)] == ["Bread for the wards"]
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.ben, created_at=NOW))
    session.flush()
    assert drafts.mine(session, ben) == []
    with pytest.raises(NotFound):
        drafts.asked_or_own(session, ben, row.public_id)
    with pytest.raises(NotFound):
        authors.answer(session, ben, row.public_id, "yes", NOW)
    session.get_one(ResourceAuthor, (row.id, cast.ben)).answer = "no"
    session.flush()
    with pytest.raises(NotFound):  # nor by a change of mind
        authors.answer(session, ben, row.public_id, "yes", NOW)


def test_nobody_is_asked_who_may_not_be_seen(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    session.add(Block(blocker_id=cast.ben, blocked_id=cast.ada, created_at=NOW))
    session.get_one(Member, cast.dee).listed = False
    session.flush()
    for other in (cast.ben, cast.dee, cast.ada):
        with pytest.raises(NotFound):
            authors.add(session, an_actor(session, cast.ada), row, key(session, other), NOW)


def test_authors_are_shown_as_the_gate_says(session: Session, cast: Cast) -> None:
    row = published(session, cast.ada, cast.sol)
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.ben, created_at=NOW))
    session.flush()
    assert shown_names(session, cast.ben, row) == [(Sight.UNSEEN, "")]
    assert shown_names(session, cast.cai, row) == [(Sight.HERE, "Ada Okafor")]
    assert shown_names(session, None, row) == [(Sight.UNSEEN, "")]  # a name for members is not for everyone
    session.get_one(Member, cast.ada).show_name = 3
    session.flush()
    assert shown_names(session, None, row) == [(Sight.HERE, "Ada Okafor")]
    leaving.leave(session, an_actor(session, cast.ada), NOW)
    session.expire_all()
    assert shown_names(session, cast.cai, row) == [(Sight.FORMER, "")]


def test_erasing_an_author_keeps_what_was_published_without_the_name(session: Session, cast: Cast) -> None:
    words = a_content("Ada Okafor on bread", parts={**a_content().parts, "lessons": "Ask Ada Okafor, and bake."})
    row = published(session, cast.ada, cast.sol, words)
    draft = a_draft(session, cast.ada, a_content("Never sent"))
    shared = a_draft(session, cast.ada, a_content("Written by two"))
    authors.add(session, an_actor(session, cast.ada), shared, key(session, cast.ben), NOW)
    authors.answer(session, an_actor(session, cast.ben), shared.public_id, "yes", NOW)
    reading.bookmark(session, an_actor(session, cast.ada), row.public_id, True, NOW)
    reading.use(session, an_actor(session, cast.ada), row.public_id, NOW)
    token = feeds.make_address(session, an_actor(session, cast.ada), NOW)
    gone = draft.id
    erasure.erase(session, cast.ada, NOW)
    session.expire_all()
    found = reading.one(session, cast.cai, row.public_id, NOW)
    assert "Okafor" not in found.content.text() and "bake" in found.content.text()
    assert shown_names(session, cast.cai, row) == [(Sight.FORMER, "")]
    assert searching.search(session, WORDS, cast.cai, Query("okafor")).total == 0
    assert searching.search(session, WORDS, cast.cai, Query("bake")).total == 1
    assert found.uses == 1
    assert session.get(Resource, gone) is None
    assert drafts.copy(session, an_actor(session, cast.ben), shared.public_id).content.title == "Written by two"
    for model in (ResourceBookmark, ResourceUsed):
        assert session.scalar(select(func.count()).select_from(model)) == 0
    with pytest.raises(NotFound):
        feeds.reader(session, token)
    left = [*session.scalars(select(ResourceVersion.content)), *session.scalars(select(Resource.draft))]
    assert "Okafor" not in repr(left)


def test_a_member_s_copy_has_their_drafts_versions_and_what_staff_said(session: Session, cast: Cast) -> None:
    row = published(session, cast.ada, cast.sol)
    authors.add(session, an_actor(session, cast.ada), row, key(session, cast.ben), NOW)
    reading.bookmark(session, an_actor(session, cast.ben), row.public_id, True, NOW)
    reading.use(session, an_actor(session, cast.ben), row.public_id, NOW)
    feeds.make_address(session, an_actor(session, cast.ben), NOW)
    ada, ben = (own_data.collected(session, member, NOW) for member in (cast.ada, cast.ben))
    (own,) = ada["resources"]
    assert own["begun_by"] == "you" and own["words"]["title"] == "Bread for the wards"
    assert [one["number"] for one in own["versions"]] == [1]
    assert [one["step"] for one in own["what_happened"]] == ["sent", "published"]
    assert [one["step"] for one in ada["resource_steps"]] == ["sent"]
    (asked,) = ben["resources"]
    assert asked["begun_by"] == "Ada Okafor" and asked["your_answer_as_an_author"] is None
    assert asked["versions"] == []
    assert [one["title"] for one in ben["resource_bookmarks"]] == ["Bread for the wards"]
    assert [one["title"] for one in ben["resources_used_today"]] == ["Bread for the wards"]
    assert len(ben["resource_feed"]) == 1
    assert [one["title"] for one in own_data.collected(session, cast.sol, NOW)["resources_published"]] == [
        "Bread for the wards"
    ]


def the_copy(session: Session, member: int) -> dict[str, Any]:
    return dict(own_data.collected(session, member, NOW)["resources"][0])


def test_a_copy_holds_no_words_of_drafts_that_are_others(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada, a_content("Secret draft"))
    authors.add(session, an_actor(session, cast.ada), row, key(session, cast.ben), NOW)
    asked = the_copy(session, cast.ben)
    assert (asked["words"], asked["state"]) == (None, "draft")
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.ben, created_at=NOW))
    session.flush()
    assert (the_copy(session, cast.ben)["words"], the_copy(session, cast.ben)["state"]) == (None, None)
    assert the_copy(session, cast.ada)["words"]["title"] == "Secret draft"


def test_a_copy_names_what_one_did_as_readers_see_it_unless_one_writes_it(session: Session, cast: Cast) -> None:
    row = sent(session, cast.ada, a_content("First title"))
    ada, ben, sol = (an_actor(session, one) for one in (cast.ada, cast.ben, cast.sol))
    reviews.decide(session, sol, row.public_id, drafts.CHANGES, "Please", row.version, NOW)
    authors.add(session, ada, row, key(session, cast.ben), NOW)
    authors.answer(session, ben, row.public_id, "yes", NOW)
    drafts.send(session, ben, row.public_id, NOW)
    drafts.take_back(session, ben, row.public_id, NOW)
    authors.answer(session, ben, row.public_id, "no", NOW)
    drafts.save(session, ada, row.public_id, a_content("Private title"), row.version, WORDS, NOW)

    def titles(member: int) -> set[str | None]:
        return {one["title"] for one in own_data.collected(session, member, NOW)["resource_steps"]}

    assert (titles(cast.sol), titles(cast.ben), titles(cast.ada)) == ({None}, {None}, {"Private title"})


def test_erasing_the_last_author_leaves_no_words_that_were_never_published(session: Session, cast: Cast) -> None:
    row = published(session, cast.ada, cast.sol, a_content("Public words"))
    ada, ben = an_actor(session, cast.ada), an_actor(session, cast.ben)
    authors.add(session, ada, row, key(session, cast.ben), NOW)
    authors.answer(session, ben, row.public_id, "yes", NOW)
    shared = a_draft(session, cast.ada, a_content("Never published"))
    authors.add(session, ada, shared, key(session, cast.ben), NOW)
    authors.answer(session, ben, shared.public_id, "yes", NOW)
    drafts.save(session, ada, row.public_id, a_content("Private words"), row.version, WORDS, NOW)
    erasure.erase(session, cast.ben, NOW)
    session.expire_all()
    assert row.draft["title"] == "Private words"  # Ada goes on with it
    gone = shared.id
    erasure.erase(session, cast.ada, NOW)
    session.expire_all()
    assert (row.draft["title"], row.state, row.shown) == ("Public words", drafts.SETTLED, 1)
    assert session.get(Resource, gone) is None
    down = published(session, cast.cai, cast.sol, a_content("Seen once"))
    drafts.take_down(session, an_actor(session, cast.cai), down.public_id, "", NOW)
    drafts.save(session, an_actor(session, cast.cai), down.public_id, a_content("Mine"), down.version, WORDS, NOW)
    erasure.erase(session, cast.cai, NOW)
    session.expire_all()
    assert (down.draft["title"], down.state) == ("Seen once", drafts.DRAFT)


@pytest.mark.parametrize("left_before", [False, True])
def test_erasing_takes_out_the_name_of_who_was_not_to_be_named_any_more(
    session: Session, cast: Cast, left_before: bool
) -> None:
    row = published(session, cast.ada, cast.sol, a_content("By Ada Okafor and Ben Whitaker"))
    authors.add(session, an_actor(session, cast.ada), row, key(session, cast.ben), NOW)
    for member in (cast.ben, cast.ada):
        for given in ("yes", "no") if member == cast.ben else ("no",):
            authors.answer(session, an_actor(session, member), row.public_id, given, NOW)
        if left_before:
            leaving.leave(session, an_actor(session, member), NOW)
        erasure.erase(session, member, NOW)
    session.expire_all()
    left = repr([*session.scalars(select(ResourceVersion.content)), *session.scalars(select(Resource.draft))])
    assert "Okafor" not in left and "Whitaker" not in left
    assert session.scalar(select(func.count()).select_from(ResourceAuthor)) == 0
    assert searching.search(session, WORDS, cast.cai, Query("whitaker")).total == 0


def test_sending_for_review_over_and_over_is_stopped(session: Session, cast: Cast) -> None:
    row, ada = a_draft(session, cast.ada), an_actor(session, cast.ada)
    with pytest.raises(TooMany):
        for _ in range(drafts.A_DAY + 1):
            drafts.send(session, ada, row.public_id, NOW)
            drafts.take_back(session, ada, row.public_id, NOW)
    assert row.state == drafts.DRAFT
    assert session.scalar(select(func.count(Mail.id)).where(Mail.kind == "resource_sent")) == drafts.A_DAY
    drafts.send(session, ada, row.public_id, NOW + timedelta(days=1, minutes=1))


def written_by_two(session: Session, cast: Cast, row: Resource) -> Resource:
    authors.add(session, an_actor(session, cast.ada), row, key(session, cast.ben), NOW)
    authors.answer(session, an_actor(session, cast.ben), row.public_id, "yes", NOW)
    session.execute(delete(Mail))
    return row


def test_a_draft_of_several_is_deleted_by_who_began_it_and_the_others_are_told(session: Session, cast: Cast) -> None:
    row = written_by_two(session, cast, a_draft(session, cast.ada))
    ada, ben = an_actor(session, cast.ada), an_actor(session, cast.ben)
    assert (drafts.copy(session, ada, row.public_id).removable, drafts.copy(session, ben, row.public_id).removable) == (
        True,
        False,
    )
    with pytest.raises(Conflict):
        drafts.remove(session, ben, row.public_id, NOW)
    drafts.remove(session, ada, row.public_id, NOW)
    (mail,) = session.scalars(select(Mail))
    assert (mail.kind, mail.member_id, mail.values["title"]) == ("resource_answered", cast.ben, "Bread for the wards")
    alone = written_by_two(session, cast, a_draft(session, cast.ada))
    authors.answer(session, ada, alone.public_id, "no", NOW)
    drafts.remove(session, ben, alone.public_id, NOW)  # who is left alone with it may


def test_who_takes_down_what_several_wrote_tells_the_others(session: Session, cast: Cast) -> None:
    row = written_by_two(session, cast, published(session, cast.ada, cast.sol))
    drafts.take_down(session, an_actor(session, cast.ben), row.public_id, "", NOW)
    assert session.execute(select(Mail.kind, Mail.member_id)).all() == [("resource_answered", cast.ada)]


def test_staff_say_why_they_take_down_what_they_wrote_with_others(session: Session, cast: Cast) -> None:
    row, sol = published(session, cast.ada, cast.sol), an_actor(session, cast.sol)
    authors.add(session, an_actor(session, cast.ada), row, key(session, cast.sol), NOW)
    authors.answer(session, sol, row.public_id, "yes", NOW)
    with pytest.raises(Invalid):
        drafts.take_down(session, sol, row.public_id, " ", NOW)
    drafts.take_down(session, sol, row.public_id, "It is out of date.", NOW)


def test_the_record_says_when_staff_publish_their_own(session: Session, cast: Cast) -> None:
    for writer in (cast.ada, cast.sol):
        published(session, writer, cast.sol)
    told = select(AuditRecord.detail).where(AuditRecord.action == "review_resource").order_by(AuditRecord.id)
    assert [detail.get("own") for detail in session.scalars(told)] == [None, True]


def test_leaving_takes_back_what_nobody_else_answers_for(session: Session, cast: Cast) -> None:
    row = sent(session, cast.ada)
    leaving.leave(session, an_actor(session, cast.ada), NOW)
    session.expire_all()
    assert session.get_one(Resource, row.id).state == drafts.DRAFT
    assert reviews.waiting(session, an_actor(session, cast.sol)) == []


def test_uses_are_counted_once_a_day_and_forget_who(session: Session, cast: Cast) -> None:
    row = published(session, cast.ada, cast.sol)
    ben = an_actor(session, cast.ben)
    for _ in range(3):
        reading.use(session, ben, row.public_id, NOW)
    reading.use(session, an_actor(session, cast.cai), row.public_id, NOW)
    found = reading.one(session, cast.ben, row.public_id, NOW)
    assert (found.uses, found.used_today) == (2, True)
    reading.use(session, ben, row.public_id, LATER)
    assert reading.one(session, cast.ben, row.public_id, LATER).uses == 3
    assert session.scalars(select(ResourceUsed.member_id)).all() == [cast.ben]  # yesterday's are forgotten
    assert "member_id" not in ResourceUse.__table__.columns
    with pytest.raises(NotFound):
        reading.use(session, ben, a_draft(session, cast.ben, a_content("Mine")).public_id, NOW)


def test_bookmarks_are_private_and_twice_is_once(session: Session, cast: Cast) -> None:
    row = published(session, cast.ada, cast.sol)
    ben = an_actor(session, cast.ben)
    for _ in range(2):
        reading.bookmark(session, ben, row.public_id, True, NOW)
    assert [one.title for one in searching.bookmarked(session, cast.ben)] == ["Bread for the wards"]
    assert searching.bookmarked(session, cast.cai) == []
    reading.bookmark(session, ben, row.public_id, False, NOW)
    assert searching.bookmarked(session, cast.ben) == []


def test_people_to_talk_to_are_willing_seen_and_not_set_aside(session: Session, cast: Cast) -> None:
    row = published(session, cast.ada, cast.sol, a_content(themes=("food", "housing")))
    for number in range(12):
        member = a_member(session, f"Offers Number{number:02}")
        a_theme(session, member.id, "food", offer=True)
    both = a_member(session, "Offers Both")
    for theme in ("food", "housing"):
        a_theme(session, both.id, theme, offer=True)
    barred = {
        "hidden": a_member(session, "Hidden Person", listed=False),
        "left": a_member(session, "Left Person", standing="left", left_at=NOW),
        "paused": a_member(session, "Paused Person", paused_until=NOW.date() + timedelta(days=9)),
        "shy": a_member(session, "Shy Person", show_themes=1),
        "never": a_member(session, "Never Suggested", suggest_me=False),
        "set us aside": a_member(session, "Set Aside"),
        "aside": a_member(session, "Aside Person"),
        "blocked": a_member(session, "Blocked Person"),
    }
    for one in barred.values():
        for theme in ("food", "housing"):
            a_theme(session, one.id, theme, offer=True)
    a_theme(session, cast.ben, "food", offer=True)
    session.add(Dismissal(member_id=cast.ben, other_id=barred["aside"].id, created_at=NOW))
    session.add(Dismissal(member_id=barred["set us aside"].id, other_id=cast.ben, created_at=NOW))
    session.add(Block(blocker_id=barred["blocked"].id, blocked_id=cast.ben, created_at=NOW))
    session.flush()

    def shown(viewer: int) -> list[people.Suited]:
        found = reading.one(session, viewer, row.public_id, NOW)
        return people.to_talk_to(session, viewer, row.public_id, found.content.themes, found.authors, NOW)

    first = shown(cast.ben)
    assert [one.person.name for one in first][:2] == ["Ada Okafor", "Offers Both"]
    assert (first[0].wrote, first[1].themes, len(first)) == (True, ("food", "housing"), people.SHOWN)
    assert not {one.person.id for one in first} & {one.id for one in barred.values()}
    assert cast.ben not in {one.person.id for one in first}
    others = [tuple(one.person.id for one in shown(viewer)[2:]) for viewer in (cast.ben, cast.cai, cast.dee, cast.fay)]
    assert len(set(others)) > 1  # attention is shared out
    assert shown(cast.ben) == first  # and each reader sees the same people again
    session.get_one(Member, cast.ada).suggest_me = False
    session.flush()
    assert "Ada Okafor" not in {one.person.name for one in shown(cast.ben)}  # not even for having written it


def test_the_state_of_a_resource_survives_any_order_of_acts(session: Session, cast: Cast) -> None:
    """Whatever is tried in whatever order: readers see a version that staff published, or nothing."""
    ada, sol = an_actor(session, cast.ada), an_actor(session, cast.sol)
    acts = {
        "send": lambda row: drafts.send(session, ada, row.public_id, NOW),
        "back": lambda row: drafts.take_back(session, ada, row.public_id, NOW),
        "save": lambda row: drafts.save(
            session, ada, row.public_id, a_content(f"{row.version}"), row.version, WORDS, NOW
        ),
        "publish": lambda row: reviews.decide(session, sol, row.public_id, "publish", "", row.version, NOW),
        "down": lambda row: drafts.take_down(session, ada, row.public_id, "", NOW),
    }
    for number, order in enumerate(permutations(acts, 4)):
        row = a_draft(session, cast.ada, a_content(f"Number {number}"))
        row.created_at = row.created_at - timedelta(days=1)
        for name in order:
            try:
                acts[name](row)
            except HalnError:
                continue
            steps = session.scalars(select(ResourceStep.step).where(ResourceStep.resource_id == row.id)).all()
            up = [step for step in steps if step in ("published", "taken_down")]
            assert (row.shown is not None) == (bool(up) and up[-1] == "published")
        if number % 5 == 4:
            session.rollback()


def test_mail_goes_to_staff_to_authors_and_to_who_is_asked(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    authors.add(session, an_actor(session, cast.ada), row, key(session, cast.ben), NOW)
    drafts.send(session, an_actor(session, cast.ada), row.public_id, NOW)
    reviews.decide(session, an_actor(session, cast.sol), row.public_id, drafts.CHANGES, "More", row.version, NOW)
    found = session.execute(select(Mail.kind, Mail.member_id).order_by(Mail.id)).all()
    assert [tuple(one) for one in found] == [
        ("resource_author_asked", cast.ben),
        ("resource_sent", cast.sol),
        ("resource_answered", cast.ada),
    ]
    assert session.scalar(select(func.count()).select_from(ResourceAuthor)) == 2


def test_who_said_no_and_was_taken_out_is_found_in_the_words_when_they_are_erased(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada, a_content("What Ben Whitaker and I learned"))
    ada, ben = an_actor(session, cast.ada), session.get_one(Member, cast.ben)
    for given in ("no", None):
        authors.add(session, ada, row, ben.public_id, NOW)
        if given:
            authors.answer(session, an_actor(session, cast.ben), row.public_id, given, NOW)
        authors.take_out(session, ada, row, ben.public_id, NOW)
        assert [one.author.member_id for one in authors.asked(session, ada, row)] == [cast.ada]
        with pytest.raises(NotFound):
            authors.take_out(session, ada, row, ben.public_id, NOW)
    erasure.erase(session, cast.ben, NOW)
    session.expire_all()
    assert "Whitaker" not in session.get_one(Resource, row.id).draft["title"]
