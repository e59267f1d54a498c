"""What is known of the time since a backup, because it stands in what is replaced: who went, and who wants less.

Only what restricts is read. Whoever restores may do so because what came since is wrong, and a member who is shut out,
hidden or not written to without need can say so; one who is shown or written to against their will has been harmed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Person = tuple[int, Any]
"""A number and the moment of joining: a number alone might be somebody else's in a backup."""

MAIL = ("introduction_mail", "event_mail", "pathway_mail", "resource_mail", "topic_mail", "proposal_mail")
SHOWN = ("listed", "suggest_me")
AUDIENCES = (
    "show_name", "show_role", "show_organisation", "show_place", "show_biography", "show_themes", "show_connections",
    "show_email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wanted: of mail, of being seen. A column that a database of another version lacks is none."""

    standing: str
    mail: Mapping[str, bool]
    shown: Mapping[str, int]
    paused_until: date | None
    news: bool
    digest: bool
    coffee: bool


@dataclass(frozen=True, slots=True)
class State:
    """A network, as far as it tells who went and who wants less."""

    people: Mapping[Person, Wishes] = field(default_factory=dict)
    blocks: frozenset[tuple[Person, Person]] = frozenset()
    stopped: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Less:
    """What one member wants less of than the backup says: columns of `member` with what they shall be, and mail."""

    mail: Mapping[str, bool]
    shown: Mapping[str, int]
    paused_until: date | None
    no_news: bool
    no_digest: bool
    no_coffee: bool

    @property
    def stops_mail(self) -> bool:
        """Whether any mail is to stop."""
        return bool(self.mail) or self.no_news or self.no_digest or self.no_coffee

    @property
    def hides(self) -> bool:
        """Whether the member is to be seen or suggested less."""
        return bool(self.shown) or self.paused_until is not None


@dataclass(frozen=True, slots=True)
class Since:
    """What a restored network must be told of the time since. Members by their numbers in it.

    `lost`: how many were erased whose number is somebody else's in the backup.
    """

    erased: Collection[int] = ()
    left: Collection[int] = ()
    blocks: Collection[tuple[int, int]] = ()
    stopped: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    less: Mapping[int, Less] = field(default_factory=dict)
    lost: int = 0

    def __bool__(self) -> bool:
        return bool(self.erased or self.left or self.blocks or self.stopped or self.less or self.lost)


_READ = {
    "member": "SELECT * FROM member",
    "digest_choice": "SELECT * FROM digest_choice",
    "coffee_opt_in": "SELECT * FROM coffee_opt_in",
    "block": "SELECT * FROM block",
    "stopped_address": "SELECT * FROM stopped_address",
}


def state(connection: Any, tables: Collection[str]) -> State:
    """Read a network: over a connection of either database, of this version or another."""
    if "member" not in tables:
        return State()

    def all_of(table: str) -> list[dict[str, Any]]:
        if table not in tables:
            return []
        cursor = connection.execute(_READ[table])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    members = all_of("member")
    who = {row["id"]: (row["id"], row["joined_at"]) for row in members}
    no_digest = {row["member_id"] for row in all_of("digest_choice") if row["frequency"] == "none"}
    no_coffee = {row["member_id"] for row in all_of("coffee_opt_in") if row["mode"] == "stopped"}
    blocks = frozenset(
        (who[row["blocker_id"]], who[row["blocked_id"]])
        for row in all_of("block")
        if row["blocker_id"] in who and row["blocked_id"] in who
    )
    stopped = {row["address"]: (row["reason"], row["code"]) for row in all_of("stopped_address")}
    people = {who[row["id"]]: _wishes(row, row["id"] not in no_digest, row["id"] not in no_coffee) for row in members}
    return State(people, blocks, stopped)


def _wishes(row: Mapping[str, Any], digest: bool, coffee: bool) -> Wishes:
    paused = row.get("paused_until")
    return Wishes(
        standing=str(row["standing"]),
        mail={name: bool(row[name]) for name in MAIL if name in row},
        shown={name: int(row[name]) for name in (*SHOWN, *AUDIENCES) if name in row},
        paused_until=date.fromisoformat(paused) if isinstance(paused, str) else paused,
        news=row.get("news_since") is not None or "news_since" not in row,
        digest=digest,
        coffee=coffee,
    )


def between(backup: State, there: State) -> Since:
    """What came between a backup and what is there: only what restricts, and only of people who are in both."""
    numbers = {number for (number, _joined), one in backup.people.items() if one.standing != "erased"}
    erased, left, less, lost = [], [], {}, 0
    for person, now in there.people.items():
        before = backup.people.get(person)
        if before is None or before.standing == "erased":
            lost += now.standing == "erased" and person[0] in numbers
        elif now.standing == "erased":
            erased.append(person[0])
        elif now.standing == "left" and before.standing != "left":
            left.append(person[0])
        elif now.standing == before.standing and (one := _less(before, now)):
            less[person[0]] = one
    gone = {*erased, *left}
    blocks = [
        (one[0], other[0])
        for one, other in sorted(there.blocks - backup.blocks, key=lambda pair: (pair[0][0], pair[1][0]))
        if one in backup.people and other in backup.people and not {one[0], other[0]} & gone
    ]
    stopped = {
        address: said
        for address, said in there.stopped.items()
        if backup.stopped.get(address, ("", ""))[0] not in (said[0], "complained")
    }
    return Since(sorted(erased), sorted(left), blocks, stopped, less, lost)


def _less(before: Wishes, now: Wishes) -> Less | None:
    paused = now.paused_until
    if paused is not None and before.paused_until is not None and paused <= before.paused_until:
        paused = None
    found = Less(
        mail={name: False for name, wanted in before.mail.items() if wanted and not now.mail.get(name, True)},
        shown={name: now.shown[name] for name, seen in before.shown.items() if now.shown.get(name, seen) < seen},
        paused_until=paused,
        no_news=before.news and not now.news,
        no_digest=before.digest and not now.digest,
        no_coffee=before.coffee and not now.coffee,
    )
    return found if found.stops_mail or found.hides else None
