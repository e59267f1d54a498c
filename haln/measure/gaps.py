"""Who and what is missing: gaps in the network, the widest first.

How wide a gap is, is how many people it concerns (`Gap.people`): one for each organisation or member that a group is
short of; both ends of each connection that chance would make between two groups; or the members themselves.

Groups and connections are as of the day that is asked for. Registers, themes and introductions are as they stand.
Whether a member has a connection, and with whom alone, is asked of the whole network of the day: a filter says who is
counted, and takes nobody's connections away. Members whom few reach, or too many, are counted as far as they may be
listed to whoever looks (`haln.measure.listable`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session

from haln.connect.introduction_state import WOVEN, is_open
from haln.learn.openings import set_is_running
from haln.measure.figures import SEED
from haln.measure.listable import listable
from haln.measure.questions import Question
from haln.models import Cohort, Introduction, LearningSet, Member, MemberTheme, Organisation, Place, Suggestion
from haln.network import chance, gaps
from haln.network.gaps import FEW, Short, Untied
from haln.network.history import UNKNOWN, Snapshot, snapshot
from haln.network.versions import Versions
from haln.people.visibility import ACTIVE, Visibility, at_least
from haln.taxonomy.vocabulary import Vocabulary

__all__ = [
    "ENOUGH",
    "FEW",
    "OVER_ASKED",
    "Gap",
    "Kind",
    "Short",
    "Some",
    "Untied",
    "Wanted",
    "alone",
    "network",
    "only_hosts",
    "told",
]

HOSTS = ("staff", "facilitator")

OVER_ASKED = 5
"""Who has so many introductions open is asked too much."""

ENOUGH = 8
"""So many members who would like help with a theme could be a learning set."""

Grouped = Literal["sector", "region"]
Kind = Literal["sector", "region", "sector_pair", "region_pair", "alone", "hosts", "unlisted", "over_asked", "theme"]


OF_CONNECTIONS = frozenset({"holding", "alone", "hosts"})
"""Who is told to be one of these, of them something of their connections is told."""


@dataclass(frozen=True, slots=True)
class Some:
    """So many members of all who count and may be listed."""

    count: int
    of: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A theme with which so many members would like help and so many can help, and that no learning set is about."""

    theme: str
    seek: int
    offer: int


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap, and how many people it concerns."""

    kind: Kind
    people: int
    about: Short | Untied | Some | Wanted


def told(
    session: Session, viewer_id: int, versions: Versions, question: Question, vocabulary: Vocabulary, now: datetime
) -> list[Gap]:
    """All gaps among those who count, the widest first; of gaps as wide, in the order of the kinds."""
    found = network(versions, question)
    wide = [
        *_short(session, found, question, vocabulary),
        *_untied(found),
        *_people(session, viewer_id, question, found, _whole(versions, question), now),
        *_themes(session, found, now),
    ]
    return sorted(wide, key=lambda gap: -gap.people)


def network(versions: Versions, question: Question) -> Snapshot:
    """The network of those who count, as of the day."""
    day = question.as_of
    known = question.known(versions, day)
    return snapshot(known, day.toordinal(), only=question.only, evidences=question.evidences)


def _whole(versions: Versions, question: Question) -> Snapshot:
    """The network of everybody as of the day, with every connection, whoever and whatever counts."""
    return network(versions, replace(question, evidence="", sector="", region="", with_hosts=True))


def alone(versions: Versions, question: Question) -> list[int]:
    """The ids of those who count and have no connection with anybody at all."""
    return _alone(network(versions, question), _whole(versions, question))


def only_hosts(versions: Versions, question: Question) -> list[int]:
    """The ids of those who count and have connections, all of them with staff and facilitators."""
    return _only_hosts(network(versions, question), _whole(versions, question))


def _alone(found: Snapshot, whole: Snapshot) -> list[int]:
    return gaps.ids(found, gaps.those(found, whole, gaps.alone(whole)))


def _only_hosts(found: Snapshot, whole: Snapshot) -> list[int]:
    return gaps.ids(found, gaps.those(found, whole, gaps.tied_only_to(whole, "audience", HOSTS)))


def _short(session: Session, found: Snapshot, question: Question, vocabulary: Vocabulary) -> Iterable[Gap]:
    """Sectors and regions that are short of members; not those of a kind of which one alone is asked for."""
    named: dict[Grouped, list[str]] = {
        "sector": [one.code for one in vocabulary.top_sectors],
        "region": [one.ons_code for one in vocabulary.choosable_regions],
    }
    asked: dict[Grouped, str] = {"sector": question.sector, "region": question.region}
    known = _registers(session, vocabulary, asked)
    taking_part = set(_names(found, "organisation"))
    for kind, names in named.items():
        if asked[kind]:
            continue
        members = {**dict.fromkeys(names, 0), **Counter(_names(found, kind))}
        bodies = Counter(groups[kind] for groups in known.values() if groups[kind])
        reached = Counter(groups[kind] for body, groups in known.items() if groups[kind] and body in taking_part)
        for one in gaps.short(members, reached, bodies):
            if one.group in names:
                yield Gap(kind, one.missing, one)


def _registers(session: Session, vocabulary: Vocabulary, asked: dict[Grouped, str]) -> dict[str, dict[Grouped, str]]:
    """The sector and region, where they are known, of each current organisation of a register that is asked about."""
    tops = {one.code: vocabulary.top_sector(one.code).code for one in vocabulary.sectors}
    rows = session.execute(
        select(Organisation.id, Organisation.sector, Place.region_code)
        .outerjoin(Place, Place.id == Organisation.place_id)
        .where(Organisation.standing == "current", Organisation.source.is_not(None))
    )
    found: dict[str, dict[Grouped, str]] = {}
    for key, sector, region in rows:
        groups: dict[Grouped, str] = {"sector": tops.get(sector, ""), "region": region or ""}
        if all(not code or groups[kind] == code for kind, code in asked.items()):
            found[str(key)] = groups
    return found


def _names(found: Snapshot, kind: str) -> list[str]:
    """The name of each member's group, of those of whom it is known."""
    names = found.history.names.get(kind, ())
    codes: list[int] = found.groups(kind).tolist() if names else []
    return [names[code] for code in codes if code != UNKNOWN]


