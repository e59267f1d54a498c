"""Where members stand in the picture of the network."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Identity, Moment


class NetworkLayout(Base):
    """The newest layout: one row, which is its own queue.

    `places` are the ids of so many `members` (8 bytes each), then their x and y (4 bytes each), least byte first.
    """

    __tablename__ = "network_layout"

    id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    definition: Mapped[int] = mapped_column(SmallInteger)
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    change_number: Mapped[int] = mapped_column(Identity)  # of the newest change that it knows
    members: Mapped[int] = mapped_column(Integer)
    places: Mapped[bytes] = mapped_column(LargeBinary)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
