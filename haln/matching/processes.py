"""Portions worked out by some processes of this machine, which map the saved index into memory and copy nothing."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from haln.matching import storage
from haln.matching.crew import Held, Planned, Portion, Tell, Told
from haln.matching.index import Index
from haln.matching.lists import Wished
from haln.matching.process_pool import Excuses, ProcessPool, Result
from haln.matching.shelf import Handed, Lost, Shelf
from haln.matching.suggest import Settings


class Processes:
    """So many processes of this machine as a crew. Close it: they end with it, and with the process that made it."""

    def __init__(self, index: Index, directory: Path, name: str, shelf: Shelf, count: int) -> None:
        """`name`: that under which the index is saved in the directory."""
        self._here = Held(index)
        self._shelf = shelf
        self._where = (str(directory), name, shelf)
        self._pool = ProcessPool(count)

    def rank(self, portions: Sequence[Portion], settings: Settings) -> Iterator[Wished]:
        """Yield the wishes of each portion."""
        return self._each(_rank, self._here.rank_to, ((portion, settings) for portion in portions))

    def explain(self, planned: Iterable[Planned], settings: Settings, tell: Tell[Told]) -> Iterator[list[Told]]:
        """Yield the lists of each portion, told."""
        return self._each(_explain, self._here.explain_from, ((one, settings, tell) for one in planned))

    def close(self) -> None:
        """End the processes at once, whatever they are doing."""
        self._pool.close()

    def _each(
        self, work: Callable[..., Handed | Result], here: Callable[..., Result], calls: Iterable[tuple[Any, ...]]
    ) -> Iterator[Result]:
        there, at_hand = partial(work, *self._where), partial(here, self._shelf)
        return self._pool.each(there, at_hand, calls, self._shelf.take_over, _EXCUSES)


_NO_INDEX = "A process cannot load the index (%s); its work is done by the one that holds it"
_EXCUSES: Excuses = {
    # Another run may have cleared the shelf away: what it held is made again.
    Lost: "What a process made is gone (%s); it is made again",
    # Others have saved twice since, and a process that began late finds nothing to load.
    storage.IndexMissing: _NO_INDEX,
    storage.IndexOutdated: _NO_INDEX,
}


@lru_cache(maxsize=1)
def _held(directory: str, name: str) -> Held:
    held = Held(storage.load(Path(directory), name)[0])
    # What is loaded by now stays: the collector need not look through it again and again.
    gc.freeze()
    return held


def _rank(directory: str, name: str, shelf: Shelf, portion: Portion, settings: Settings) -> Handed | Wished:
    return shelf.hand_over(_held(directory, name).rank_to(shelf, portion, settings))


def _explain(
    directory: str, name: str, shelf: Shelf, planned: Planned, settings: Settings, tell: Tell[Told]
) -> Handed | list[Told]:
    return shelf.hand_over(_held(directory, name).explain_from(shelf, planned, settings, tell))
