"""How kernels are compiled: types spelt out, once per machine, kept on disk, without the interpreter's lock."""

import ctypes
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from haln.kept_kernels import kept

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Words = NDArray[np.uint64]


def _read(dtype: Any, dimensions: int = 1) -> Any:
    # Read-only, because memory-mapped arrays are; numba takes a writable array for it too.
    return types.Array(dtype, dimensions, "C", readonly=True)


BYTES = _read(types.uint8)
INTS = _read(types.int32)
LONGS = _read(types.int64)
FLOATS = _read(types.float32)
DOUBLES = _read(types.float64)
TABLE = _read(types.float64, 2)
FACTS = _read(types.int32, 2)
CHOICES = FACTS

OUT_BYTES = types.Array(types.uint8, 1, "C")
OUT_INTS = types.Array(types.int32, 1, "C")
OUT_LONGS = types.Array(types.int64, 1, "C")
OUT_FLOATS = types.Array(types.float32, 1, "C")
OUT_DOUBLES = types.Array(types.float64, 1, "C")
OUT_WORDS = types.Array(types.uint64, 1, "C")
OUT_CHOICES = types.Array(types.int32, 2, "C")
OUT_TABLE = types.Array(types.float64, 2, "C")

LONG = types.int64
DOUBLE = types.float64


_TRIM, _MAP = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of glibc's mallopt
KEPT, LARGE = 128 * 2**20, 32 * 2**20


def _keep_memory() -> None:
    """Let the C library keep up to `KEPT` bytes that arrays gave back, for the next ones.

    Each list needs some megabytes of arrays for a moment, and to be given them page by page by the system, and to give
    them back, took two fifths of its time at 100,000 members. Where the library is another one, nothing happens.
    """
    try:
        tell = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    tell(_TRIM, KEPT)
    tell(_MAP, LARGE)


_keep_memory()


def compiled(*arguments: Any) -> Callable[[Kernel], Kernel]:
    """Compile a function for exactly these argument types, cached on disk."""

    def wrap(function: Kernel) -> Kernel:
        return cast(Kernel, kept(function, arguments, {"nogil": True, "error_model": "numpy"}))

    return wrap


def inlined(function: Kernel) -> Kernel:
    """Compile a small function that other kernels call."""
    return cast(Kernel, numba.njit(error_model="numpy")(function))


def lean(*arguments: Any) -> Callable[[Kernel], Kernel]:
    """Compile like `compiled`, without the counting of references, for a function that makes no array.

    Where many arrays go from part to part, counting costs more than all the rest. `_nrt` is numba's own switch for it.
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}

    def wrap(function: Kernel) -> Kernel:
        return cast(Kernel, kept(function, arguments, options))

    return wrap


def inner(function: Kernel) -> Kernel:
    """Compile a part of `lean` kernels that Python never calls, always into its caller.

    It is compiled for each mix of argument types: give it whole numbers as int64 only.
    """
    options: dict[str, Any] = {"error_model": "numpy", "_nrt": False, "forceinline": True}
    options |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Kernel, numba.njit(**options)(function))
