"""Portions worked out by some processes of this machine, which map the saved index into memory and copy nothing."""

import gc
import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

from haln.matching import storage
from haln.matching.crew import Held, Planned, Portion, Tell, Told
from haln.matching.index import Index
from haln.matching.lists import Wished
from haln.matching.shelf import Handed, Lost, Shelf
from haln.matching.suggest import Settings

Result = TypeVar("Result")

LOST = 3
"""So often processes may end before their work is done; after that the caller does the rest itself."""

IDLE = 60
"""Seconds after which a process without work ends by itself."""

_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
_log = logging.getLogger(__name__)


class Processes:
    """So many processes of this machine. Close it: they end with it, and with the process that made it."""

    def __init__(self, index: Index, directory: Path, name: str, shelf: Shelf, count: int) -> None:
        """`name`: that under which the index is saved in the directory."""
        self._here = Held(index)
        self._shelf = shelf
        self._where = (str(directory), name, shelf)
        self._count = count
        self._pool: Any = None
        self._lost = 0

    def rank(self, portions: Sequence[Portion], settings: Settings) -> Iterator[Wished]:
        """Yield the wishes of each portion."""
        return self._each(_rank, self._here.rank_to, ((portion, settings) for portion in portions))

    def explain(self, planned: Iterable[Planned], settings: Settings, tell: Tell[Told]) -> Iterator[list[Told]]:
        """Yield the lists of each portion, told."""
        return self._each(_explain, self._here.explain_from, ((one, settings, tell) for one in planned))

    def close(self) -> None:
        """End the processes at once, whatever they are doing."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
            self._pool = None

    def _each(
        self, work: Callable[..., Handed | Result], here: Callable[..., Result], calls: Iterable[tuple[Any, ...]]
    ) -> Iterator[Result]:
        """Yield what comes of each call, in order; a few calls ahead, so that nothing piles up that nobody takes."""
        coming = iter(calls)
        waiting: deque[tuple[tuple[Any, ...], Future[Handed | Result] | None]] = deque()
        while True:
            while len(waiting) < 3 * self._count and (call := next(coming, None)) is not None:
                waiting.append((call, self._begin(work, call)))
            if not waiting:
                return
            call, future = waiting[0]
            try:
                handed = None if future is None else future.result()
                result = here(self._shelf, *call) if handed is None else self._shelf.take_over(handed)
            except Lost as lost:
                # Another run may have cleared the shelf away: what it held is made again.
                _log.warning("What a process made is gone (%s); it is made again", lost)
                result = here(self._shelf, *call)
            except BrokenProcessPool:
                self._lose()
                waiting = deque((call, one if _is_done(one) else self._begin(work, call)) for call, one in waiting)
                continue
            except (storage.IndexMissing, storage.IndexOutdated) as error:
                # Others have saved twice since, and a process that began late finds nothing to load.
                _log.warning("A process cannot load the index (%s); its work is done by the one that holds it", error)
                result = here(self._shelf, *call)
            waiting.popleft()
            yield result

    def _begin(self, work: Callable[..., Handed | Result], call: tuple[Any, ...]) -> "Future[Handed | Result] | None":
        """Give a call to the processes; none where this process is to do it itself."""
        if self._lost >= LOST:
            return None
        if self._pool is None:
            # Whose end they wait for is told them: a process may have lost its parent before it can ask.
            begin = {"initializer": _set_up, "initargs": (os.getpid(),)}
            self._pool = ProcessPoolExecutor(self._count, timeout=IDLE, env=_ONE_THREAD, **begin)
        try:
            begun: Future[Handed | Result] = self._pool.submit(work, *self._where, *call)
        except BrokenProcessPool as error:
            begun = Future()
            begun.set_exception(error)
        return begun

    def _lose(self) -> None:
        self._lost += 1
        after = "their work is done again" if self._lost < LOST else "the rest is done without others"
        _log.warning("Processes that worked on suggestions ended before they were done; %s", after)
        self.close()


def _is_done(future: "Future[Any] | None") -> bool:
    return future is not None and future.done() and future.exception() is None


def _set_up(parent: int) -> None:
    """In each process: leave Ctrl-C to the one that made it, and end when that one is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), name="end-with-parent", daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


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
