"""What was known, and what came: the rounds a ranker is judged by. Everything random hangs on a seed."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from haln.evaluation.dataset import BadDataset, Dataset, Group, Membership, Moment, Profile, Tie

PHASES = ("valid", "test")


@dataclass(frozen=True, slots=True)
class Round:
    """One moment: what is known then, and the pairs (member, member or group) that come after it.

    `aside`: memberships that are neither known nor looked for: to suggest them is no hit and no miss.
    """

    label: str
    now: Moment | None
    profiles: Mapping[str, Profile]
    ties: tuple[Tie, ...]
    groups: Mapping[str, Group]
    memberships: tuple[Membership, ...]
    targets: tuple[tuple[str, str], ...]
    aside: tuple[Membership, ...] = ()


def _split(data: Dataset, task: str, phase: str) -> Mapping[str, Any]:
    """Return how a task is split. Raises `BadDataset` where dataset.json does not say it in numbers."""
    split = data.task(task)
    if split.get("split") == "temporal":
        windows = split.get(phase)
        if not isinstance(windows, list) or not windows or not all(map(_is_window, windows)):
            raise BadDataset(f"{data.folder}: {task} in dataset.json names no windows [from, until] of phase {phase}")
        return split
    shares: list[Any] = [split.get(name) for name in PHASES]
    if not all(_is_number(share) and share >= 0 for share in shares) or sum(shares) > 1:
        raise BadDataset(f"{data.folder}: {task} in dataset.json names no shares of valid and test, together at most 1")
    return split


def _is_window(window: Any) -> bool:
    return isinstance(window, list) and len(window) == 2 and all(map(_is_number, window)) and window[0] <= window[1]


def _is_number(one: Any) -> bool:
    return isinstance(one, int | float) and -math.inf < one < math.inf


def peer_rounds(data: Dataset, phase: str, seed: int) -> Iterator[Round]:
    """Yield the rounds of *peer*: ties that form in a window after the cut, or a share of ties held out by seed."""
    split = _split(data, "peer", phase)
    if split.get("split") == "temporal":
        for now, end in split[phase]:
            profiles = data.profiles(now)
            yield Round(
                f"{now}->{end}",
                now,
                profiles,
                tuple(tie for tie in data.ties if tie[2] <= now),
                {key: group for key, group in data.groups.items() if group.since <= now},
                tuple((m, g, t) for m, g, t, _ in data.memberships if t <= now and m in profiles),
                tuple((u, v) for u, v, t in data.ties if now < t <= end and u in profiles and v in profiles),
            )
        return
    ties = sorted(set(data.ties))
    data.check_members(end for tie in ties for end in tie[:2])
    order = np.random.default_rng(1000 + seed).permutation(len(ties))
    tests, valids = round(split["test"] * len(ties)), round(split["valid"] * len(ties))
    test, valid, train = order[:tests], order[tests : tests + valids], order[tests + valids :]
    known = train if phase == "valid" else np.concatenate((train, valid))
    wanted = valid if phase == "valid" else test
    yield Round(
        f"seed {seed}",
        None,
        data.profiles(),
        tuple(ties[at] for at in sorted(known.tolist())),
        data.groups,
        tuple((m, g, t) for m, g, t, _ in data.memberships),
        tuple(ties[at][:2] for at in sorted(wanted.tolist())),
    )


def group_rounds(data: Dataset, phase: str, seed: int) -> Iterator[Round]:
    """Yield the rounds of *group*: memberships that begin in a window, or a share of each member's, by seed."""
    split = _split(data, "group", phase)
    hide = split.get("hide", ())
    if split.get("split") == "temporal":
        for now, end in split[phase]:
            profiles = data.profiles(now, hide)
            groups = {
                key: group
                for key, group in data.groups.items()
                if group.since <= now and (group.until is None or group.until >= now)
            }
            inside = [(m, g, t) for m, g, t, _ in data.memberships if m in profiles and g in groups]
            yield Round(
                f"{now}->{end}",
                now,
                profiles,
                tuple(tie for tie in data.ties if tie[2] <= now),
                groups,
                tuple(one for one in inside if one[2] <= now),
                tuple((m, g) for m, g, t in inside if now < t <= end),
            )
        return
    data.check_members(member for member, *_ in data.memberships)
    train, valid, test = _shared_out(data, split["test"], split["valid"], seed)
    yield Round(
        f"seed {seed}",
        None,
        data.profiles(None, hide),
        tuple(data.ties),
        data.groups,
        tuple(train if phase == "valid" else train + valid),
        tuple((m, g) for m, g, _ in (valid if phase == "valid" else test)),
    )


def _shared_out(
    data: Dataset, test_share: float, valid_share: float, seed: int
) -> tuple[list[Membership], list[Membership], list[Membership]]:
    by_member: dict[str, list[Membership]] = {}
    for one in sorted({(m, g, t) for m, g, t, _ in data.memberships}):
        by_member.setdefault(one[0], []).append(one)
    rng = np.random.default_rng(2000 + seed)
    train: list[Membership] = []
    valid: list[Membership] = []
    test: list[Membership] = []
    for member in sorted(by_member):
        own = by_member[member]
        own = [own[at] for at in rng.permutation(len(own))]
        tests, valids = math.floor(test_share * len(own)), math.floor(valid_share * len(own))
        if tests == 0 and len(own) >= 3:
            tests = 1
        test += own[:tests]
        valid += own[tests : tests + valids]
        train += own[tests + valids :]
    return train, valid, test


def asked(wanted: Mapping[str, object], limit: int, seed: int) -> list[str]:
    """Return the members asked for: all with a target, or a sample of `limit` of them by seed (0: all)."""
    members = sorted(wanted)
    if not limit or len(members) <= limit:
        return members
    chosen = np.random.default_rng(3000 + seed).choice(len(members), limit, replace=False)
    return [members[at] for at in sorted(chosen.tolist())]


def check_phase(phase: str) -> str:
    """Return a phase that exists."""
    if phase not in PHASES:
        raise BadDataset(f"a phase is {' or '.join(PHASES)}, not {phase}")
    return phase
