# `make` or `make help` says what can be made. Nothing but python3, python3-venv and make is needed to begin.

PYTHON  ?= python3
PORT    ?= 8000
MEMBERS ?= 1800
MONTHS  ?= 36
SEED    ?= 2026
JOBS    ?= 2

VENV  := .venv
BIN   := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi
PIP   := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all:
# Universal: one version of each package for every Python we support, so that results agree everywhere.
LOCK  := $(BIN)/uv --no-config pip compile setup.cfg --universal --fork-strategy fewest --python-version 3.11 \
         --generate-hashes --no-annotate --custom-compile-command 'make lock' --quiet --upgrade

# Stamps: each says that a lock file has been installed, and is older than a lock file that changed since.
RUN_READY  := $(VENV)/.ready-run
TEST_READY := $(VENV)/.ready-test

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PYTHONUNBUFFERED := 1
# Without what Python keeps compiled, each process of the tests would compile the program and the tests anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check coverage format bench bench-matching bench-network bench-sets docs-pictures docs-settings translations lock clean machine kernels

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  %s\n  %s\n' \
	  'make run PORT=8080           another port than 8000' \
	  'make run MEMBERS=20000       a larger demonstration network (the first time)'

run: $(RUN_READY) ## Start the service on 127.0.0.1:8000, with a demonstration network the first time
	@$(FLASK) haln serve --demonstration --port $(PORT) --members $(MEMBERS) --months $(MONTHS) --seed $(SEED)

test: $(TEST_READY) machine ## Run everything: format, lint, types, contracts and all tests
	@$(MAKE) -j 2 check kernels
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

check: $(TEST_READY) ## Run the checks that take seconds: format, lint, types, contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

# Once, before processes side by side would each compile the same.
kernels: kernels-matching kernels-network

kernels-%: $(TEST_READY)
	@$(BIN)/python -m tests.kernels $*

coverage: $(TEST_READY) ## Say which lines the tests never reach
	@$(BIN)/coverage run -m pytest -m 'not browser and not slow'
	@$(BIN)/coverage report

format: $(TEST_READY) ## Bring all Python into the project's format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(TEST_READY) ## Measure what we claim about speed and quality
	@$(BIN)/python -m benchmarks $(ARGS)

bench-matching: $(TEST_READY) ## Measure how fast matching is, beside others (requirements/bench.txt)
	@$(BIN)/python -m benchmarks.matching $(ARGS)

bench-network: $(TEST_READY) ## Measure the figures of the network (ARGS=--peer: beside networkx)
	@$(BIN)/python -m benchmarks.network $(ARGS)

bench-sets: $(TEST_READY) ## Measure how sets are formed (ARGS='--instances DIR': published instances, too)
	@$(BIN)/python -m benchmarks.sets $(ARGS)

docs-pictures: $(TEST_READY) machine ## Take the pictures of the real pages for docs/
	@$(BIN)/python -m docs.pictures

docs-settings: $(RUN_READY) ## Write docs/settings.md from the program
	@$(FLASK) haln settings --page > docs/settings.md

translations: $(TEST_READY) ## Bring haln/translations up to the program: extract, update, compile
	@$(BIN)/python -m translating

lock: $(RUN_READY) ## Write requirements/ anew from setup.cfg: the newest versions, with hashes
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet 'uv>=0.9'
	@$(LOCK) --output-file requirements/run.txt
	@$(LOCK) --extra cluster --constraint requirements/run.txt --output-file requirements/cluster.txt
	@$(LOCK) --extra test --constraint requirements/run.txt --output-file requirements/test.txt

clean: ## Remove what make made, except this machine's data in instance/
	@rm -rf $(VENV) build dist *.egg-info htmlcov .coverage .coverage.*
	@rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find haln tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# A browser and PostgreSQL for the tests, from the distribution's packages, where this may be done.
machine: $(TEST_READY)
	@tests/machine.sh $(BIN)/python

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo 'HALN needs Python 3.11, 3.12 or 3.13. Name another one with: make PYTHON=python3.12 …' >&2; exit 1; }
	@echo 'Making the environment in $(VENV) …'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUN_READY): requirements/run.txt | $(BIN)/python
	@echo 'Installing what the service needs (a minute the first time) …'
	@$(PIP) -r requirements/run.txt
	@touch $@

$(TEST_READY): requirements/test.txt $(RUN_READY) | $(BIN)/python
	@echo 'Installing what the tests need …'
	@$(PIP) -r requirements/test.txt
	@touch $@
