"""Which pictures a text names, and how large they are: all that a page needs before the pictures themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.resources import picture_marks
from haln.learn.resources.picture_files import Size
from haln.models import ResourcePicture


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as a page draws it: what it shows in words, and its two sizes."""

    key: str
    alternative: str
    size: Size
    small_size: Size


def named(document: Mapping[str, Any]) -> set[str]:
    """The pictures that a text, as it is stored, names."""
    lead = document.get("lead") or ""
    return {
        *({lead} if lead else ()),
        *(key for text in document["parts"].values() for key in picture_marks.keys(text)),
    }


def of(session: Session, keys: Collection[str]) -> dict[str, Shown]:
    """These pictures, without what they are made of."""
    if not keys:
        return {}
    row = ResourcePicture
    columns = (row.public_id, row.alternative, row.width, row.height, row.small_width, row.small_height)
    rows = session.execute(select(*columns).where(row.public_id.in_(sorted(keys))))
    return {one[0]: Shown(one[0], one[1], Size(one[2], one[3]), Size(one[4], one[5])) for one in rows}
