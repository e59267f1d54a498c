"""Fixtures for every test: see the plugins."""

pytest_plugins = [
    "pytester",
    "tests.application",
    "tests.postgres",
    "tests.databases",
    "tests.skips",
]
