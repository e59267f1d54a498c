"""The demonstration's resources: three years of case studies, blogs, tools and recordings, all plainly invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from haln.learn.demonstration import pictures
from haln.learn.demonstration.folk import Folk, Person
from haln.learn.demonstration.past import at
from haln.learn.resources import contents, publishing
from haln.learn.resources.contents import BLOG, CASE_STUDY, RECORDING, TOOL, Content
from haln.models import (
    Member,
    MemberTheme,
    Organisation,
    Place,
    Resource,
    ResourceAuthor,
    ResourceBookmark,
    ResourceMark,
    ResourcePicture,
    ResourceStep,
    ResourceUse,
    ResourceVersion,
)
from haln.people import resource_index
from haln.people.bulk import catch_up_keys, insert_rows, next_key
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.grammar import Speech
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.words import common_bank
from haln.people.demonstration.writing import Wanted
from haln.people.visibility import ACTIVE
from haln.taxonomy.vocabulary import Vocabulary

KINDS = {CASE_STUDY: 60, BLOG: 40, TOOL: 16, RECORDING: 14}
"""How many of each kind a network of `WHOLE` members or more has published; a smaller one has fewer."""

WHOLE = 600
FEWEST = 3
TOGETHER = 0.3
ILLUSTRATED = 0.5
_TRIES = 5
INVENTED = "*This text is invented: it belongs to the demonstration.*"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Written:
    """One resource being written: by whom, about what, and when it was published."""

    kind: str
    writers: tuple[Person, ...]
    day: date
    state: str = "settled"


def write(
    session: Session, vocabulary: Vocabulary, wanted: Wanted, progress: Progress = lambda _done, _total: None
) -> int:
    """Write the resources. Returns how many. The same people, seed and day always give the same rows."""
    made = _Writer(session, vocabulary, wanted)
    return made.write(progress) if made.writers else 0


class _Writer:
    """One demonstration's resources while they are written."""

    def __init__(self, session: Session, vocabulary: Vocabulary, wanted: Wanted) -> None:
        self._session, self._vocabulary, self._wanted = session, vocabulary, wanted
        self._rng = stream(wanted.seed, "resources")
        self._titles: set[str] = set()
        self._rows: dict[type[Any], list[dict[str, Any]]] = {
            model: []
            for model in (
                Resource,
                ResourceVersion,
                ResourcePicture,
                ResourceMark,
                ResourceAuthor,
                ResourceStep,
                ResourceUse,
                ResourceBookmark,
            )
        }
        self._next = next_key(session, Resource)
        self._signed_in = {who: _signed_in(session, who) for who in ("member", "facilitator", "staff")}
        able = _able(session, wanted.until)
        self._rng.shuffle(able)
        chosen = able[: 2 * sum(KINDS.values())]
        people = Folk(session, vocabulary, wanted.seed).read({*chosen, *self._signed_in.values()} - {0})
        self.writers = [people[one] for one in chosen if not people[one].silent and people[one].themes]
        self._member = people.get(self._signed_in["member"])
        self._where = _where(session, vocabulary, people)

    def write(self, progress: Progress) -> int:
        """Write everything, in the order in which it was published."""
        planned = sorted(self._plan(), key=lambda one: one.day)
        for number, one in enumerate(planned):
            self._add(one)
            progress(number + 1, len(planned) + 1)
        if self._member is not None and self._member.themes:
            for kind, state in ((BLOG, "draft"), (CASE_STUDY, "changes")):
                self._add(_Written(kind, (self._member,), self._wanted.until - timedelta(days=5), state))
        self._illustrate()
        for model, rows in self._rows.items():
            insert_rows(self._session, model, rows)
        self._session.flush()
        catch_up_keys(self._session, (Resource, ResourceStep))
        resource_index.store(self._session, [row["id"] for row in self._rows[Resource]])
        publishing.relate(self._session)
        progress(len(planned) + 1, len(planned) + 1)
        return len(self._rows[Resource])

    def _illustrate(self) -> None:
        """Put drawn pictures before some of the case studies and blogs, and into a few of the texts."""
        rng = stream(self._wanted.seed, "resource pictures")
        drawn = pictures.drawn(rng)
        texts = {row["resource_id"]: row["content"] for row in self._rows[ResourceVersion]}
        for row in self._rows[Resource]:
            if row["kind"] not in (CASE_STUDY, BLOG) or row["id"] not in texts or rng.random() > ILLUSTRATED:
                continue
            made = rng.choice(drawn)
            picture = {**made, "public_id": public_id(rng), "resource_id": row["id"], "added_at": row["created_at"]}
            self._rows[ResourcePicture].append(picture)
            for text in (row["draft"], texts[row["id"]]):
                text["lead"] = picture["public_id"]

    def _plan(self) -> list[_Written]:
        rng, until, days = self._rng, self._wanted.until, self._wanted.months * 30
        share = min(1.0, self._wanted.members / WHOLE)
        found = []
        for kind, count in KINDS.items():
            for _ in range(max(FEWEST, round(count * share))):
                # More of late than at the beginning, as the network grew.
                day = until - timedelta(days=2 + int(max(1, days - 20) * rng.random() ** 1.4))
                found.append(_Written(kind, self._together(day), day))
        for kind in (CASE_STUDY, BLOG, TOOL):
            day = until - timedelta(days=rng.randint(1, 6))
            found.append(_Written(kind, self._together(day), day, "review"))
        day = until - timedelta(days=rng.randint(20, 60))
        found.append(_Written(BLOG, self._together(day), day, "declined"))
        return found

    def _together(self, day: date) -> tuple[Person, ...]:
        """One writer, or two: whoever was a member by then."""
        there = [one for one in self.writers if one.joined_at.date() < day - timedelta(days=14)] or self.writers
        count = 2 if self._rng.random() < TOGETHER and len(there) > 1 else 1
        return tuple(self._rng.sample(there, count))

    def _add(self, one: _Written) -> None:
        rng, number = self._rng, self._next
        self._next += 1
        first = one.writers[0]
        content = self._content(one.kind, first, one.day)
        published, moment = one.state == "settled", at(one.day, rng.randint(8, 17))
        begun = moment - timedelta(days=rng.randint(9, 40))
        sent = moment - timedelta(days=rng.randint(2, 6)) if one.state != "review" else moment
        self._rows[Resource].append(
            {
                "id": number,
                "public_id": public_id(rng),
                "kind": one.kind,
                "written_by_id": first.id,
                "state": one.state,
                "draft": content.document(),
                "version": 1 if one.state == "draft" else 3,
                "created_at": begun,
                "changed_at": moment,
                "sent_at": None if one.state == "draft" else sent,
                "shown": 1 if published else None,
                "published_at": moment if published else None,
            }
        )
        for writer in one.writers:
            self._rows[ResourceAuthor].append(
                {
                    "resource_id": number,
                    "member_id": writer.id,
                    "answer": "yes",
                    "asked_at": begun,
                    "answered_at": begun,
                }
            )
        self._steps(one, number, first, sent, moment)
        if published:
            self._publish(number, content, moment)

    def _steps(self, one: _Written, number: int, first: Person, sent: datetime, moment: datetime) -> None:
        if one.state == "draft":
            return
        told = first.says(self._rng)
        told.banks = {**told.banks, "resources": common_bank("resources")}
        steps = [("sent", first.id, "", sent)]
        staff = self._signed_in["staff"] or first.id
        if one.state == "settled":
            steps.append(("published", staff, "", moment))
        elif one.state == "changes":
            steps.append(("changes", staff, told.sentence("resources", "ask_for_changes"), moment))
        elif one.state == "declined":
            steps.append(("declined", staff, told.sentence("resources", "declined"), moment))
        self._rows[ResourceStep] += [
            {"resource_id": number, "by_id": by, "step": step, "words": words, "at": when}
            for step, by, words, when in steps
        ]

    def _publish(self, number: int, content: Content, moment: datetime) -> None:
        rng = self._rng
        self._rows[ResourceVersion].append(
            {
                "resource_id": number,
                "number": 1,
                "content": content.document(),
                "published_by_id": self._signed_in["staff"] or None,
                "published_at": moment,
            }
        )
        self._rows[ResourceMark] += [
            {"resource_id": number, "facet": facet, "code": code}
            for facet, code in sorted(content.marks(moment.date()))
        ]
        today = self._wanted.until
        days = {today - timedelta(days=rng.randint(0, max(1, (today - moment.date()).days))) for _ in range(12)}
        for day in sorted(days)[: rng.choice((0, 2, 5, 9, 12))]:
            self._rows[ResourceUse].append({"resource_id": number, "day": day, "count": rng.randint(1, 4)})
        if self._signed_in["member"] and rng.random() < 0.06:
            kept = {"member_id": self._signed_in["member"], "resource_id": number}
            self._rows[ResourceBookmark].append({**kept, "added_at": max(moment, at(today - timedelta(days=9), 12))})

    def _content(self, kind: str, first: Person, day: date) -> Content:
        rng = self._rng
        told = first.says(rng)
        told.banks = {**told.banks, "resources": common_bank("resources")}
        title, standfirst, parts = _words(kind, told, rng)
        for _ in range(_TRIES):
            if title not in self._titles:
                break
            title, standfirst, parts = _words(kind, told, rng)
        self._titles.add(title)
        sector, region = self._where.get(first.id, ("", ""))
        number = rng.randint(100, 999)
        return Content(
            title=title,
            standfirst=standfirst,
            parts=parts,
            link=f"https://{kind}-{number}.demo.haln.example/" if kind in contents.LINKED else "",
            held_on=(day - timedelta(days=3)).isoformat() if kind == RECORDING else "",
            themes=tuple(dict.fromkeys(choice.theme for choice in first.subject.themes[:2])),
            sectors=(sector,) if sector else (),
            regions=(region,) if region and rng.random() < 0.7 else (),
            readers=contents.EVERYONE if rng.random() < 0.5 else contents.MEMBERS,
        )


