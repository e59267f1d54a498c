"""Keep an index on disk: saved whole or not at all, mapped into memory by every process that reads it."""

import json
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from haln.matching import columns as col
from haln.matching.index import Index, RowBook
from haln.matching.links import Links
from haln.matching.ragged import Ragged
from haln.matching.sheet import Sheet
from haln.matching.text import Vocabulary

FORMAT = 4
ABANDONED = 86_400.0  # seconds
_NUMBER = slice(5, 13)  # of a save's name
_POINTER = "CURRENT"
_ARRAYS = ("ids", "facts", "vigour", "suggestable", "stale", "strength", "circles", "vectors", "gram")
_WEIGHTS = ("theme_weights", "group_weights", "text_shown")
_RAGGED = {"themes": 3, "texts": 2, "postings": 2, "ties": 3, "groups": 1, "group_members": 1}


class IndexMissing(LookupError):
    """There is no saved index here: build one."""


class IndexOutdated(LookupError):
    """The saved index is of another format or damaged: build it again."""


def save(index: Index, directory: Path, label: str = "") -> str:
    """Save an index and make it the current one; return the name of the save.

    `label` is the caller's, to know later what the index holds (a moment, a change number). Until the last step the
    previous save stays current, whatever happens; it is kept for those who are just reading it, older ones go.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _clear(directory)
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=directory))
    try:
        _write(index, building, label)
        before = current(directory)
        number = max((int(name[_NUMBER]) for name in _saves(directory)), default=0) + 1
        # Whoever goes on with a run of another machine is not to take a save of ours for one of theirs.
        name = f"save-{number:08d}-{secrets.token_hex(4)}"
        building.rename(directory / name)
        _point(directory, name)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    for old in _saves(directory):
        if old not in (name, before):
            shutil.rmtree(directory / old, ignore_errors=True)
    return name


def current(directory: Path) -> str | None:
    """Return the name of the current save, to see cheaply whether it changed; None where there is none to read."""
    try:
        return (directory / _POINTER).read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def load(directory: Path, name: str | None = None) -> tuple[Index, str]:
    """Map the current save, or the one of a name, into memory; return the index and its label.

    Raises `IndexMissing` or `IndexOutdated`; in both cases the caller builds and saves anew.
    """
    name = name or current(directory)
    if name is None:
        raise IndexMissing(f"no index is saved in {directory}")
    folder = directory / name
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IndexOutdated(f"the index in {directory} cannot be read: build it again") from error
    if manifest.get("format") != FORMAT:
        raise IndexOutdated(f"the index in {directory} has another format: build it again")
    try:
        return _read(folder, manifest), manifest["label"]
    except (OSError, ValueError, KeyError) as error:
        raise IndexOutdated(f"the index in {directory} is damaged: build it again") from error


def _clear(directory: Path) -> None:
    """Remove what saves left that were killed: nobody takes a day over one."""
    for left in [*directory.glob(".building-*"), *directory.glob(f".{_POINTER}-*")]:
        try:
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        except OSError:  # somebody else removed it, or may
            continue


def _saves(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("save-*"))


def _write(index: Index, folder: Path, label: str) -> None:
    arrays: dict[str, Any] = {name: getattr(index, name) for name in (*_ARRAYS, *_WEIGHTS)}
    arrays |= {"link_keys": index.links.keys, "link_counts": index.links.counts, "idf": index.vocabulary.idf}
    for name in _RAGGED:
        ragged: Ragged = getattr(index, name)
        arrays[f"{name}.starts"] = ragged.starts
        arrays |= {f"{name}.{number}": column for number, column in enumerate(ragged.columns)}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array))
    (folder / "terms.txt").write_text("\n".join(index.vocabulary.terms), encoding="utf-8")
    manifest = {
        "format": FORMAT,
        "label": label,
        "today": index.today,
        "codes": index.codes.lists,
        "lengths": {name: len(array) for name, array in arrays.items()},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for path in folder.iterdir():
        _settle(path)
    _settle(folder)


def _settle(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _point(directory: Path, name: str) -> None:
    pointer = directory / f".{_POINTER}-{name}"
    pointer.write_text(name, encoding="utf-8")
    _settle(pointer)
    pointer.replace(directory / _POINTER)
    _settle(directory)


def _read(folder: Path, manifest: dict[str, Any]) -> Index:
    def array(name: str) -> Any:
        # asarray: the compiled kernels want a plain array, still mapped.
        mapped = np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
        if len(mapped) != manifest["lengths"][name]:
            raise ValueError(f"{name} was cut short")
        return mapped

    terms = (folder / "terms.txt").read_text(encoding="utf-8")
    vocabulary = Vocabulary(tuple(terms.split("\n")) if terms else (), array("idf"))
    if len(vocabulary.terms) != len(vocabulary.idf):
        raise ValueError("terms were cut short")
    ragged: dict[str, Any] = {
        name: Ragged(array(f"{name}.starts"), tuple(array(f"{name}.{number}") for number in range(columns)))
        for name, columns in _RAGGED.items()
    }
    plain = {name: array(name) for name in (*_ARRAYS, *_WEIGHTS)}
    codes = col.Codes({name: tuple(values) for name, values in manifest["codes"].items()})
    return Index(
        **plain,
        **ragged,
        links=Links(array("link_keys"), array("link_counts")),
        codes=codes,
        vocabulary=vocabulary,
        today=manifest["today"],
        row_of=RowBook(plain["ids"], plain["facts"]),
        sheet=Sheet(plain["facts"], ragged["themes"], codes.lists["theme"], plain["vigour"]),
    )
