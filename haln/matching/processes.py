"""Portions worked out by some processes of this machine, which map the saved index into memory and copy nothing.

Other work can be given to such a pool: then what each process begins with is sent to it.
"""

import gc
import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

from haln.matching import storage
from haln.matching.crew import Held, Planned, Portion, Tell, Told
from haln.matching.index import Index
from haln.matching.lists import Wished
from haln.matching.shelf import Handed, Lost, Shelf
from haln.matching.suggest import Settings
from haln.matching.threads import processors

Result = TypeVar("Result")
Answer = TypeVar("Answer")

WORTH_IT = 5_000
"""From so many members on, processes spare more time than it takes to start them."""

MOST = 8
"""More processes than this are only started when they are asked for: then writing the rows takes longest."""

LOST = 3
"""So often processes may end before their work is done; after that the caller does the rest itself."""

IDLE = 60
"""Seconds after which a process without work ends by itself."""

_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
_log = logging.getLogger(__name__)


Excuses = Mapping[type[Exception], str]
"""What a process may answer instead of its work, which this process then does; and what the log says of it."""


class Pool:
    """So many processes of this machine that take calls. Close it: they end with it, and with the process that made it.

    `begin`: a function of a module that each process calls first, with `given`.
    """

    def __init__(self, count: int, begin: Callable[..., None] | None = None, given: tuple[Any, ...] = ()) -> None:
        self._count = count
        self._begins = (os.getpid(), begin, given)
        self._pool: Any = None
        self._lost = 0

    def close(self) -> None:
        """End the processes at once, whatever they are doing."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
            self._pool = None

    def each(
        self,
        work: Callable[..., Answer],
        here: Callable[..., Result],
        calls: Iterable[tuple[Any, ...]],
        received: Callable[[Answer], Result],
        excuses: Excuses = MappingProxyType({}),
    ) -> Iterator[Result]:
        """Yield what comes of each call, in order; a few calls ahead, so that nothing piles up that nobody takes.

        `work` is done by a process and its answer `received`; where none is left, or it has an excuse, by `here`.
        """
        coming = iter(calls)
        waiting: deque[tuple[tuple[Any, ...], Future[Answer] | None]] = deque()
        while True:
            while len(waiting) < 3 * self._count and (call := next(coming, None)) is not None:
                waiting.append((call, self._submit(work, call)))
            if not waiting:
                return
            call, future = waiting[0]
            try:
                result = here(*call) if future is None else received(future.result())
            except BrokenProcessPool:
                self._lose()
                waiting = deque((call, one if _is_done(one) else self._submit(work, call)) for call, one in waiting)
                continue
            except tuple(excuses) as excuse:
                _log.warning(next(words for kind, words in excuses.items() if isinstance(excuse, kind)), excuse)
                result = here(*call)
            waiting.popleft()
            yield result

    def _submit(self, work: Callable[..., Answer], call: tuple[Any, ...]) -> "Future[Answer] | None":
        """Give a call to the processes; none where this process is to do it itself."""
        if self._lost >= LOST:
            return None
        if self._pool is None:
            # Whose end they wait for is told them: a process may have lost its parent before it can ask.
            begin = {"initializer": _set_up, "initargs": self._begins}
            self._pool = ProcessPoolExecutor(self._count, timeout=IDLE, env=_ONE_THREAD, **begin)
        try:
            begun: Future[Answer] = self._pool.submit(work, *call)
        except BrokenProcessPool as error:
            begun = Future()
            begun.set_exception(error)
        return begun

    def _lose(self) -> None:
        self._lost += 1
        after = "their work is done again" if self._lost < LOST else "the rest is done without others"
        _log.warning("Processes that worked on suggestions ended before they were done; %s", after)
        self.close()


class Processes:
    """So many processes of this machine as a crew. Close it: they end with it, and with the process that made it."""

    def __init__(self, index: Index, directory: Path, name: str, shelf: Shelf, count: int) -> None:
        """`name`: that under which the index is saved in the directory."""
        self._here = Held(index)
        self._shelf = shelf
        self._where = (str(directory), name, shelf)
        self._pool = Pool(count)

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


def suitable(workers: int, members: int) -> int:
    """Return how many processes work for so many members: so many as are asked for, or (0) as suit."""
    return workers or (1 if members < WORTH_IT else min(MOST, processors()))


def _is_done(future: "Future[Any] | None") -> bool:
    return future is not None and future.done() and future.exception() is None


def _set_up(parent: int, begin: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    """In each process: leave Ctrl-C to the one that made it, end when that one is gone, and begin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), name="end-with-parent", daemon=True).start()
    if begin is not None:
        begin(*given)


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