def _words(kind: str, told: Speech, rng: Random) -> tuple[str, str, dict[str, str]]:
    """A title, a standfirst, and the parts of a kind."""

    def say(symbol: str) -> str:
        return told.sentence("resources", symbol)

    if kind == CASE_STUDY:
        lessons = "\n".join(f"- {say('lesson_line').rstrip('.')}" for _ in range(3))
        parts = {
            "background": f"{say('background')}\n\n{say('what_we_did')}\n\n## What we did\n\n{say('what_we_did')}",
            "outcomes": f"{say('outcome')}\n\n{say('outcome')}",
            "lessons": f"{lessons}\n\n{say('lesson_close')}\n\n{INVENTED}",
        }
        return _cut(say("case_title")), say("case_standfirst")[: contents.STANDFIRST], parts
    if kind == BLOG:
        body = "\n\n".join(say("blog_paragraph") for _ in range(rng.randint(3, 4)))
        return _cut(say("blog_title")), say("blog_standfirst")[: contents.STANDFIRST], {"body": f"{body}\n\n{INVENTED}"}
    name = "tool" if kind == TOOL else "recording"
    body = f"{say('tool_use')}\n\n{say('what_we_did')}" if kind == TOOL else say("recording_text")
    standfirst = say(f"{name}_standfirst")[: contents.STANDFIRST]
    return _cut(say(f"{name}_title")), standfirst, {"body": f"{body}\n\n{INVENTED}"}


