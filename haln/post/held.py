"""Which letters a restore held back: they stand among those that failed, with a sentence of their own."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func

from haln.models import Mail

SENTENCE = "Held back when a backup was restored: it may have been sent since the backup was taken."

HELD: ColumnElement[bool] = and_(Mail.state == "failed", func.coalesce(Mail.last_error, "") == SENTENCE)
"""Whether a row of Mail is held back."""
