"""What a member of staff leaves behind in the newsletter: what they wrote keeps its words, and not their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from haln.models import AuditRecord, Newsletter
from haln.people import masking

ERASING: Mapping[str, str] = {
    "newsletter.written_by_id": "kept without the name in it, for members read it: a node without a name",
}
"""What erasing does with each column of the newsletter that points to a member."""

_WRITTEN = ("heading", "text", "button")


def erase(session: Session, member_id: int, name: str) -> None:
    """Take their name out of the issues that they began or had a hand in, also those that have left."""
    acted = select(AuditRecord.subject_id).where(
        AuditRecord.actor_id == member_id, AuditRecord.subject_kind == "newsletter"
    )
    theirs = select(Newsletter).where(or_(Newsletter.written_by_id == member_id, Newsletter.id.in_(acted)))
    held = theirs.order_by(Newsletter.id).with_for_update().execution_options(populate_existing=True)
    for row in session.scalars(held).all():
        subject, blocks = masking.without(row.subject, name), [_without(block, name) for block in row.blocks]
        if subject != row.subject or blocks != row.blocks:
            row.subject, row.blocks, row.version = subject, blocks, row.version + 1
    session.flush()


def _without(block: dict[str, Any], name: str) -> dict[str, Any]:
    """The block without the name; as another version, so that nobody who has it open brings the name back."""
    cleaned = {part: masking.without(block[part], name) for part in _WRITTEN if part in block}
    if all(block[part] == words for part, words in cleaned.items()):
        return block
    return {**block, **cleaned, "version": block["version"] + 1}
