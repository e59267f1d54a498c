"""Portions worked out by the workers of a Dask cluster, to each of which the index is sent once.

Dask itself gives the work of a worker that is lost to others. Where nothing is left to give it to, this process does
the rest.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from platform import python_version
from typing import Any, TypeVar

import numpy as np

import haln
from haln.matching.crew import Held, Planned, Portion, Ranked, Tell, Told
from haln.matching.index import Index
from haln.matching.lists import Wished
from haln.matching.suggest import Settings

Result = TypeVar("Result")

PATIENCE = 15.0
"""Seconds for which an answer of the scheduler, and then a first worker, is waited for."""

KEPT = 1_000
"""So many portions' measures the cluster keeps from ranking to explaining; those of others are measured again."""

LOST = 3
"""So often the workers may be lost; after that this process does the rest itself."""

# What goes wrong out there has many names, and none of them is a reason to go without suggestions. What is wrong with
# the work itself comes up again when it is done here.
_ANYTHING = (Exception, asyncio.CancelledError)
_log = logging.getLogger(__name__)


class NotInstalled(RuntimeError):
    """The packages that talk to a cluster are not installed here."""


class Unreachable(RuntimeError):
    """The cluster does not answer, has no workers, or runs other versions than this machine."""


class Cluster:
    """The workers behind a scheduler's address (tcp:// or tls://). Close it: the cluster forgets the index."""

    def __init__(self, address: str, index: Index) -> None:
        """Connect and send the index out. Raises NotInstalled, Unreachable."""
        try:
            import distributed
        except ImportError as error:
            raise NotInstalled("the package distributed is not installed") from error
        dask: Any = distributed
        self._address = address
        self._here = Held(index)
        self._held: Any = None
        self._ranked: dict[int, Any] = {}
        self._lost = 0
        try:
            self._client = dask.Client(address, timeout=PATIENCE, set_as_default=False)
        except _ANYTHING as error:
            raise Unreachable(f"nobody answers at {address}: {error}") from error
        try:
            self._greet()
            self._send()
        except _ANYTHING as error:
            self.close()
            if isinstance(error, Unreachable):
                raise
            raise Unreachable(f"{address} answers, but has no worker that is of use: {error!r}") from error

    def rank(self, portions: Sequence[Portion], settings: Settings) -> Iterator[Wished]:
        """Yield the wishes of each portion."""
        return self._each(self._begin_rank, self._rank_here, ((portion, settings) for portion in portions))

    def explain(self, planned: Iterable[Planned], settings: Settings, tell: Tell[Told]) -> Iterator[list[Told]]:
        """Yield the lists of each portion, told."""
        return self._each(self._begin_explain, self._explain_here, ((one, settings, tell) for one in planned))

    def close(self) -> None:
        """Let go of everything the cluster holds for us."""
        self._ranked.clear()
        self._held = None
        with suppress(*_ANYTHING):  # one that was lost has nothing to let go of
            self._client.close()

    def _greet(self) -> None:
        self._client.wait_for_workers(1, timeout=PATIENCE)
        mine = versions()
        for worker, theirs in self._client.run(versions).items():
            if theirs != mine:
                raise Unreachable(f"{worker} of {self._address} has {theirs}, this machine {mine}")

    def _send(self) -> None:
        """Send the index to every worker. One that joins later gets it from another."""
        self._ranked.clear()
        self._held = self._client.scatter(self._here, broadcast=True, hash=False)
        self._ahead = min(64, 3 * max(1, sum(self._client.nthreads().values())))

    def _begin_rank(self, portion: Portion, settings: Settings) -> Any:
        ranked = self._client.submit(_rank, self._held, portion, settings, pure=False)
        if portion.number < KEPT:
            self._ranked[portion.number] = ranked
        return self._client.submit(_wishes, ranked, pure=False)

    def _begin_explain(self, planned: Planned, settings: Settings, tell: Tell[Told]) -> Any:
        ranked = self._ranked.pop(planned.portion.number, None)
        return self._client.submit(_explain, self._held, planned, settings, ranked, tell, pure=False)

    def _rank_here(self, portion: Portion, settings: Settings) -> Wished:
        return self._here.rank(portion, settings).wishes

    def _explain_here(self, planned: Planned, settings: Settings, tell: Tell[Told]) -> list[Told]:
        return self._here.explain(planned, settings, None, tell)

    def _each(
        self, begin: Callable[..., Any], here: Callable[..., Result], calls: Iterable[tuple[Any, ...]]
    ) -> Iterator[Result]:
        """Yield what comes of each call, in order; some calls ahead, so that nothing piles up that nobody takes."""
        coming = iter(calls)
        waiting: deque[tuple[tuple[Any, ...], Any]] = deque()
        while True:
            while len(waiting) < self._ahead and (call := next(coming, None)) is not None:
                waiting.append((call, self._begun(begin, call)))
            if not waiting:
                return
            call, future = waiting[0]
            if future is None:
                result = here(*call)
            else:
                try:
                    result = future.result()
                except _ANYTHING as error:
                    self._lose(error)
                    waiting = deque((call, self._begun(begin, call)) for call, _ in waiting)
                    continue
            waiting.popleft()
            yield result

    def _begun(self, begin: Callable[..., Any], call: tuple[Any, ...]) -> Any:
        """Give a call to the workers; none where this process is to do it itself."""
        if self._lost >= LOST:
            return None
        try:
            return begin(*call)
        except _ANYTHING as error:  # dask has closed the client of a scheduler that was away for too long
            begun: Future[Any] = Future()
            begun.set_exception(error)
            return begun

    def _lose(self, error: BaseException) -> None:
        """All that was out there is lost: send the index again, and if that fails, too, do the rest here."""
        self._lost += 1
        if self._lost < LOST:
            try:
                self._greet()
                self._send()
            except _ANYTHING:
                self._lost = LOST
        after = "their work is done again" if self._lost < LOST else "the rest is done on this machine"
        _log.warning("The workers of the cluster are lost (%r); %s", error, after)


def versions() -> dict[str, str]:
    """Return the versions that must be the same everywhere for the same rows to come out."""
    import numba
    import scipy

    found = {"haln": haln.__version__, "python": python_version().rpartition(".")[0]}
    return found | {one.__name__: str(one.__version__) for one in (np, numba, scipy)}


def _rank(held: Held, portion: Portion, settings: Settings) -> Ranked:
    return held.rank(portion, settings)


def _wishes(ranked: Ranked) -> Wished:
    return ranked.wishes


def _explain(held: Held, planned: Planned, settings: Settings, ranked: Ranked | None, tell: Tell[Told]) -> list[Told]:
    return held.explain(planned, settings, ranked, tell)
