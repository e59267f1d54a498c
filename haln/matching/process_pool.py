"""Calls worked out by some processes of this machine; those that are lost are started again, and their calls redone."""

import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from types import MappingProxyType
from typing import Any, TypeVar

from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

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


class ProcessPool:
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
