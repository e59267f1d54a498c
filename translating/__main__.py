"""Extracts the program's strings, brings every catalogue up to them, and compiles it.

Nothing that changes by itself is written (no dates, line numbers or versions), so that the same strings make the same
files anywhere. A string that is new has an empty translation until somebody writes one.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
CATALOGUES = ROOT / "haln" / "translations"
ERRORS = ("NotFound", "NotPermitted", "SignInNeeded", "Conflict", "Overtaken", "Gone", "TooMany", "TooLarge", "Invalid")
HEADER = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["lazy_gettext", "said", "Misconfigured", *ERRORS])}


class Catalogue(Catalog):
    """A catalogue whose header says nothing that changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header's lines, without dates and versions."""
        return [(name, value) for name, value in super().mime_headers if name in HEADER]

    @mime_headers.setter
    def mime_headers(self, lines: list[tuple[str, str]]) -> None:
        Catalog.mime_headers.fset(self, lines)


def extracted() -> Catalog:
    """Every string of the interface, as the program has it now."""
    with (ROOT / "babel.cfg").open() as settings:
        methods, options = parse_mapping_cfg(settings)
    template = Catalog()
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_ours)
    for path, line, message, comments, context in found:
        template.add(message, None, [(path, line)], auto_comments=comments, context=context)
    return template


def _is_ours(folder: str) -> bool:
    return Path(folder).is_relative_to(ROOT / "haln")


def read(path: Path) -> Catalogue:
    """A catalogue as it is in the tree."""
    with path.open("rb") as file:
        found = read_po(file, locale=path.parts[-3])
    catalogue = Catalogue(locale=found.locale, header_comment=found.header_comment, fuzzy=False)
    catalogue.mime_headers = found.mime_headers  # with its plural forms, which may differ from Babel's for the language
    for message in found:
        if message.id:
            catalogue[message.id] = message
    return catalogue


def compiled(catalogue: Catalogue) -> bytes:
    """What stands in the .mo file: translations that are whole."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def written(catalogue: Catalogue) -> bytes:
    """What stands in the .po file."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """The strings that still need a translation, in the order of the program."""
    for message in catalogue:
        whole = all(message.string) if isinstance(message.string, tuple) else bool(message.string)
        if message.id and (message.fuzzy or not whole):
            yield message.id if isinstance(message.id, str) else message.id[0]


def main() -> int:
    """Bring all catalogues up to date; 1 where a string waits for its translation."""
    template = extracted()
    waiting = 0
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        catalogue = read(path)
        catalogue.update(template, no_fuzzy_matching=True)
        path.write_bytes(written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(read(path)))
        missing = list(untranslated(catalogue))
        waiting += len(missing)
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} strings, {len(missing)} without a translation")
        for sentence in missing:
            print(f"  {sentence}")
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main())
