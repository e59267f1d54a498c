"""What each figure is: its name, unit and version, how it is worked out, where the definition is from, and a sentence.

A figure's version grows when it would come out otherwise for the same facts.
"""

from __future__ import annotations

from haln.measure.definition import Measure, said
from haln.measure.definitions_of_groups import GROUPS
from haln.measure.definitions_of_ties import TIES

__all__ = ["BY_KEY", "MEASURES", "PUBLISHED", "Measure", "said"]

MEASURES: tuple[Measure, ...] = (*TIES, *GROUPS)

BY_KEY = {one.key: one for one in MEASURES}

PUBLISHED = tuple(one for one in MEASURES if one.published)
