"""Files that staff brought in, kept until they are applied or a day old."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Identity, Moment


class ImportFile(Base):
    """A file between its preview and its application. Its content is wiped once applied: it holds people's data."""

    __tablename__ = "import_file"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))  # a file of applicants
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))  # a meeting tool's report
    agreed: Mapped[bool] = mapped_column(default=False)  # the people in it have agreed to be listed
    brought_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    brought_at: Mapped[datetime] = mapped_column(Moment, index=True)
    applied_at: Mapped[datetime | None] = mapped_column(Moment)
