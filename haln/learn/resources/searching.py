"""Find published resources by words and by facets, with counts. Only what the reader may read is found or counted.

Words are compared in `haln.people.resource_index`, the order is made here: so SQLite and PostgreSQL answer the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from haln.errors import NotFound
from haln.learn.resources import authors, contents, shown_pictures
from haln.learn.resources.authors import Author
from haln.learn.resources.shown_pictures import Shown
from haln.models import Resource, ResourceAuthor, ResourceBookmark, ResourceMark, ResourceVersion
from haln.people import resource_index
from haln.people.resource_index import Hit
from haln.people.search_words import Question, question
from haln.taxonomy.vocabulary import Vocabulary

PAGE = 20
WRITTEN = 6
FACETS = ("kind", "theme", "sector", "region", "year")
_TITLE, _SUMMARY = 4, 2


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: words, and the chosen codes of each facet. `after`: the last one of the page before."""

    text: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A resource in a list, as the reader may see it."""

    public_id: str
    kind: str
    title: str
    standfirst: str
    themes: tuple[str, ...]
    published_at: datetime
    authors: tuple[Author, ...]
    lead: Shown | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of what was found. `counts`: for each facet and code, how many there would be if it were chosen too.

    `ranked`: the best fit comes first; otherwise the newest.
    """

    rows: tuple[Row, ...]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    ranked: bool
    next_after: str | None


@dataclass(frozen=True, slots=True)
class _Shown:
    """One resource that the reader may read."""

    id: int
    public_id: str
    kind: str
    published_at: datetime


Sets = dict[str, dict[str, set[int]]]
"""For each facet and code, the resources that have it."""


def search(session: Session, vocabulary: Vocabulary, viewer_id: int | None, query: Query) -> Page:
    """Find resources for a member, or (`viewer_id` none) for everyone. Raises NotFound where `after` is not found."""
    shown = _shown(session, viewer_id)
    marked = _sets(session, shown, vocabulary)
    there, hits = set(shown), None
    asked = question(query.text)
    if asked:
        hits = {hit.resource_id: hit for hit in resource_index.matching(session, asked)}
        there &= set(hits)
    chosen = {
        facet: set[int]().union(*(marked[facet].get(code, set()) for code in codes))
        for facet, codes in query.chosen.items()
        if codes and facet in FACETS
    }
    found = reduce(_both, chosen.values(), there)
    order = _ordered([shown[one] for one in found], asked, hits)
    page = _after(order, query.after)
    rows = listed(session, viewer_id, [one.id for one in page[:PAGE]])
    return Page(
        rows=tuple(rows),
        total=len(found),
        counts=_counts(marked, there, chosen),
        ranked=hits is not None,
        next_after=page[PAGE - 1].public_id if len(page) > PAGE else None,
    )


def _both(one: set[int], other: set[int]) -> set[int]:
    """Those in both."""
    return one & other


def _shown(session: Session, viewer_id: int | None) -> dict[int, _Shown]:
    statement = select(Resource.id, Resource.public_id, Resource.kind, Resource.published_at).where(
        Resource.shown.is_not(None)
    )
    if viewer_id is None:
        statement = statement.where(open_to_all())
    return {row.id: _Shown(row.id, row.public_id, row.kind, row.published_at) for row in session.execute(statement)}


def open_to_all() -> ColumnElement[bool]:
    """Whether the row of Resource is for everyone to read, as its authors say."""
    mark = ResourceMark
    return (
        select(mark.resource_id)
        .where(mark.resource_id == Resource.id, mark.facet == "readers", mark.code == contents.EVERYONE)
        .exists()
    )


def _sets(session: Session, shown: Mapping[int, _Shown], vocabulary: Vocabulary) -> Sets:
    """Which resources have which code; a nation has those of its regions as well."""
    sets: Sets = {facet: defaultdict(set) for facet in FACETS}
    above = {region.code: region.parent for region in vocabulary.regions}
    for one in shown.values():
        sets["kind"][one.kind].add(one.id)
    rows = session.execute(
        select(ResourceMark.resource_id, ResourceMark.facet, ResourceMark.code).where(ResourceMark.facet.in_(FACETS))
    )
    for resource_id, facet, code in rows:
        if resource_id in shown:
            sets[facet][code].add(resource_id)
            if facet == "region" and (nation := above.get(code)):
                sets[facet][nation].add(resource_id)
    return sets


