"""Anchor organisations: find one by what is typed, propose a new one, correct one.

Finding reads from a searcher that each process keeps; it is made anew when organisations or names have changed, which
one cheap query tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission, require
from haln.errors import Conflict, Invalid, NotFound, TooMany
from haln.models import Member, Organisation, OrganisationName, Place
from haln.people import changes
from haln.people.names import tidy
from haln.people.organisation_search import Hit, Named, Searcher, nothing_fits, worth_showing
from haln.people.organisation_words import sort_name, words_of
from haln.people.register_loading import NAMES
from haln.taxonomy.vocabulary import Vocabulary

CHOOSABLE = ("current", "proposed")
NAME_LENGTH = 200
TOWN_LENGTH = 120
MOST_NAMES = 60
MOST_PROPOSALS = 5
"""That one member may make in a day."""
_TYPED_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """An organisation that somebody may mean. `through` is the other name that fits, none for its own."""

    id: int
    name: str
    through: str | None
    sector: str
    place: str | None
    proposed: bool
    sure: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What is near a text, best first. Without `fits`, nothing comes close enough: offer to add a new one."""

    typed: str
    choices: tuple[Choice, ...]
    fits: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """An organisation's facts as staff want them. `other_names` are all synonyms and old names together."""

    name: str
    sector: str
    place_id: int | None = None
    town: str | None = None
    postcode: str | None = None
    standing: str = "current"
    other_names: tuple[str, ...] = ()


def find(session: Session, text: str, limit: int = 8) -> Found:
    """The organisations near what is typed, best first; at most `limit`."""
    typed = tidy(text[:_TYPED_LENGTH])
    hits = worth_showing(_searcher(session).search(typed, limit))
    rows = session.execute(
        select(Organisation.id, Organisation.sector, Organisation.standing, Place.name.label("place"))
        .outerjoin(Place, Place.id == Organisation.place_id)
        .where(Organisation.id.in_([hit.id for hit in hits]))
    )
    facts = {row.id: (row.sector, row.place, row.standing) for row in rows}
    choices = tuple(_choice(hit, *facts[hit.id]) for hit in hits if hit.id in facts)
    return Found(typed, choices, not nothing_fits(hits))


def choice(session: Session, organisation_id: int | None) -> Choice | None:
    """One organisation as a choice, none when it is not there or cannot be chosen."""
    if organisation_id is None:
        return None
    row = session.execute(
        select(
            Organisation.id, Organisation.name, Organisation.sector, Organisation.standing, Place.name.label("place")
        )
        .outerjoin(Place, Place.id == Organisation.place_id)
        .where(Organisation.id == organisation_id, Organisation.standing.in_(CHOOSABLE))
    ).first()
    return Choice(row.id, row.name, None, row.sector, row.place, row.standing == "proposed", True) if row else None


def propose(
    session: Session,
    actor: Actor,
    vocabulary: Vocabulary,
    name: str,
    sector: str,
    place_id: int | None,
    now: datetime,
    sure: bool = False,
) -> int:
    """Add an organisation that is not there, for staff to look at. Returns its id; members may choose it at once.

    Raises Conflict, naming them, when others come close and the actor is not `sure`; Invalid for a name or sector that
    cannot be; TooMany past five in a day.
    """
    require(actor, Permission.OWN_ACCOUNT)
    check_new(session, vocabulary, name, sector, place_id, sure)
    name = tidy(name)
    _count_proposals(session, actor, now)
    organisation = Organisation(
        name=name,
        sort_name=sort_name(name),
        sector=sector,
        place_id=place_id,
        standing="proposed",
        proposed_by_id=actor.member_id,
        corrected=[],
        created_at=now,
        changed_at=now,
    )
    session.add(organisation)
    session.flush()
    history.record(session, actor.member_id, "propose_organisation", "organisation", organisation.id, now)
    return organisation.id


def check_new(
    session: Session, vocabulary: Vocabulary, name: str, sector: str, place_id: int | None, sure: bool = False
) -> None:
    """Refuse, as `propose` does, an organisation that cannot be added. Writes nothing."""
    name = tidy(name)
    _check(session, vocabulary, name, sector, place_id)
    found = find(session, name, 3)
    if found.fits and not sure:
        near = "”, “".join(choice.name for choice in found.choices)
        raise Conflict("“%(name)s” may be here already: “%(near)s”.", name=name, near=near)


def correct(
    session: Session,
    actor: Actor,
    vocabulary: Vocabulary,
    organisation_id: int,
    correction: Correction,
    now: datetime,
    seen: datetime | None = None,
) -> tuple[str, ...]:
    """Set an organisation's facts. Returns the names of those that changed: a register never overwrites them again.

    `seen`: when it was changed last, as the actor saw it. Raises NotFound, Conflict for one that is merged or that
    somebody has changed since, Invalid with a sentence for each field that cannot be taken.
    """
    require(actor, Permission.MANAGE_ORGANISATIONS)
    organisation = stored(session, organisation_id, hold=True)
    if organisation.standing == "merged":
        raise Conflict("This organisation was merged into another. Change that one.")
    if seen is not None and organisation.changed_at != seen:
        raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")
    name = tidy(correction.name)
    others = tuple(dict.fromkeys(filter(None, map(tidy, correction.other_names))))
    _check(session, vocabulary, name, correction.sector, correction.place_id, correction, others)
    wanted = {
        "name": name,
        "sector": correction.sector,
        "place_id": correction.place_id,
        "town": tidy(correction.town or "") or None,
        "postcode": tidy(correction.postcode or "").upper() or None,
        "standing": correction.standing,
    }
    changed = [key for key, value in wanted.items() if getattr(organisation, key) != value]
    for key in changed:
        setattr(organisation, key, wanted[key])
    organisation.sort_name = sort_name(name)
    if _change_names(session, organisation.id, others):
        changed.append(NAMES)
    if changed:
        # Standing is the register's own affair for what came from one, until staff say otherwise.
        organisation.corrected = sorted({*organisation.corrected, *changed})
        note_change(organisation, now)
        if {"name", "sector", "place_id"} & set(changed):
            changes.touch(session, members_of(session, organisation.id), now)
        detail: history.Detail = {"fields": sorted(changed)}
        history.record(session, actor.member_id, "correct_organisation", "organisation", organisation.id, now, detail)
    session.flush()
    return tuple(changed)


