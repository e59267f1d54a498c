"""The pages of the network in figures, for staff."""

from flask import Flask

from haln.views.network import (
    activities,
    asking,
    corrections,
    files,
    gaps,
    growth,
    mixing,
    outcome_pages,
    overview,
    picture,
    report,
    report_file,
    set_corrections,
    tie_corrections,
)

__all__ = ["BLUEPRINTS", "set_up"]


def set_up(app: Flask) -> None:
    """Hold what was said of the network, and let commands make the report."""
    asking.set_up(app)
    report_file.set_up(app)


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
