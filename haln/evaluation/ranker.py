"""The product's own ranker, offered to data sets."""

from collections.abc import Mapping, Sequence

from haln.evaluation.dataset import Group, Membership, Moment, Profile, Tie, days
from haln.matching import people

_DAY_OF_NOTHING = 0


def day_of(moment: Moment) -> int | None:
    """Return the day of a dated trace; None where the data set has no dates."""
    return days(moment) if moment > 0 else None


def last_traces(
    profiles: Mapping[str, Profile], ties: Sequence[Tie], memberships: Sequence[Membership]
) -> dict[str, Moment]:
    """Return the last dated trace of each member: a text, a tie, a membership."""
    last = {member: max((moment for moment, _ in profile.docs), default=0.0) for member, profile in profiles.items()}
    for u, v, moment in ties:
        for member in (u, v):
            if member in last:
                last[member] = max(last[member], moment)
    for member, _, moment in memberships:
        if member in last:
            last[member] = max(last[member], moment)
    return last


def network_of(
    profiles: Mapping[str, Profile],
    ties: Sequence[Tie],
    groups: Mapping[str, Group],
    memberships: Sequence[Membership],
    now: Moment | None,
) -> tuple[people.Network, list[str]]:
    """Return the network as matching takes it, and the member that each number stands for."""
    names = sorted(profiles)
    number = {name: at for at, name in enumerate(names)}
    last = last_traces(profiles, ties, memberships)
    today = days(now) if now else max((days(one) for one in last.values()), default=0)
    organisations = {one: at for at, one in enumerate(sorted({_plain(p.org) for p in profiles.values()} - {""}))}
    places = {one: at for at, one in enumerate(sorted({_plain(p.place) for p in profiles.values()} - {""}))}
    persons = []
    for name in names:
        profile = profiles[name]
        seen = day_of(last[name])
        persons.append(
            people.Person(
                number[name],
                texts=tuple(text for _, text in profile.docs),
                role=_plain(profile.roles) or None,
                organisation=organisations.get(_plain(profile.org)),
                place=places.get(_plain(profile.place)),
                quiet_days=None if seen is None else today - seen,
            )
        )
    group_number = {group: at for at, group in enumerate(sorted(groups))}
    return (
        people.Network(
            persons,
            [
                people.Tie(number[u], number[v], day_of(t))
                for u, v, t in ties
                if u in number and v in number and u != v
            ],
            [
                people.Membership(number[m], group_number[g], day_of(t))
                for m, g, t in memberships
                if m in number and g in group_number
            ],
            today,
        ),
        names,
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
