"""Cohorts, for those who lead them."""

from haln.views.cohorts import facilitators, imports, index, pairs, people, rules, times
from haln.views.cohorts.base import blueprint

__all__ = ["blueprint", "facilitators", "imports", "index", "pairs", "people", "rules", "times"]
