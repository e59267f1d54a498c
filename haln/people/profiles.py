"""A member's own profile: read it, change it, say that it is still right.

What may be written is checked here, so that a page, an import and a command refuse the same things in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Invalid, NotFound
from haln.models import Member, MemberTheme, Organisation, Place
from haln.people import changes, reading
from haln.people.names import sort_name, tidy
from haln.people.visibility import FACTS, Visibility
from haln.taxonomy.vocabulary import Vocabulary

NAME_LENGTH = 120
BIOGRAPHY_LENGTH = 4000
OPEN_END = date.max
"""A pause without an end."""


@dataclass(frozen=True, slots=True)
class About:
    """Who a member is at work."""

    name: str
    role: str | None = None
    level: str | None = None
    job_title: str | None = None
    organisation_id: int | None = None
    place_id: int | None = None


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """One theme as a member picks it. `maturity` is 1 (starting) to 4 (leading), or none."""

    theme: str
    interest: bool = False
    offer: bool = False
    seek: bool = False
    maturity: int | None = None

    @property
    def picked(self) -> bool:
        """Whether anything is said about the theme."""
        return self.interest or self.offer or self.seek or self.maturity is not None


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that a member's own profile holds."""

    member_id: int
    public_id: str
    name: str
    email: str | None
    role: str | None
    level: str | None
    job_title: str | None
    organisation_id: int | None
    organisation: str | None
    sector: str | None
    place_id: int | None
    place: str | None
    biography: str
    themes: tuple[ThemeChoice, ...]
    show: Mapping[str, int]
    listed: bool
    suggest_me: bool
    paused_until: date | None
    onboarding_step: int
    confirmed_at: datetime | None


def own(session: Session, member_id: int) -> Profile:
    """A member's whole profile, for their own eyes."""
    row = session.execute(
        select(
            Member.id,
            Member.public_id,
            Member.name,
            Member.email,
            Member.role,
            Member.level,
            Member.job_title,
            Member.organisation_id,
            Organisation.name.label("organisation"),
            Organisation.sector,
            Member.place_id,
            Place.name.label("place"),
            Member.biography,
            Member.listed,
            Member.suggest_me,
            Member.paused_until,
            Member.onboarding_step,
            Member.confirmed_at,
            *(getattr(Member, f"show_{fact}") for fact in ("name", *FACTS)),
        )
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(Member.id == member_id)
    ).first()
    if row is None:
        raise NotFound("There is no such member.")
    return Profile(
        member_id=row.id,
        public_id=row.public_id,
        name=row.name,
        email=row.email,
        role=row.role,
        level=row.level,
        job_title=row.job_title,
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        sector=row.sector,
        place_id=row.place_id,
        place=row.place,
        biography=row.biography,
        themes=themes_of(session, member_id),
        show={fact: getattr(row, f"show_{fact}") for fact in ("name", *FACTS)},
        listed=row.listed,
        suggest_me=row.suggest_me,
        paused_until=row.paused_until,
        onboarding_step=row.onboarding_step,
        confirmed_at=row.confirmed_at,
    )


_THEMES = (
    select(MemberTheme.theme, MemberTheme.interest, MemberTheme.offer, MemberTheme.seek, MemberTheme.maturity)
    .where(MemberTheme.member_id == bindparam("member"))
    .order_by(MemberTheme.theme)
)


def themes_of(session: Session, member_id: int) -> tuple[ThemeChoice, ...]:
    """The themes a member picked, by code."""
    return tuple(ThemeChoice(*row) for row in reading.rows(session, _THEMES, {"member": member_id}))


def change_about(session: Session, actor: Actor, about: About, vocabulary: Vocabulary, now: datetime) -> None:
    """Change name, role, level, job title, organisation and place. Without a place, the organisation's is taken.

    Raises Invalid with a sentence for each field that cannot be taken.
    """
    _refuse(about_faults(session, about, vocabulary))
    name, job_title = tidy(about.name), tidy(about.job_title or "")
    organisation, place_id = _organisation(session, about.organisation_id), about.place_id
    if place_id is None and organisation is not None:
        place_id = organisation.place_id
    _write(
        session,
        actor,
        "about",
        now,
        name=name,
        sort_name=sort_name(name),
        role=about.role or None,
        level=about.level or None,
        job_title=job_title or None,
        organisation_id=about.organisation_id,
        place_id=place_id,
    )


def about_faults(session: Session, about: About, vocabulary: Vocabulary) -> dict[str, str]:
    """What cannot be taken of who a member says they are: each such field with its sentence."""
    name, job_title = tidy(about.name), tidy(about.job_title or "")
    wrong: dict[str, str] = {}
    if not 2 <= len(name) <= NAME_LENGTH:
        wrong["name"] = "Enter your name, in 2 to 120 letters."
    if len(job_title) > NAME_LENGTH:
        wrong["job_title"] = "Keep your job title to 120 letters."
    if about.role and about.role not in {role.code for role in vocabulary.roles}:
        wrong["role"] = "Choose one of the roles in the list."
    if about.level and about.level not in {level.code for level in vocabulary.levels}:
        wrong["level"] = "Choose one of the levels in the list."
    if about.organisation_id is not None and _organisation(session, about.organisation_id) is None:
        wrong["organisation"] = "Choose one of the organisations in the list."
    if about.place_id is not None and session.get(Place, about.place_id) is None:
        wrong["place"] = "Choose one of the places in the list."
    return wrong


