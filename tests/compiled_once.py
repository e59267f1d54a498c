"""What each application and each database engine would compile anew is compiled once: templates, addresses, queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

QUERIES = 20_000
"""So many are kept: more than all tests together ask."""


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates as one application compiled them, for the next: compiling anew costs more than most tests do."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once() -> Iterator[None]:
    """Compile each address once, not for each application: that took a sixth of a second of every test."""
    compile_anew, known = Rule.compile, dict[object, Rule]()

    def compiled(rule: Rule) -> None:
        key = (rule.rule, rule.endpoint, rule.subdomain, rule.host, rule.merge_slashes, repr(rule.defaults))
        first = known.get(key)
        if first is None:
            compile_anew(rule)
            known[key] = rule
            return
        rule._parts, rule._trace, rule._converters = first._parts, first._trace, first._converters
        rule.arguments = first.arguments
        for name in ("_build", "_build_unknown"):  # bound to the rule that was compiled
            setattr(rule, name, getattr(first, name).__func__.__get__(rule))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def queries_compiled_once() -> Iterator[None]:
    """Let an engine know how the engines before it compiled each query: anew that took a third of most tests.

    What is compiled belongs to a dialect. Those of engines of one kind, on one server, with one way to read and write
    documents are alike once the first has asked its server what it is.
    """
    known = dict[object, Engine]()

    def share(_dialect: type[Dialect], engine: Engine) -> None:
        own: Any = engine.dialect
        url, documents = engine.url, (own._json_serializer, own._json_deserializer)
        server = (url.drivername, url.host, url.port, tuple(sorted(url.query.items())))
        first = known.get(key := (type(own), server, own._on_connect_isolation_level, documents))
        if first is None or first.dialect.server_version_info is None:
            engine._compiled_cache = LRUCache(QUERIES)
            known[key] = engine
        else:
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = first._compiled_cache

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dialect, "engine_created", classmethod(share))
        yield
