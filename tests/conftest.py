"""Fixtures for every test: see the plugins."""

pytest_plugins = [
    "pytester",
    "tests.application",
    "tests.browser",
    "tests.postgres",
    "tests.databases",
    "tests.skips",
]
