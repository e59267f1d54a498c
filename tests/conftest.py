"""Fixtures for every test: see the plugins. And what spares all of them work."""

import gc
import os
import tempfile

from tests import machine

pytest_plugins = [
    "pytester",
    "tests.compiled_once",
    "tests.application",
    "tests.browser",
    "tests.postgres",
    "tests.databases",
    "tests.skips",
]

# Databases that nobody needs after a loss of power need not wait for a disk.
if "TMPDIR" not in os.environ and (folder := machine.memory()):
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)

# What is imported and collected stays: to look for rubbish in it again and again took a quarter of collecting.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for rubbish in what comes from now on."""
    gc.collect()
    gc.freeze()
    gc.enable()
