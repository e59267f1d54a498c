"""Kernels kept on disk, each under all that went into it: numba keeps one until its own module changes.

What a kernel takes from another module, and would never miss: numbers, functions that are compiled into it, and the
order of the fields of records. A kernel of before would go on with the number that was, and read another field. Take
such by name: what is reached through a module (`other.NUMBER`) is not seen.
"""

import hashlib
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numba
import numpy as np
from numba.core.caching import FunctionCache


def kept(function: Callable[..., Any], arguments: Iterable[Any], options: dict[str, Any]) -> Any:
    """Compile a function for exactly these argument types (numba's), or take what was kept of it.

    `options` are those of `numba.njit`, without `cache`.
    """
    kernel = numba.njit(**options)(function)
    kernel._cache = _Kept(function, tuple(arguments))
    kernel.compile(tuple(arguments))
    kernel.disable_compile()
    return kernel


class _Kept(FunctionCache):
    """What is kept of one function."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]  # numba has no types
        self._from_elsewhere = from_elsewhere(function, arguments)

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Return what was kept, if anything; nothing where it speaks of a record that is no longer there."""
        try:
            return super().load_overload(signature, context)  # type: ignore[no-untyped-call]  # as above
        except (AttributeError, ImportError):
            self.flush()  # type: ignore[no-untyped-call]  # as above
            return None

    def _index_key(self, signature: Any, codegen: Any) -> Any:
        return (*super()._index_key(signature, codegen), self._from_elsewhere)  # type: ignore[no-untyped-call]  # as above


def from_elsewhere(function: Callable[..., Any], arguments: Iterable[Any] = ()) -> str:
    """Return a fingerprint (SHA-256) of what a function for some argument types takes from outside itself.

    The same in every process: nothing in it depends on an address or on the order of a set.
    """
    found = hashlib.sha256()
    for said in _said_of(function, set()):
        found.update(said)
    for one in arguments:
        for said in _fields_of(one):
            found.update(said)
    return found.hexdigest()


def _said_of(function: Callable[..., Any], seen: set[Any]) -> Iterator[bytes]:
    for name in sorted(_names(function.__code__)):
        value: Any = function.__globals__.get(name)
        if hasattr(value, "py_func"):
            inner = value.py_func
            if inner not in seen:
                seen.add(inner)
                cells = [cell.cell_contents for cell in inner.__closure__ or ()]
                yield repr((value.targetoptions, inner.__defaults__, cells)).encode() + _shape(inner.__code__)
                yield from _said_of(inner, seen)
        elif isinstance(value, np.ndarray):
            yield f"{name} {value.dtype} {value.shape}".encode() + value.tobytes()
        elif isinstance(value, type) and hasattr(value, "_fields"):
            yield f"{name} {value._fields}".encode()
        elif isinstance(value, bool | int | float | str | tuple | np.generic):
            yield f"{name} {value!r}".encode()


def _names(code: types.CodeType) -> set[str]:
    inner = [one for one in code.co_consts if isinstance(one, types.CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _shape(code: types.CodeType) -> bytes:
    constants = [_shape(one) if isinstance(one, types.CodeType) else one for one in code.co_consts]
    return repr((code.co_code, constants, code.co_names, code.co_varnames)).encode()


def _fields_of(argument: Any) -> Iterator[bytes]:
    """The fields of the records among argument types, and of those within."""
    if hasattr(argument, "fields"):
        yield repr((str(argument), argument.fields)).encode()
    for one in getattr(argument, "types", ()):
        yield from _fields_of(one)
