"""Markdown that people wrote: whatever it is, what is shown is words, links and lists, and nothing that acts."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.people.markdown import to_html

ALLOWED = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h3", "h4", "hr"}

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](java\nscript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:msgbox)",
    "[a](//evil.example)",
    "![a](https://evil.example/pixel.gif)",
    "![a][b]\n\n[b]: https://evil.example/pixel.gif",
    "<a href='https://x' onclick='alert(1)'>x</a>",
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example>",
    "<style>*{display:none}</style>",
    "[a](https://x 'onmouseover=alert(1)')",
    '[a](https://x"onmouseover="alert(1))',
    "```\n<script>alert(1)</script>\n```",
    "`<script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<p style='position:fixed'>x</p>",
    "<form action=//evil.example><input name=password></form>",
    "[" * 3_000 + "a" + "]" * 3_000,
    "> " * 3_000 + "deep",
    "*" * 20_000,
    "- " * 2_000 + "x",
]


class Seen(HTMLParser):
    """Every tag of a text, and every attribute with its value."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def is_harmless(text: str) -> None:
    seen = Seen(str(to_html(text)))
    assert seen.tags <= ALLOWED
    for name, value in seen.attributes:
        assert name in ("href", "rel", "title")
        if name == "href":
            assert value.split(":", 1)[0].lower() in ("http", "https", "mailto") or ":" not in value.split("/", 1)[0]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_markdown_is_shown_as_words(text: str) -> None:
    is_harmless(text)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from([*"<>[]()!*_`#&;:/\"'\\ \n", "script", "javascript:", "onload=", "http://x", "data:"])))
def test_nothing_made_of_its_signs_acts(parts: list[str]) -> None:
    is_harmless("".join(parts))


def test_headings_begin_below_those_of_the_page_and_links_say_that_they_lead_away() -> None:
    html = str(to_html("# One\n\n## Two\n\n### Three\n\n[x](https://x.example)"))
    assert "<h1" not in html and "<h2" not in html
    assert html.count("<h3>") == 2 and html.count("<h4>") == 1
    assert 'rel="nofollow noopener noreferrer ugc"' in html
