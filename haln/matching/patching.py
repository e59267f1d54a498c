"""Bring an index up to date for the few members that changed, without building it again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from haln.compiled import Bytes, Doubles, Longs
from haln.matching import columns as col
from haln.matching.circles import circle_lengths
from haln.matching.graph import open_strength, tie_rows
from haln.matching.index import LARGEST_GROUP, Index, RowBook, group_rows, members_of, shown_texts
from haln.matching.links import link_keys
from haln.matching.people import Changes, Facts, Person, Tie
from haln.matching.ragged import Column, Ragged, gathered
from haln.matching.sheet import Sheet

_NOBODY = Person(member=-1, suggestable=False, shown=Facts.NONE)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The members whose columns change, each with a row, and those who go."""

    people: Sequence[Person]
    rows: Sequence[int]
    gone: Sequence[int]
    count: int


def patch(index: Index, changes: Changes) -> Index:
    """Return an index in which the changes are made; the vocabulary of terms stays.

    It suggests what an index built afresh with this vocabulary and the same `today` would. Members new to it may be
    asked about and suggested at once. The index given stays as it was.
    """
    rows = _placed(index, changes)
    groups_before = {membership.group for membership in changes.memberships}
    codes = index.codes.extended([*rows.people], groups_before)
    patched = _with_columns(replace(index, codes=codes), rows)
    patched = _with_ties(index, patched, rows, changes)
    return _with_groups(patched, rows, changes)


def _placed(index: Index, changes: Changes) -> _Rows:
    unique = {person.member: person for person in changes.people if person.member not in changes.gone}
    people = [unique[member] for member in sorted(unique)]
    count = len(index.ids)
    rows = []
    for person in people:
        row = index.row_of.placed(person.member)
        if row < 0:
            row, count = count, count + 1
        rows.append(row)
    gone = sorted(index.row_of[member] for member in changes.gone if member in index.row_of)
    return _Rows(people, rows, gone, count)


def _with_columns(index: Index, rows: _Rows) -> Index:
    every = [*rows.people, *(_NOBODY for _ in rows.gone)]
    places = [*rows.rows, *rows.gone]
    facts = _grown(index.facts, rows.count)
    facts[places] = col.fact_rows(every, index.codes)
    facts[rows.gone, col.SHOWN] = -1
    vigour = _grown(index.vigour, rows.count)
    vigour[places] = col.vigour_rows(every, index.today)
    suggestable = _grown(index.suggestable, rows.count)
    suggestable[places] = col.suggestable_rows(every)
    ids = _grown(index.ids, rows.count)
    ids[rows.rows] = col.member_ids(rows.people)
    themes = _spliced(index.themes, places, col.theme_rows(every, index.codes), rows.count)
    row_of = RowBook(ids, facts)
    return replace(
        index,
        ids=ids,
        facts=facts,
        vigour=vigour,
        suggestable=suggestable,
        themes=themes,
        texts=_spliced(index.texts, places, index.vocabulary.rows([one.texts for one in every]), rows.count),
        stale=np.union1d(index.stale, np.array(places, np.int32)).astype(np.int32),
        row_of=row_of,
        sheet=Sheet(facts, themes, index.codes.lists["theme"], vigour),
        vectors=_grown(index.vectors, rows.count),
        theme_weights=col.theme_weights(themes, len(index.codes.lists["theme"]), len(row_of)),
        text_shown=shown_texts(facts),
    )


def _grown(values: Any, count: int) -> Any:
    grown = np.zeros((count, *values.shape[1:]), values.dtype)
    grown[: len(values)] = values
    return grown


def _spliced(known: Ragged, places: Sequence[int], new: Ragged, count: int) -> Ragged:
    return known.spliced({place: new.row(k) for k, place in enumerate(places)}, count)


def _with_ties(before: Index, index: Index, rows: _Rows, changes: Changes) -> Index:
    """Replace the rows of ties that changed, at both ends, and what is reckoned from them."""
    retied = {index.row_of[member] for member in changes.retied if member in index.row_of} | set(rows.gone)
    open_rows = (index.facts[:, col.SHOWN] >= 0) & (index.facts[:, col.SHOWN] & int(Facts.CONNECTIONS) > 0)
    fresh = _fresh_ties(index, retied, changes.ties, open_rows.astype(np.uint8))
    empty: tuple[Column, ...] = tuple(column[:0] for column in index.ties.columns)
    ties = before.ties.spliced({}, rows.count)
    touched = set(retied) | set(rows.rows)
    ends = {int(other) for row in retied | set(rows.rows) for other in ties.row(row)[0]}
    ends |= {int(row) for row in np.flatnonzero(fresh.lengths())}
    replaced = {}
    for row in sorted(ends | touched):
        kept = ties.row(row) if row not in retied else empty
        keep = ~np.isin(kept[0], list(retied))
        merged = [np.concatenate((old[keep], new)) for old, new in zip(kept, fresh.row(row), strict=True)]
        order = np.argsort(index.ids[merged[0]], kind="stable")
        others = merged[0][order]
        replaced[row] = (others, merged[1][order], (open_rows[others] & open_rows[row]).astype(np.uint8))
    ties = ties.spliced(replaced, rows.count)
    changed = np.array(sorted(replaced), np.int64)
    known = changed[changed < len(before.ids)]
    gone_keys = link_keys(before.ties, before.facts[:, col.CELL], known)
    links = before.links.changed(gone_keys, link_keys(ties, index.facts[:, col.CELL], changed))
    # Whose circle changed is among them: both ends of every tie of whoever changed.
    circles = _grown(before.circles, rows.count)
    circles[changed] = circle_lengths(ties, index.texts, index.text_shown, len(index.vocabulary.terms), changed)
    return replace(index, ties=ties, strength=_strength(before, ties, changed), links=links, circles=circles)


def _strength(before: Index, ties: Ragged, changed: Longs) -> Doubles:
    strength: Doubles = _grown(before.strength, len(ties))
    rows = np.repeat(np.arange(len(changed)), ties.lengths()[changed])
    entries = [ties.row(int(row)) for row in changed]
    columns = tuple(np.concatenate(column) for column in zip(*entries, strict=True))
    strength[changed] = open_strength(gathered(rows, columns, len(changed))) if entries else 0.0
    return strength


def _fresh_ties(index: Index, retied: set[int], ties: Iterable[Tie], open_rows: Bytes) -> Ragged:
    meant = [tie for tie in ties if index.row_of.get(tie.a, -1) in retied or index.row_of.get(tie.b, -1) in retied]
    return tie_rows(meant, index.row_of, open_rows, index.today)


def _with_groups(index: Index, rows: _Rows, changes: Changes) -> Index:
    regrouped = {index.row_of[member] for member in changes.regrouped if member in index.row_of} | set(rows.gone)
    meant = [one for one in changes.memberships if index.row_of.get(one.member, -1) in regrouped]
    fresh = group_rows(meant, index.row_of, index.codes, rows.count)
    groups = index.groups.spliced({row: fresh.row(row) for row in regrouped}, rows.count)
    if not regrouped:
        return replace(index, groups=groups)
    group_members = members_of(groups, len(index.codes.lists["group"]))
    weights = col.group_weights(group_members, LARGEST_GROUP, index.codes.lists["group"])
    return replace(index, groups=groups, group_members=group_members, group_weights=weights)
