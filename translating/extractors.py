"""Finds strings that stand in no call of gettext: sentences of the domain, and words of the vocabularies."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO

from babel.messages.extract import extract_python

Found = tuple[int, str | None, Any, list[str]]

SHOWN = ("label", "hint", "strapline", "welcome")
"""What pages show of an entry of a vocabulary."""

SAID_ELSEWHERE = ("gettext", "ngettext", "debug", "info", "warning", "error", "exception")
"""Calls whose own words are found by the plain extractor, or are for whoever runs the service."""

_SENTENCE = re.compile(r"[A-Z“%].* .*[.!?]")


def sentences(
    file: BinaryIO, keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Found]:
    """Find what the plain extractor finds, and every literal that is a whole sentence and documents nothing.

    The domain knows no gettext: it raises a sentence, or hands it on in a mapping of fields, and the page translates.
    """
    yield from extract_python(file, keywords, comment_tags, dict(options))
    file.seek(0)
    tree = ast.parse(file.read())
    silent = {id(inner) for node in ast.walk(tree) for inner in _unsaid(node)}
    said = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in silent)
    for node in said:
        if isinstance(node.value, str) and _SENTENCE.fullmatch(node.value):
            yield node.lineno, None, node.value, []


def _unsaid(node: ast.AST) -> list[ast.expr]:
    """Docstrings, pieces of f-strings, which no catalogue could know, and what is said otherwise (plurals, logs)."""
    if isinstance(node, ast.Expr):
        return [node.value]
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return node.args if name in SAID_ELSEWHERE else []
    return list(node.values) if isinstance(node, ast.JoinedStr) else []


def vocabulary(
    file: BinaryIO, keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Found]:
    """Find the labels and hints of a vocabulary."""
    text = file.read().decode()
    for entry in tomllib.loads(text).values():
        for key in SHOWN:
            if key in entry:
                yield _line_of(text, entry[key]), None, entry[key], []


def _line_of(text: str, words: str) -> int:
    return text[: max(0, text.find(f'"{words}"'))].count("\n") + 1
