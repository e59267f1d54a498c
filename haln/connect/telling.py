"""Which of the words that two people both write tell what they have in common, and which are just words."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Words of any account of oneself, of any job and any place, and of regions, which a reason of their own names. The
# vocabulary of matching leaves out articles and the like; these count there, for together they tell a little.
GENERAL = frozenset(
    """
    able action actions add added advice agency ago aim aims alliance allow anchor anchors approach area areas ask
    asked asking asks authority based became began begin begins believe best better big board boards borough bring
    bringing brings brought build building built called came care cent central centre change changed changes charity
    chief chose cic city close closely college come comes coming communities community council councils country
    county current currently day days deliver delivering development different director district doing east eastern
    end ended england english enjoy everyone example executive experience fell felt find foundation free fund funded
    general getting give given gives goes going good got great group groups grow grown half hall happy head health
    healthcare healthy hear help helped helping helps high hold holding holds home hope hopes hoping hospital
    hospitals house humber idea ideally ideas improve improving include including institute integrated interested
    interests ireland irish job jobs joined joining joint just keen keep kept key kind king know known large last
    later lead leader leading leads learn learned learning led left less let life like link linked listen little
    live living local london long look looked looking looks lot love made main make makes making manage manager
    managing matter matters mean means meet meeting meets member members metropolitan midlands mine model month
    months moved moving much national near need needed needs neighbourhood network new nhs night north northern
    number offer office officer officers old open opened opens order organisation organisations outside park part
    particular partner partners partnership partnerships past people person pilot place places plan planned planning
    plans point post practical practice previously problem process programme project projects public put question
    questions ran real really region regional right role round run running runs school scotland scottish second
    sector senior service services set sets share shared shares sharing short show side small social society
    something south southern spend spent st staff start started starts step stop stopped strategic strategy support
    supported supporting supports system take taken takes talk talking team teams tell thing things think thinking
    three time times today told took town tried trust trusts try trying turn turned turning understand university
    use used useful using value wales want wanted wants way ways week weeks well welsh west western wide work worked
    worker workers working works world worth write writing wrote year years yorkshire young
    """.split()  # noqa: SIM905  # one word a line would be four hundred lines
)
_WORD = re.compile(r"\w+")


def telling(terms: Iterable[str], names: str) -> list[str]:
    """Return the terms that tell something, in their order: no general words, and none of somebody's `names`.

    `names`: of their organisation, place and work. Who works in a hospital and writes so has not written of a subject.
    """
    named = set(_WORD.findall(names.casefold()))
    return [term for term in terms if term not in GENERAL and term not in named]