def change_biography(session: Session, actor: Actor, text: str, now: datetime) -> None:
    """Change the biography (Markdown)."""
    tidied = text.replace("\r\n", "\n").strip()
    if len(tidied) > BIOGRAPHY_LENGTH:
        _refuse({"biography": "Keep this to 4,000 letters: people read the first few lines."})
    _write(session, actor, "biography", now, biography=tidied)


def change_themes(
    session: Session, actor: Actor, choices: Iterable[ThemeChoice], vocabulary: Vocabulary, now: datetime
) -> None:
    """Put these themes in the place of all the member had. One that says nothing is left out."""
    picked = {choice.theme: choice for choice in choices if choice.picked}
    ranks = {step.rank for step in vocabulary.maturity}
    if not picked.keys() <= {theme.code for theme in vocabulary.themes}:
        _refuse({"themes": "Choose themes from the list."})
    if any(choice.maturity is not None and choice.maturity not in ranks for choice in picked.values()):
        _refuse({"themes": "Choose how far along you are from the list."})
    session.execute(delete(MemberTheme).where(MemberTheme.member_id == actor.member_id))
    if picked:
        rows = [
            {
                "member_id": actor.member_id,
                "theme": choice.theme,
                "interest": choice.interest,
                "offer": choice.offer,
                "seek": choice.seek,
                "maturity": choice.maturity,
            }
            for choice in picked.values()
        ]
        session.execute(insert(MemberTheme), rows)
    _write(session, actor, "themes", now)


def change_visibility(session: Session, actor: Actor, choices: Mapping[str, int], listed: bool, now: datetime) -> None:
    """Say who may see which fact; facts that are not named stay as they are. `listed` false hides all of it."""
    values: dict[str, object] = {"listed": listed}
    for fact, level in choices.items():
        allowed = {2, 3} if fact == "name" else set(Visibility)
        if fact not in ("name", *FACTS) or level not in allowed:
            _refuse({fact: "Choose who may see this from the list."})
        values[f"show_{fact}"] = int(level)
    _write(session, actor, "visibility", now, **values)


def change_suggesting(
    session: Session, actor: Actor, suggest_me: bool, paused_until: date | None, now: datetime
) -> None:
    """Say whether others may be suggested this member, and until when to pause (`OPEN_END`: until they say so)."""
    if paused_until is not None and paused_until <= now.date():
        _refuse({"paused_until": "Choose a day after today."})
    _write(session, actor, "suggesting", now, suggest_me=suggest_me, paused_until=paused_until)


def confirm(session: Session, actor: Actor, now: datetime) -> None:
    """Note that the profile is still right."""
    session.execute(update(Member).where(Member.id == actor.member_id).values(confirmed_at=now))


def due_before(days: int, now: datetime) -> datetime:
    """Whoever changed or confirmed their profile last before this moment is asked whether it is still right."""
    return now - timedelta(days=days)


def is_due(session: Session, member_id: int, days: int, now: datetime) -> bool:
    """Whether a member is to be asked whether their profile is still right."""
    told = session.scalar(select(Member.confirmed_at).where(Member.id == member_id))
    return told is None or told < due_before(days, now)


def reach_step(session: Session, actor: Actor, step: int, now: datetime) -> None:
    """Note how far the first steps have come, 4 when done; never backwards.

    It is a change like any other, also where the last step was left out: from then on others may be suggested them.
    """
    further = and_(Member.id == actor.member_id, Member.onboarding_step < step)
    if session.scalar(select(Member.id).where(further)) is not None:
        changes.touch(session, [actor.member_id], now)
        session.execute(update(Member).where(further).values(onboarding_step=step))


def _organisation(session: Session, organisation_id: int | None) -> Organisation | None:
    if organisation_id is None:
        return None
    found = session.get(Organisation, organisation_id)
    return found if found is not None and found.standing in ("current", "proposed") else None


def _refuse(wrong: dict[str, str]) -> None:
    if wrong:
        raise Invalid("Some of what you entered cannot be saved.", wrong)


def _write(session: Session, actor: Actor, part: str, now: datetime, **values: object) -> None:
    """Store, and let everything built from members know. A profile somebody just changed is confirmed by that."""
    changes.touch(session, [actor.member_id], now)  # first: its counter comes before members' rows (changes.hold)
    session.execute(
        update(Member).where(Member.id == actor.member_id).values(confirmed_at=now, active_at=now, **values)
    )
    history.record(session, actor.member_id, "change_profile", "member", actor.member_id, now, {"part": part})