def stored(session: Session, organisation_id: int, *, hold: bool = False) -> Organisation:
    """The organisation, whatever its standing; with `hold` nobody else changes it meanwhile. Raises NotFound.

    Its key is not held: members may say meanwhile that they work there.
    """
    held = {"key_share": True} if hold else None
    organisation = session.get(Organisation, organisation_id, with_for_update=held, populate_existing=hold)
    if organisation is None:
        raise NotFound("There is no such organisation.")
    return organisation


def members_of(session: Session, organisation_id: int) -> list[int]:
    """The ids of the members who say they work there."""
    return list(session.scalars(select(Member.id).where(Member.organisation_id == organisation_id)))


def note_change(organisation: Organisation, now: datetime) -> None:
    """Set when an organisation or its names last changed: always later than before, so that caches notice."""
    organisation.changed_at = max(now, organisation.changed_at + timedelta(microseconds=1))


def _choice(hit: Hit, sector: str, place: str | None, standing: str) -> Choice:
    through = None if hit.matched_name == hit.name else hit.matched_name
    return Choice(hit.id, hit.name, through, sector, place, standing == "proposed", hit.sure)


def _check(
    session: Session,
    vocabulary: Vocabulary,
    name: str,
    sector: str,
    place_id: int | None,
    correction: Correction | None = None,
    other_names: Iterable[str] = (),
) -> None:
    wrong: dict[str, str] = {}
    if not 2 <= len(name) <= NAME_LENGTH or not words_of(name):
        wrong["name"] = "Enter the organisation’s name, in 2 to 200 letters."
    if sector not in {one.code for one in vocabulary.choosable_sectors}:
        wrong["sector"] = "Choose one of the sectors in the list."
    if place_id is not None and session.get(Place, place_id) is None:
        wrong["place"] = "Choose one of the places in the list."
    if correction is not None:
        names = list(other_names)
        if len(tidy(correction.town or "")) > TOWN_LENGTH:
            wrong["town"] = "Keep the town to 120 letters."
        if len(tidy(correction.postcode or "")) > 12:
            wrong["postcode"] = "Keep the postcode to 12 letters."
        if correction.standing not in (*CHOOSABLE, "ended"):
            wrong["standing"] = "Choose one of the standings in the list."
        if len(names) > MOST_NAMES or any(len(one) > NAME_LENGTH for one in names):
            wrong["other_names"] = "Keep to 60 other names of at most 200 letters."
    if wrong:
        raise Invalid("Some of what you entered cannot be saved.", wrong)


def _count_proposals(session: Session, actor: Actor, now: datetime) -> None:
    since = now - timedelta(days=1)
    mine = select(func.count()).where(Organisation.proposed_by_id == actor.member_id, Organisation.created_at > since)
    if (session.scalar(mine) or 0) >= MOST_PROPOSALS:
        raise TooMany("You have added %(most)d organisations today. Add more tomorrow.", 3600, most=MOST_PROPOSALS)


def _change_names(session: Session, organisation_id: int, wanted: tuple[str, ...]) -> bool:
    held = {
        row.name: row.id
        for row in session.execute(
            select(OrganisationName.id, OrganisationName.name).where(
                OrganisationName.organisation_id == organisation_id
            )
        )
    }
    new = [name for name in wanted if name not in held]
    gone = [row_id for name, row_id in held.items() if name not in wanted]
    if new:
        session.execute(insert(OrganisationName), [{"organisation_id": organisation_id, "name": name} for name in new])
    if gone:
        session.execute(delete(OrganisationName).where(OrganisationName.id.in_(gone)))
    return bool(new or gone)


_Version = tuple[object, ...]
_KEPT: WeakKeyDictionary[Engine, tuple[_Version, Searcher]] = WeakKeyDictionary()
_LOCK = Lock()


def _searcher(session: Session) -> Searcher:
    engine = session.get_bind().engine
    version: _Version = tuple(
        session.execute(
            select(
                func.count(Organisation.id),
                func.max(Organisation.id),
                func.max(Organisation.changed_at),
                select(func.max(OrganisationName.id)).scalar_subquery(),
            )
        ).one()
    )
    kept = _KEPT.get(engine)
    if kept is not None and kept[0] == version:
        return kept[1]
    with _LOCK:  # one thread makes it, the others wait for that one
        kept = _KEPT.get(engine)
        if kept is None or kept[0] != version:
            kept = (version, Searcher(_named(session)))
            _KEPT[engine] = kept
        return kept[1]


def _named(session: Session) -> list[Named]:
    current = Organisation.standing.in_(CHOOSABLE)
    others: dict[int, list[str]] = {}
    names = select(OrganisationName.organisation_id, OrganisationName.name).join(Organisation).where(current)
    for row in session.execute(names.order_by(OrganisationName.id)):
        others.setdefault(row.organisation_id, []).append(row.name)
    rows = session.execute(select(Organisation.id, Organisation.name, Organisation.town).where(current))
    return [Named(row.id, row.name, tuple(others.get(row.id, ())), row.town) for row in rows]