def _untied(found: Snapshot) -> Iterable[Gap]:
    """Pairs of sectors, and of regions, between which there is no connection though chance would make some."""
    beside_chance = chance.mixings(found, ("sector", "region"), seed=SEED)
    pairs: tuple[tuple[Kind, str], ...] = (("sector_pair", "sector"), ("region_pair", "region"))
    for kind, groups in pairs:
        for pair in gaps.untied(beside_chance[groups]):
            yield Gap(kind, round(2 * pair.expected), pair)


def _people(
    session: Session, viewer_id: int, question: Question, found: Snapshot, whole: Snapshot, now: datetime
) -> Iterable[Gap]:
    """Members whom few reach, or too many, of all who may be listed as such.

    Of who is asked too much there is no list. So it is told of everybody together, as introductions stand now: a sector
    and a region, or a day before somebody came, would say who it is.
    """
    there = set(gaps.ids(found, range(len(found))))
    ids: dict[Kind, Iterable[int]] = {
        "alone": _alone(found, whole),
        "hosts": _only_hosts(found, whole),
        "unlisted": unlisted(session, found, now),
    }
    listed = listable(session, viewer_id, question)
    may_be = {key: one for key, one in listed.items() if key in there}
    for kind, those in ids.items():
        of = {key for key, one in may_be.items() if one.connections or kind not in OF_CONNECTIONS}
        count = len(of & set(those))
        if count:
            yield Gap(kind, count, Some(count, len(of)))
    asked = 0 if question.only else len(listed.keys() & set(_over_asked(session, now)))
    if asked:
        yield Gap("over_asked", asked, Some(asked, len(listed)))


def unlisted(session: Session, found: Snapshot, now: datetime) -> list[int]:
    """The ids of those who may be suggested and never were to anybody; nobody, where nobody was ever suggested.

    Who does not want to be suggested is not missed.
    """
    ever = select(Suggestion.other_id).where(Suggestion.other_id == Member.id).exists()
    begun = select(Suggestion.id).exists()
    paused = and_(Member.paused_until.is_not(None), Member.paused_until > now.date())
    may_be = (Member.standing == ACTIVE, Member.listed, Member.suggest_me, not_(paused))
    there = set(gaps.ids(found, range(len(found))))
    rows = session.scalars(select(Member.id).where(*may_be, not_(ever), begun).order_by(Member.id))
    return [member for member in rows if member in there]


def _over_asked(session: Session, now: datetime) -> list[int]:
    """The ids of those who have OVER_ASKED introductions open, which may yet be accepted as far as anybody knows."""
    open_ones = session.execute(
        select(Introduction.kind, Introduction.asker_id, Introduction.asked_id).where(is_open(now))
    )
    asked: Counter[int] = Counter()
    for kind, asker, other in open_ones:
        asked.update((asker, other) if kind == WOVEN else (other,))
    return [member for member, count in asked.items() if count >= OVER_ASKED]


def _themes(session: Session, found: Snapshot, now: datetime) -> Iterable[Gap]:
    """Themes that enough members say to all others they would like help with, and no set or open cohort is about."""
    there = set(gaps.ids(found, range(len(found))))
    rows = session.execute(
        select(MemberTheme.theme, MemberTheme.member_id, MemberTheme.seek, MemberTheme.offer)
        .join(Member, Member.id == MemberTheme.member_id)
        .where(
            or_(MemberTheme.seek, MemberTheme.offer),
            Member.standing == ACTIVE,
            Member.listed,
            at_least(Member.show_themes, Visibility.MEMBERS),
        )
    )
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for theme, member, seek, offer in rows:
        if member in there:
            counts[theme][0] += seek
            counts[theme][1] += offer
    covered = _covered(session)
    for theme, (seekers, helpers) in sorted(counts.items()):
        if seekers >= ENOUGH and theme not in covered:
            yield Gap("theme", seekers, Wanted(theme, seekers, helpers))


def _covered(session: Session) -> set[str]:
    """The themes of running sets, and of cohorts from which sets are being made."""
    making: ColumnElement[bool] = Cohort.state.in_(("draft", "open", "closed"))
    sets = session.scalars(select(LearningSet.themes).where(set_is_running()))
    cohorts = session.scalars(select(Cohort.themes).where(making))
    return {theme for themes in (*sets, *cohorts) for theme in themes}
