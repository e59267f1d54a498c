"""Sums that come out the same to the bit however many threads a machine's linear algebra would use."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

Given = ParamSpec("Given")
Found = TypeVar("Found")


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
