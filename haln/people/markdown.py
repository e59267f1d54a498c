"""Markdown that people wrote, as HTML that is safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h3", "h4", "hr", "img"}
_READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


_WITH_PICTURES = MarkdownIt("commonmark", {"html": False, "breaks": True})
_SIGN = "picture:"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of ours that a text may hold: its key there, where it lies, its size.

    `alternative` is what it shows, where the text says nothing of that itself.
    """

    key: str
    url: str
    width: int
    height: int
    alternative: str = ""


@lru_cache(maxsize=2048)
def to_html(text: str, pictures: tuple[Picture, ...] = ()) -> Markup:
    """Render Markdown without raw HTML; headings begin below the page's own (h3).

    Of pictures only those that are given are shown, written as `![what it shows](picture:key)`; of others, their words.
    """
    reader = _WITH_PICTURES if _SIGN in text else _READER
    tokens = reader.parse(text)
    for token in tokens:
        _lower(token)
        if reader is _WITH_PICTURES and token.children:
            token.children = [_pictured(child, pictures) for child in token.children]
    rendered = reader.renderer.render(tokens, reader.options, {})
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes={"a": {"href"}, "img": {"src", "alt", "width", "height", "loading"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer ugc",
    )
    return Markup(clean)  # noqa: S704  # nh3 has just cleaned it


def _pictured(token: Token, pictures: tuple[Picture, ...]) -> Token:
    """A picture as it is shown: ours with its address and size; any other only as the words that it was given."""
    if token.type != "image":
        return token
    source = str(token.attrs.get("src", ""))
    found = next((one for one in pictures if source == f"{_SIGN}{one.key}"), None)
    if found is None:
        return Token("text", "", 0, content=token.content)
    token.attrs = {"src": found.url, "alt": "", "width": found.width, "height": found.height, "loading": "lazy"}
    if not token.content.strip():
        token.children = [Token("text", "", 0, content=found.alternative)]
    return token


@lru_cache(maxsize=256)
def pictures_in(text: str) -> frozenset[str]:
    """The keys of the pictures that a text shows, where they are given: not of those in code, say."""
    if _SIGN not in text:
        return frozenset()
    tokens = [child for token in _WITH_PICTURES.parse(text) for child in token.children or ()]
    sources = {str(one.attrs.get("src", "")) for one in tokens if one.type == "image"}
    return frozenset(source.removeprefix(_SIGN) for source in sources if source.startswith(_SIGN))


def plain(text: str, most: int) -> str:
    """The words of Markdown without its marks, on one line and cut at a word where there are more than `most` signs."""
    parts = [child.content for token in _READER.parse(text) for child in token.children or () if child.content]
    words = " ".join(" ".join(parts).split())
    return words if len(words) <= most else f"{words[:most].rsplit(' ', 1)[0]} …"


def _lower(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = "h3" if token.tag in ("h1", "h2") else "h4"
