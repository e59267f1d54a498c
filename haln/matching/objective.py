"""What a good plan is: a pool prepared for judging, the judgement, and what a change would do to it."""

from haln.matching.assessment import Assessment, RuleReport, SetReport, assess
from haln.matching.breaks import Break
from haln.matching.lead_costs import Lead, leads
from haln.matching.left_over import LeftOver
from haln.matching.member_reports import MemberReport, Point
from haln.matching.moves import Move, Swap, moves, place_of, swaps, with_move, with_swap
from haln.matching.problem import MOST_APPLICANTS, Problem, prepare

__all__ = [
    "MOST_APPLICANTS",
    "Assessment",
    "Break",
    "Lead",
    "LeftOver",
    "MemberReport",
    "Move",
    "Point",
    "Problem",
    "RuleReport",
    "SetReport",
    "Swap",
    "assess",
    "leads",
    "moves",
    "place_of",
    "prepare",
    "swaps",
    "with_move",
    "with_swap",
]
