"""Nobody waits for a compiler: kernels are kept on disk, and warming up leaves none to compile."""

import json
import subprocess
import sys

import pytest

COUNTING = """
import importlib, json, pkgutil
from numba.core.dispatcher import Dispatcher
import haln.matching
from haln.matching import ready
from haln.matching.index import build
from haln.matching.crew import suggest_for_all
from tests.matching.networks import a_network

names = [found.name for found in pkgutil.iter_modules(haln.matching.__path__)]
modules = [importlib.import_module(f"haln.matching.{name}") for name in names]

def kernels():
    found = {}
    for module in modules:
        for name, one in vars(module).items():
            if isinstance(one, Dispatcher) and one.py_func.__module__ == module.__name__:
                found[f"{module.__name__}.{name}"] = one
    return found

def compiled():
    return {name: len(one.overloads) for name, one in kernels().items()}

ready.warm_up()
before = compiled()
list(suggest_for_all(build(a_network(40, 2)), {}))
missed = [name for name, one in kernels().items() if sum(one.stats.cache_misses.values())]
hit = [name for name, one in kernels().items() if sum(one.stats.cache_hits.values())]
print(json.dumps({"missed": missed, "hit": hit, "still": before == compiled()}))
"""


@pytest.mark.slow
def test_a_second_process_compiles_nothing_and_neither_does_a_list() -> None:
    for _ in range(2):  # the first keeps what nobody has compiled here yet
        told = subprocess.run([sys.executable, "-c", COUNTING], check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(told.stdout)
    assert found["missed"] == []
    assert {"haln.matching.topk.best_rows", "haln.matching.nearest._pair_texts"} <= set(found["hit"])
    assert found["still"]
