"""Fixtures for every test: see the plugins."""

pytest_plugins = [
    "pytester",
    "tests.application",
    "tests.databases",
    "tests.postgres",
    "tests.skips",
]
