"""The cast and the builders: the same few people and organisations appear in all tests.

Ada works in a hospital trust in Leeds, Ben in a council in Leeds, Cai in a university in Cardiff, Dee in a housing
association in Bristol; Fay is a facilitator, Sol is staff. All are active and visible to members.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor, Audience
from haln.models import ApiKey, Connection, Member, MemberTheme, Organisation, Place, SignInSession
from haln.people import changes
from haln.people.tokens import hashed, public_id

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Cast:
    """Ids of the people every test knows."""

    ada: int
    ben: int
    cai: int
    dee: int
    fay: int
    sol: int

    def everyone(self) -> tuple[int, ...]:
        """All six ids."""
        return (self.ada, self.ben, self.cai, self.dee, self.fay, self.sol)


def a_place(session: Session, name: str, code: str, kind: str = "authority", region: str = "E12000003") -> Place:
    """A place."""
    place = Place(code=code, name=name, kind=kind, region_code=region)
    session.add(place)
    session.flush()
    return place


def an_organisation(session: Session, name: str, sector: str, place: Place | None = None) -> Organisation:
    """A current organisation."""
    organisation = Organisation(
        name=name,
        sort_name=name.casefold(),
        sector=sector,
        place_id=place.id if place else None,
        standing="current",
        corrected=[],
        created_at=NOW,
        changed_at=NOW,
    )
    session.add(organisation)
    session.flush()
    return organisation


def a_member(session: Session, name: str = "Eve Newcomer", **facts: object) -> Member:
    """An active, onboarded member; any column can be given by name."""
    words = name.split()
    values: dict[str, object] = {
        "public_id": public_id(),
        "email": f"{name.casefold().replace(' ', '.')}@example.org",
        "audience": "member",
        "standing": "active",
        "name": name,
        "sort_name": f"{words[-1]} {' '.join(words[:-1])}".casefold(),
        "joined_at": NOW - timedelta(days=100),
        "verified_at": NOW - timedelta(days=100),
        "confirmed_at": NOW - timedelta(days=10),
        "active_at": NOW - timedelta(days=1),
        "onboarding_step": 4,
        "change_number": changes.next_number(session),
    }
    values.update(facts)
    member = Member(**values)
    session.add(member)
    session.flush()
    return member


def a_theme(session: Session, member_id: int, theme: str, maturity: int | None = None, **flags: bool) -> MemberTheme:
    """A theme of a member: `interest=True`, `offer=True`, `seek=True`."""
    row = MemberTheme(member_id=member_id, theme=theme, maturity=maturity, **flags)
    session.add(row)
    session.flush()
    return row


def a_connection(session: Session, one: int, other: int, since: datetime = NOW, **facts: object) -> Connection:
    """An open connection between two members."""
    values: dict[str, object] = {
        "evidence": "introduced",
        "intensity": 1,
        "since": since,
        "change_number": changes.next_number(session),
    }
    values.update(facts)
    row = Connection(low_id=min(one, other), high_id=max(one, other), **values)
    session.add(row)
    session.flush()
    return row


def an_actor(session: Session, member_id: int, session_id: int = 0) -> Actor:
    """The actor for a member."""
    member = session.get_one(Member, member_id)
    return Actor(
        member_id=member.id,
        public_id=member.public_id,
        name=member.name,
        audience=Audience(member.audience),
        verified=member.standing == "active",
        session_id=session_id,
        onboarded=member.onboarding_step > 3,
    )


def the_cast(session: Session) -> Cast:
    """Make the six people, their four places and four organisations."""
    leeds = a_place(session, "Leeds", "E08000035")
    cardiff = a_place(session, "Cardiff", "W06000015", region="W92000004")
    bristol = a_place(session, "Bristol, City of", "E06000023", region="E12000009")
    trust = an_organisation(session, "Leeds Teaching Hospitals NHS Trust", "nhs-acute", leeds)
    council = an_organisation(session, "Leeds City Council", "council-metropolitan", leeds)
    university = an_organisation(session, "Cardiff University", "education-university", cardiff)
    homes = an_organisation(session, "Bristol Community Homes", "housing", bristol)

    def person(name: str, organisation: Organisation, place: Place, role: str, **facts: object) -> int:
        return a_member(session, name, organisation_id=organisation.id, place_id=place.id, role=role, **facts).id

    return Cast(
        ada=person("Ada Okafor", trust, leeds, "procurement", biography="I buy local and measure social value."),
        ben=person("Ben Whitaker", council, leeds, "strategy", biography="Community wealth building in the council."),
        cai=person("Cai Morgan", university, cardiff, "research", biography="Evaluates anchor programmes."),
        dee=person(
            "Dee Sandhu", homes, bristol, "community-engagement", biography="Listens to tenants about warm homes."
        ),
        fay=person("Fay Lindqvist", trust, leeds, "workforce", audience="facilitator"),
        sol=person("Sol Adeyemi", council, leeds, "strategy", audience="staff"),
    )


def by_key(session: Session, member_id: int, now: datetime = NOW) -> dict[str, str]:
    """What a program sends that acts for a member, with a key of its own."""
    token = f"key-of-{member_id}-{public_id()}"
    session.add(
        ApiKey(
            member_id=member_id,
            name="Figures",
            begins=token[:11],
            token_hash=hashed(token),
            created_at=now,
            expires_at=now + timedelta(days=90),
        )
    )
    session.commit()
    return {"Authorization": f"Bearer {token}"}


def sign_in_token(session: Session, member_id: int, now: datetime = NOW) -> str:
    """A signed-in browser's token, without a password round."""
    token = f"token-of-{member_id}-{public_id()}"
    session.add(
        SignInSession(
            member_id=member_id,
            token_hash=hashed(token),
            created_at=now,
            used_at=now,
            expires_at=now + timedelta(days=14),
        )
    )
    session.commit()
    return token


def member_named(session: Session, name: str) -> Member:
    """The one member of that name."""
    return session.execute(select(Member).where(Member.name == name)).scalar_one()
