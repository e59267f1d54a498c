"""The network itself as a file: who is tied to whom and since when, under ids that mean nothing elsewhere.

An id is a keyed hash of the member's; the key is made for one file and thrown away, so that files cannot be laid side
by side. No file has names. A group of too few people in the file has them under `other`, and there is no file of a
filter that leaves too few people: its own words would say what is hidden. That does not make people
unknowable: who knows some of their ties may find them. These files are for staff, not to be published.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import quoteattr

from haln.errors import Invalid
from haln.measure.exports_rows import KINDS, NOT_KNOWN, Asked
from haln.measure.figures import SEED
from haln.network import communities, suppress
from haln.network.communities import Communities
from haln.network.history import NEVER, UNKNOWN, History, snapshot, wanted
from haln.network.versions import Versions

_ID_BYTES = 8
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(frozen=True, slots=True)
class Spell:
    """From the day `since` until before the day `until`; none: it lasts."""

    since: date
    until: date | None
    evidence: str = ""
    intensity: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """A member: their spells, their group of each kind, and on the day their community, if they are in one."""

    id: str
    spells: tuple[Spell, ...]
    groups: Mapping[str, str]
    community: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """Two members, by their ids, and the spells of their tie."""

    source: str
    target: str
    spells: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Members and ties, and what the file says of itself."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    said: Mapping[str, str]


def as_graphml(versions: Versions, asked: Asked, key: bytes) -> bytes:
    """The network as it stands on the day, in GraphML; ties have the day on which they began."""
    found = _graph(versions, asked, key, whole=False)
    lines = [_HEAD, '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    lines += [_tag("key", id=f"graph_{name}", for_="graph", attr_name=name, attr_type="string") for name in found.said]
    lines += [_tag("key", id=name, for_="node", attr_name=name, attr_type="string") for name in (*KINDS, "joined")]
    lines += [_tag("key", id=name, for_="edge", attr_name=name, attr_type="string") for name in ("since", "evidence")]
    lines += [_tag("key", id="community", for_="node", attr_name="community", attr_type="int")]
    lines += [_tag("key", id="intensity", for_="edge", attr_name="intensity", attr_type="int")]
    lines += ['<graph id="network" edgedefault="undirected">']
    lines += _data({f"graph_{name}": value for name, value in found.said.items()})
    for node in found.nodes:
        joined = min(spell.since for spell in node.spells).isoformat()
        lines += [f"<node id={quoteattr(node.id)}>", *_data({**_known(node), "joined": joined}), "</node>"]
    for edge in found.edges:
        lines += [f"<edge source={quoteattr(edge.source)} target={quoteattr(edge.target)}>"]
        lines += [*_data(_tied(edge)), "</edge>"]
    return _joined([*lines, "</graph>", "</graphml>"])


def as_gexf(versions: Versions, asked: Asked, key: bytes) -> bytes:
    """The network as it grew until the day, in dynamic GEXF 1.3: a spell's end is its last day."""
    found = _graph(versions, asked, key, whole=True)
    lines = [_HEAD, '<gexf xmlns="http://gexf.net/1.3" version="1.3">', "<meta>"]
    told = " ".join(f"{name}={value}" for name, value in found.said.items())
    lines += ["<creator>HALN</creator>", f"<description>{_text(told)}</description>", "</meta>"]
    lines += ['<graph mode="dynamic" defaultedgetype="undirected" timeformat="date" timerepresentation="interval">']
    lines += ['<attributes class="node" mode="static">']
    lines += [_tag("attribute", id=kind, title=kind, type="string") for kind in KINDS]
    lines += [_tag("attribute", id="community", title="community", type="integer")]
    lines += ["</attributes>", '<attributes class="edge" mode="dynamic">']
    lines += [_tag("attribute", id="evidence", title="evidence", type="string")]
    lines += [_tag("attribute", id="intensity", title="intensity", type="integer"), "</attributes>", "<nodes>"]
    for node in found.nodes:
        lines += [f"<node id={quoteattr(node.id)} label={quoteattr(node.id)}>", "<attvalues>"]
        lines += [_tag("attvalue", for_=kind, value=group) for kind, group in _known(node).items()]
        lines += ["</attvalues>", *_spells(node.spells), "</node>"]
    lines += ["</nodes>", "<edges>"]
    for number, edge in enumerate(found.edges):
        lines += [
            f'<edge id="{number}" source={quoteattr(edge.source)} target={quoteattr(edge.target)}>',
            "<attvalues>",
        ]
        for spell in edge.spells:
            lines += [_tag("attvalue", for_="evidence", value=spell.evidence, **_days(spell))]
            lines += [_tag("attvalue", for_="intensity", value=str(spell.intensity), **_days(spell))]
        lines += ["</attvalues>", *_spells(edge.spells), "</edge>"]
    return _joined([*lines, "</edges>", "</graph>", "</gexf>"])


