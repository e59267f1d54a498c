"""The file of a backup: a ZIP with its parts and, last, its manifest.

It is written under another name, readable by its owner alone, and gets its own name when it lies whole on the disk:
what is killed on the way leaves nothing under the name, and the next run deletes it (`haln.recovery.leftovers`).
"""

from __future__ import annotations

import hashlib
import lzma
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from haln.errors import Conflict, Invalid
from haln.recovery import leftovers, manifest
from haln.recovery.manifest import Manifest, Part

MANIFEST = "manifest.json"
PIECE = 1 << 20
_MOST_OF_A_MANIFEST = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)


class Writing:
    """A backup that is being written."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.parts: dict[str, Part] = {}

    def put(self, name: str, pieces: Iterable[bytes | bytearray | memoryview]) -> None:
        """Write one part, piece by piece."""
        digest, size = hashlib.sha256(), 0
        with self._file.open(name, "w", force_zip64=True) as part:
            for piece in pieces:
                part.write(piece)
                digest.update(piece)
                size += len(piece)
        self.parts[name] = Part(size, digest.hexdigest())

    def end(self, told: Manifest) -> None:
        """Write what the backup says of itself, which nothing may follow."""
        self._file.writestr(MANIFEST, told.written())


@contextmanager
def writing(path: Path, overwrite: bool) -> Iterator[Writing]:
    """A backup to write, which is there under its name when the block ends well, and not at all otherwise.

    Raises Conflict where there is a file of that name already.
    """
    if path.exists() and not overwrite:
        raise _there(path)
    try:
        with _unnamed(path) as (file, part):
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as opened:
                yield Writing(opened)
            file.flush()
            os.fsync(file.fileno())
            if overwrite:
                part.replace(path)
            else:
                os.link(part, path)  # fails where somebody was quicker; a rename would not
        sync_folder(path.parent)
    except FileExistsError as error:
        raise _there(path) from error
    except OSError as error:
        raise Conflict("%(path)s cannot be written: %(why)s.", path=path, why=error.strerror) from error


def _there(path: Path) -> Conflict:
    return Conflict("%(path)s is there already. Name another file, or say --overwrite.", path=path)


@contextmanager
def _unnamed(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            leftovers.lock(descriptor)
            yield file, part
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def sync_folder(folder: Path) -> None:
    """Make sure that names given in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Reading:
    """A backup that is read."""

    def __init__(self, file: zipfile.ZipFile, told: Manifest) -> None:
        self._file = file
        self.manifest = told

    def pieces(self, name: str) -> Iterator[bytes]:
        """One part, piece by piece. Raises Invalid, at the latest at its end, when it is not what was written."""
        told = self.manifest.parts[name]
        digest, size = hashlib.sha256(), 0
        try:
            with self._file.open(name) as part:
                while piece := part.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    if size > told.size:  # it is never written out longer than it says it is
                        break
                    yield piece
        except (*_DAMAGED, KeyError, OSError) as error:
            raise _changed(name) from error
        if size != told.size or digest.hexdigest() != told.sha256:
            raise _changed(name)


def _changed(name: str) -> Invalid:
    return Invalid("This backup is damaged: its part %(name)s is not what was written. Use another one.", name=name)


@contextmanager
def reading(path: Path) -> Iterator[Reading]:
    """A backup to read. Raises Invalid for a file that is none, or not a whole one."""
    try:
        file = zipfile.ZipFile(path)
    except OSError as error:
        raise Invalid("%(path)s cannot be read: %(why)s.", path=path, why=error.strerror) from error
    except (*_DAMAGED, ValueError) as error:
        raise Invalid("%(path)s is no backup of HALN, or only a piece of one.", path=path) from error
    with file:
        names = [entry.filename for entry in file.infolist()]
        if MANIFEST not in names or file.getinfo(MANIFEST).file_size > _MOST_OF_A_MANIFEST:
            raise Invalid("%(path)s is no backup of HALN, or only a piece of one.", path=path)
        try:
            raw = file.read(MANIFEST)
        except _DAMAGED as error:
            raise _changed(MANIFEST) from error
        told = manifest.read(raw)
        if sorted(names) != sorted([*told.parts, MANIFEST]):
            raise Invalid("This backup is damaged: it does not hold the parts it says it does. Use another one.")
        yield Reading(file, told)