def _counts(marked: Sets, there: set[int], chosen: Mapping[str, set[int]]) -> dict[str, dict[str, int]]:
    counts = {}
    for facet in FACETS:
        others = reduce(_both, (found for name, found in chosen.items() if name != facet), there)
        counts[facet] = {code: len(others & members) for code, members in marked[facet].items()}
    return counts


def _ordered(found: Sequence[_Shown], asked: Question, hits: Mapping[int, Hit] | None) -> list[_Shown]:
    def fit(one: _Shown) -> tuple[int, float, int]:
        score = _fit(asked, hits[one.id]) if hits is not None else 0
        return -score, -one.published_at.timestamp(), one.id

    return sorted(found, key=fit)


def _fit(asked: Question, hit: Hit) -> int:
    """How well a resource answers: a word in its title counts for more than in its standfirst, that more than below."""
    score = 0
    for number, word in enumerate(asked.words):
        begun = number == len(asked.words) - 1
        for words, weight in ((hit.title, _TITLE), (hit.summary, _SUMMARY)):
            if word in words or (begun and any(one.startswith(word) for one in words)):
                score += weight
    return score


def _after(order: list[_Shown], after: str | None) -> list[_Shown]:
    """One page and one more, when there is one."""
    if after is None:
        return order[: PAGE + 1]
    places = [number for number, one in enumerate(order) if one.public_id == after]
    if not places:
        raise NotFound("The list has changed since. Begin again from all resources.")
    return order[places[0] + 1 : places[0] + PAGE + 2]


def listed(session: Session, viewer_id: int | None, ids: Collection[int]) -> list[Row]:
    """These resources as the reader may see them, in the order of the ids; those that are not shown are left out."""
    if not ids:
        return []
    statement = (
        select(Resource.id, Resource.public_id, Resource.kind, Resource.published_at, ResourceVersion.content)
        .join(
            ResourceVersion,
            and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.shown),
        )
        .where(Resource.id.in_(list(ids)))
    )
    if viewer_id is None:
        statement = statement.where(open_to_all())
    found = {row.id: row for row in session.execute(statement)}
    written = authors.of(session, viewer_id, list(found))
    leads = shown_pictures.of(session, {lead for row in found.values() if (lead := row.content.get("lead"))})
    return [
        Row(
            row.public_id,
            row.kind,
            row.content["title"],
            row.content["standfirst"],
            tuple(row.content["themes"]),
            row.published_at,
            tuple(written.get(row.id, ())),
            leads.get(row.content.get("lead", "")),
        )
        for row in (found[one] for one in ids if one in found)
    ]


def written_by(session: Session, viewer_id: int, member_id: int) -> list[Row]:
    """What a member is an author of and the reader may read, the newest `WRITTEN` first."""
    ids = session.scalars(
        select(Resource.id)
        .join(ResourceAuthor, ResourceAuthor.resource_id == Resource.id)
        .where(ResourceAuthor.member_id == member_id, ResourceAuthor.answer == authors.YES, Resource.shown.is_not(None))
        .order_by(Resource.published_at.desc(), Resource.id.desc())
        .limit(WRITTEN)
    ).all()
    return listed(session, viewer_id, ids)


def bookmarked(session: Session, viewer_id: int) -> list[Row]:
    """The member's bookmarks that can still be read, the latest first."""
    ids = session.scalars(
        select(ResourceBookmark.resource_id)
        .join(Resource, Resource.id == ResourceBookmark.resource_id)
        .where(ResourceBookmark.member_id == viewer_id, Resource.shown.is_not(None))
        .order_by(ResourceBookmark.added_at.desc(), ResourceBookmark.resource_id.desc())
        .limit(500)
    ).all()
    return listed(session, viewer_id, ids)