def _graph(versions: Versions, asked: Asked, key: bytes, *, whole: bool) -> Graph:
    """Members and ties that there are on the day; or, as a `whole`, that there were until then.

    Raises Invalid where the question leaves too few people.
    """
    known = asked.question.known(versions, asked.question.as_of)
    day = asked.question.as_of.toordinal()
    spells = _members(known, asked, day)
    ties = _ties(known, asked, day)
    standing = snapshot(known, day, only=asked.question.only, evidences=asked.question.evidences)
    if not whole:
        there = set(standing.rows.tolist())
        spells = {row: found for row, found in spells.items() if row in there}
        ties = {pair: [one for one in found if one.until is None] for pair, found in ties.items()}
    rows = sorted(spells)
    if asked.question.only and len(rows) <= asked.hidden_to:
        # The filter would say of each of them what the file calls `other`.
        raise Invalid("Too few people are left for a file of the network: leave out a filter.")
    groups = {kind: _groups(known, kind, [spells[row][-1][0] for row in rows], asked.threshold) for kind in KINDS}
    ids = {row: _id(int(known.members[row]), key) for row in rows}
    told = communities.communities(standing, SEED)
    community = numbered(
        {ids[row]: label for row, label in zip(standing.rows.tolist(), told.label.tolist(), strict=True)}
    )
    nodes = [
        Node(
            ids[row],
            tuple(spell for _, spell in spells[row]),
            {kind: groups[kind][place] for kind in KINDS},
            community.get(ids[row]),
        )
        for place, row in enumerate(rows)
    ]
    edges = [
        Edge(min(ids[low], ids[high]), max(ids[low], ids[high]), tuple(found))
        for (low, high), found in ties.items()
        if found and low in ids and high in ids
    ]
    nodes.sort(key=lambda node: node.id)
    edges.sort(key=lambda edge: (edge.source, edge.target))
    return Graph(nodes, edges, _said(asked, told))


def numbered(labels: Mapping[str, int]) -> dict[str, int]:
    """Number communities of two or more by their size, the largest 1; of those as large, by the ids of this file.

    The labels themselves follow the order in which people joined, which is not to be told by another way.
    """
    people: dict[int, list[str]] = {}
    for identity, label in sorted(labels.items()):
        people.setdefault(label, []).append(identity)
    some = sorted((each for each in people.values() if len(each) > 1), key=lambda each: (-len(each), each[0]))
    return {identity: number for number, each in enumerate(some, 1) for identity in each}


def _members(known: History, asked: Asked, day: int) -> dict[int, list[tuple[int, Spell]]]:
    """The spells of each row of members that had begun by the day and count, with their place in the history."""
    found: dict[int, list[tuple[int, Spell]]] = {}
    chosen = wanted(known, asked.question.only).tolist()
    columns = zip(chosen, known.who.tolist(), known.since.tolist(), known.until.tolist(), strict=True)
    for place, (counts, row, since, until) in enumerate(columns):
        if counts and since <= day:
            found.setdefault(row, []).append((place, _spell(since, until, day)))
    return found


def _ties(known: History, asked: Asked, day: int) -> dict[tuple[int, int], list[Spell]]:
    """The spells of each tie that had begun by the day and rest on what is asked for."""
    found: dict[tuple[int, int], list[Spell]] = {}
    evidences = asked.question.evidences
    columns = (known.low, known.high, known.tied_since, known.tied_until, known.evidence, known.intensity)
    for low, high, since, until, evidence, intensity in zip(*(one.tolist() for one in columns), strict=True):
        name = known.evidences[evidence]
        if since <= day and (evidences is None or name in evidences):
            found.setdefault((low, high), []).append(_spell(since, until, day, name, intensity))
    return {pair: sorted(found[pair], key=lambda spell: (spell.since, spell.evidence)) for pair in sorted(found)}


def _spell(since: int, until: int, day: int, evidence: str = "", intensity: int = 0) -> Spell:
    end = None if until == NEVER or until > day else date.fromordinal(until)
    return Spell(date.fromordinal(since), end, evidence, intensity)


def _groups(known: History, kind: str, places: Sequence[int], threshold: int) -> list[str]:
    names, codes = known.names.get(kind, ()), known.groups[kind].tolist()
    told = [NOT_KNOWN if codes[place] == UNKNOWN else names[codes[place]] for place in places]
    return suppress.merged(told, threshold)


def _id(member: int, key: bytes) -> str:
    return "m" + hashlib.blake2b(str(member).encode(), key=key, digest_size=_ID_BYTES).hexdigest()


def _tied(edge: Edge) -> dict[str, str]:
    """What GraphML says of a tie that holds: since when, by which evidence, and how close at most."""
    return {
        "since": min(spell.since for spell in edge.spells).isoformat(),
        "evidence": "+".join(sorted({spell.evidence for spell in edge.spells})),
        "intensity": str(max(spell.intensity for spell in edge.spells)),
    }


def _known(node: Node) -> dict[str, str]:
    """What is known of a member beside when they were there."""
    return {**node.groups, **({} if node.community is None else {"community": str(node.community)})}


def _said(asked: Asked, told: Communities) -> dict[str, str]:
    as_of = asked.question.as_of
    return {
        "as_of": as_of.isoformat(),
        "known_as_of": asked.known_on(as_of).isoformat(),
        "filter": asked.filter,
        "ids": "of this file alone",
        "communities": str(told.number),
        "community_method": "Leiden",
        "community_runs": str(told.runs),
        "community_seed": str(told.seed),
        "community_stability": _number(told.stability),
        "community_modularity": _number(told.modularity),
    }


def _number(value: float) -> str:
    """A number to its last digit; nothing where it is not defined."""
    return "" if math.isnan(value) else repr(value)


def _days(spell: Spell) -> dict[str, str]:
    end = {} if spell.until is None else {"end": date.fromordinal(spell.until.toordinal() - 1).isoformat()}
    return {"start": spell.since.isoformat(), **end}


def _spells(spells: Iterable[Spell]) -> Iterator[str]:
    yield "<spells>"
    yield from (_tag("spell", **_days(spell)) for spell in spells)
    yield "</spells>"


def _data(values: Mapping[str, str]) -> list[str]:
    return [f"<data key={quoteattr(name)}>{_text(value)}</data>" for name, value in values.items()]


def _text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tag(name: str, **attributes: str) -> str:
    """An empty element; `for_` is for, and attr_name is attr.name."""
    said = "".join(
        f" {key.rstrip('_').replace('attr_', 'attr.')}={quoteattr(value)}" for key, value in attributes.items()
    )
    return f"<{name}{said}/>"


def _joined(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
