"""Cohorts, for those who lead them."""

from haln.views.cohorts import facilitators, imports, index, pairs, people, rules, times
from haln.views.cohorts.base import blueprint
from haln.views.leading_back import lead_back

lead_back(blueprint, "cohorts.one")

__all__ = ["blueprint", "facilitators", "imports", "index", "pairs", "people", "rules", "times"]
