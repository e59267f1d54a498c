"""Rules that every template keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from haln.views import joining_words, layout, reason_words

FOLDER = Path(__file__).parents[2] / "haln" / "templates"
STATIC = FOLDER.parent / "static"
TEMPLATES = sorted(
    path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in {".html", ".txt", ".css"}
)
PAGES = [name for name in TEMPLATES if name.endswith(".html") and not name.startswith("email/")]
COMPONENTS = [name for name in PAGES if name.startswith("components/")]

# What our policy of no inline code would make the browser drop without a word.
INLINE = re.compile(
    r"<style\b"
    r"|<script\b(?![^>]*\ssrc=)"
    r"|\sstyle\s*="
    r"|\son[a-z]+\s*=\s*[\"']"
    r"|\shx-on"
    r"|javascript:"
    r"|\ssrc=[\"']data:",
    re.IGNORECASE,
)


def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def parsed(app: Flask, name: str) -> nodes.Template:
    return app.jinja_env.parse(source(name), name)


@pytest.mark.parametrize("name", PAGES)
def test_no_template_has_inline_style_or_script(name: str) -> None:
    assert INLINE.findall(source(name)) == []


@pytest.mark.parametrize(
    "text",
    ['<p style="x">', "<style>", "<script>x</script>", '<a onclick="x">', '<b hx-on:click="x">', 'href="javascript:x"'],
)
def test_the_rule_against_inline_code_finds_it(text: str) -> None:
    assert INLINE.search(text)


def test_every_template_compiles(app: Flask) -> None:
    for name in TEMPLATES:
        app.jinja_env.compile(source(name), name)


def test_no_template_switches_escaping_off(app: Flask) -> None:
    """Markup from Markdown comes as Markup from the domain; a template never vouches for text."""
    for name in TEMPLATES:
        tree = parsed(app, name)
        assert not [node for node in tree.find_all(nodes.Filter) if node.name == "safe"], name
        assert not list(tree.find_all(nodes.ScopedEvalContextModifier)), name


def test_every_page_has_a_title(app: Flask) -> None:
    for name in PAGES:
        tree = parsed(app, name)
        parents = [node.template for node in tree.find_all(nodes.Extends)]
        if any(isinstance(parent, nodes.Const) and parent.value == "base.html" for parent in parents):
            assert "title" in {block.name for block in tree.find_all(nodes.Block)}, name


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_says_what_it_takes(name: str) -> None:
    comment = re.match(r"\{#(.+?)#\}", source(name), re.DOTALL)
    assert comment
    for macro in re.findall(r"\bmacro (\w+)\((.*?)\)", source(name)):
        if name.removeprefix("components/").removesuffix(".html") == macro[0]:
            assert f"{macro[0]}(" in comment.group(1)


def test_no_macro_file_fixes_words_when_it_is_loaded(app: Flask) -> None:
    """A macro file is evaluated once for each process: words set there would stay in the first reader's language."""
    for name in COMPONENTS:
        for statement in parsed(app, name).body:
            if isinstance(statement, nodes.Assign):
                called = {
                    call.node.name for call in statement.find_all(nodes.Call) if isinstance(call.node, nodes.Name)
                }
                assert not called & {"_", "gettext", "ngettext"}, name


def test_every_macro_is_used_somewhere(app: Flask) -> None:
    """In a template, or as `part.name(` where a view draws it."""
    views = "".join(path.read_text(encoding="utf-8") for path in (FOLDER.parent / "views").rglob("*.py"))
    used = set(re.findall(r"\bpart\.(\w+)\(", views))
    for name in TEMPLATES:
        tree = parsed(app, name)
        used |= {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}
        for imported in tree.find_all(nodes.FromImport):
            used |= {pair[0] for pair in imported.names if isinstance(pair, tuple)}
    for name in TEMPLATES:
        assert {macro.name for macro in parsed(app, name).find_all(nodes.Macro)} <= used, name


def sprite() -> set[str]:
    (file,) = STATIC.glob("vendor/bootstrap-icons@*/icons.svg")
    return set(re.findall(r'<symbol id="([\w-]+)"', file.read_text(encoding="utf-8")))


def test_icons_that_pages_name_are_in_the_sprite(app: Flask) -> None:
    known = sprite()
    for name in PAGES:
        for call in parsed(app, name).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "icon" and call.args:
                first = call.args[0]
                assert not isinstance(first, nodes.Const) or first.value in known, (name, first.value)
    assert {entry.icon for entry in layout.NAVIGATION + layout.ACCOUNT} <= known
    assert set(reason_words._ICONS.values()) <= known
    assert {*joining_words._ICONS.values(), *joining_words._OF.values()} <= known


def test_the_sprite_holds_only_icons_that_something_names() -> None:
    sources = [path.read_text(encoding="utf-8") for path in FOLDER.parent.rglob("*.py")]
    quoted = set(re.findall(r"[\"']([a-z0-9-]+)[\"']", "".join(sources + [source(name) for name in PAGES])))
    assert sprite() <= quoted


def test_every_vendored_folder_has_its_licence_and_its_line() -> None:
    readme = (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")
    folders = [path for path in (STATIC / "vendor").iterdir() if path.is_dir()]
    assert folders
    for folder in folders:
        version = folder.name.rpartition("@")[2]
        assert (folder / "LICENSE").is_file()
        assert f"| {version}" in readme


def test_addresses_of_our_files_exist() -> None:
    named = re.findall(r"filename='([^']+)'", source("components/asset.html"))
    assert named
    for name in named:
        assert (STATIC / name).is_file(), name
