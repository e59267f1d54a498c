"""Markdown that people wrote, as HTML that is safe to show."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h3", "h4", "hr"}
_READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


@lru_cache(maxsize=2048)
def to_html(text: str) -> Markup:
    """Render Markdown without raw HTML or pictures; headings begin below the page's own (h3)."""
    tokens = _READER.parse(text)
    for token in tokens:
        _lower(token)
    rendered = _READER.renderer.render(tokens, _READER.options, {})
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer ugc",
    )
    return Markup(clean)  # noqa: S704  # nh3 has just cleaned it


def plain(text: str, most: int) -> str:
    """The words of Markdown without its marks, on one line and cut at a word where there are more than `most` signs."""
    parts = [child.content for token in _READER.parse(text) for child in token.children or () if child.content]
    words = " ".join(" ".join(parts).split())
    return words if len(words) <= most else f"{words[:most].rsplit(' ', 1)[0]} …"


def _lower(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = "h3" if token.tag in ("h1", "h2") else "h4"