def _cut(title: str) -> str:
    return title.rstrip(".") if len(title) <= contents.TITLE else f"{title[: contents.TITLE - 2].rsplit(' ', 1)[0]} …"


def _signed_in(session: Session, mailbox: str) -> int:
    return session.scalar(select(Member.id).where(Member.email == f"{mailbox}@{DOMAIN}")) or 0


def _able(session: Session, until: date) -> list[int]:
    """Members who might have written: here long enough, found by others, with themes."""
    rated = exists(select(MemberTheme.theme).where(MemberTheme.member_id == Member.id))
    return list(
        session.scalars(
            select(Member.id)
            .where(
                Member.standing.in_((ACTIVE, "left")),
                Member.listed,
                Member.onboarding_step >= 4,
                Member.organisation_id.is_not(None),
                Member.joined_at < datetime(until.year, until.month, until.day, tzinfo=UTC) - timedelta(days=30),
                rated,
            )
            .order_by(Member.id)
        )
    )


def _where(session: Session, vocabulary: Vocabulary, people: dict[int, Person]) -> dict[int, tuple[str, str]]:
    """The sector and the region of each, where they are known."""
    regions = {region.ons_code: region.code for region in vocabulary.regions}
    rows = session.execute(
        select(Member.id, Organisation.sector, Place.region_code)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(Member.id.in_(sorted(people)))
    )
    return {
        row.id: (
            vocabulary.top_sector(row.sector).code if row.sector else "",
            regions.get(row.region_code or "", ""),
        )
        for row in rows
    }
