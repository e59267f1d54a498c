"""Where what ranking measured waits until it is explained: a folder of this machine, gone afterwards."""

import pickle
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles, Floats

ROOM = 2_500_000_000
"""So many bytes are laid down at most, about 200,000 members'. What finds no room is measured again: it is no loss but
of time."""

RESERVE = 1_000_000_000
"""So many bytes are left free on the disk, which may be the database's, too."""

_PREFIX = ".wishes-"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder that several processes put portions into and take them from; each is put once and taken once."""

    folder: Path

    def put(self, number: int, wishes: NDArray[np.int32], scores: Floats, signals: Doubles) -> None:
        """Lay down what was measured of a portion, if there is room."""
        there, values = _packed(signals)
        size = wishes.nbytes + scores.nbytes + there.nbytes + values.nbytes
        if number * size > ROOM:
            return
        path = self.folder / f"{number}.npz"
        try:
            if shutil.disk_usage(self.folder).free < RESERVE + size:
                return
            np.savez(path, wishes=wishes, scores=scores, there=there, values=values, width=signals.shape[2])
        except OSError:  # the disk is full
            path.unlink(missing_ok=True)

    def take(self, number: int) -> tuple[NDArray[np.int32], Floats, Doubles] | None:
        """Take up what was measured of a portion; none where it is not there, or was cut short."""
        path = self.folder / f"{number}.npz"
        try:
            # Opened here, for numpy leaves a file open that was cut short.
            with path.open("rb") as file, np.load(file) as found:
                wishes, scores = found["wishes"], found["scores"]
                signals = _unpacked(found["there"], found["values"], (*wishes.shape, int(found["width"])))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        path.unlink(missing_ok=True)
        return wishes, scores, signals

    def hand_over(self, result: Result) -> "Handed | Result":
        """Leave a result for the process that asked for it, and return where; itself where there is no room.

        What is left takes a few bytes through a pipe, which arrive whole or not at all: whoever waits for the rest of
        what a process was saying when it was killed waits for ever.
        """
        path = self.folder / f"{uuid.uuid4().hex}.handed"
        try:
            path.write_bytes(pickle.dumps(result, pickle.HIGHEST_PROTOCOL))
        except OSError:  # the disk is full
            path.unlink(missing_ok=True)
            return result
        return Handed(path.name)

    def take_over(self, handed: "Handed | Result") -> Result:
        """Return what another process handed over. Raises Lost where it is there no more."""
        if not isinstance(handed, Handed):
            return handed
        path = self.folder / handed.name
        try:
            result: Result = pickle.loads(path.read_bytes())  # noqa: S301  # written by our own process, in a folder of ours
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise Lost(handed.name) from error
        path.unlink(missing_ok=True)
        return result


@dataclass(frozen=True, slots=True)
class Handed:
    """The name under which a result lies on a shelf."""

    name: str


class Lost(LookupError):
    """What was handed over is not on the shelf any more, or not whole."""


def _packed(signals: Doubles) -> tuple[NDArray[np.uint8], Doubles]:
    """Where signals are, a bit each, and what they are there: three of five are 0."""
    there = signals.view(np.int64) != 0  # -0.0 is not lost
    return np.packbits(there), signals[there]


def _unpacked(there: NDArray[np.uint8], values: Doubles, shape: tuple[int, ...]) -> Doubles:
    signals = np.zeros(shape)
    signals[np.unpackbits(there, count=signals.size).view(np.bool_).reshape(shape)] = values
    return signals


class Memory:
    """What a shelf is, within this process and without a folder."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[NDArray[np.int32], Floats, Doubles]] = {}
        self._room = ROOM // 2

    def put(self, number: int, wishes: NDArray[np.int32], scores: Floats, signals: Doubles) -> None:
        """Keep what was measured of a portion, if there is room."""
        self._room -= wishes.nbytes + scores.nbytes + signals.nbytes
        if self._room >= 0:
            self._kept[number] = wishes, scores, signals

    def take(self, number: int) -> tuple[NDArray[np.int32], Floats, Doubles] | None:
        """Take up what was measured of a portion; none where it is not there."""
        return self._kept.pop(number, None)


@contextmanager
def shelf(beside: Path) -> Iterator[Shelf]:
    """A shelf in a folder that only its owner may read; what runs left that were killed is removed."""
    beside.mkdir(parents=True, exist_ok=True)
    for left in beside.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=beside))
    try:
        yield Shelf(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
