"""The pages of the network in figures, for staff."""

from haln.views.network import (
    activities,
    corrections,
    files,
    gaps,
    growth,
    mixing,
    outcome_pages,
    overview,
    picture,
    report,
    set_corrections,
    tie_corrections,
)
from haln.views.network.asking import set_up

__all__ = ["BLUEPRINTS", "set_up"]

BLUEPRINTS = (
    overview.blueprint,
    growth.blueprint,
    mixing.blueprint,
    gaps.blueprint,
    picture.blueprint,
    activities.blueprint,
    outcome_pages.blueprint,
    report.blueprint,
    files.blueprint,
    corrections.blueprint,
    tie_corrections.blueprint,
    set_corrections.blueprint,
)
