"""Several threads that change nothing: what comes out is the same to the bit however many processors there are."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

Given = ParamSpec("Given")
Found = TypeVar("Found")
One = TypeVar("One")


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def first_found(find: Callable[[One], Found | None], given: Sequence[One], threads: int = 1) -> Found | None:
    """Return what is found of the first of the given of which something is; none where nothing is of any.

    So many are looked at side by side, each by a thread, and what the earliest has is taken. `find` is to spend its
    time in kernels, which let other threads run.
    """
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(given), threads):
            for found in pool.map(find, given[start : start + threads]):
                if found is not None:
                    return found
    return None


def on_one_thread(work: Callable[Given, Found]) -> Callable[Given, Found]:
    """Have the linear algebra within a function done by one thread.

    By several, a long sum is added up in parts, and which parts depends on how many processors there are: weights that
    were learned from the same rows differed in the last digits, and lists with them. For what runs now and then: to ask
    for it takes some milliseconds.
    """

    @wraps(work)
    def alone(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        with threadpool_limits(limits=1, user_api="blas"):
            return work(*args, **kwargs)

    return alone
