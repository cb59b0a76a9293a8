# Every target makes its own virtual environment first, so each works as the first command after a clone.
# Needs make and Python 3.11 or newer, nothing else. ARGS="..." is handed on to the program a target starts.

SHELL := /bin/sh
BIN := .venv/bin
# Without compiled files every process a test starts would compile the whole package anew.
unexport PYTHONDONTWRITEBYTECODE
STAMP := .venv/.stamp
CODE := psfir tests $(wildcard benchmarks)

# An interpreter counts only if it runs and can make an environment: a version manager may leave a name on PATH that
# starts nothing, and a distribution may ship Python without ensurepip.
FIND_PYTHON = for python in "$(PYTHON)" python3.13 python3.12 python3.11 python3; do \
	if [ -n "$$python" ] && "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo "$$python"; break; fi; done

# The three checks share the two cores, and one that fails does not hide the others; where make can, it keeps each one's output together.
PARALLEL = $(MAKE) --no-print-directory -j2 -k $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint bench lock real-unleash real-browser real-slack clean lint-ruff lint-types lint-imports

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

venv: $(STAMP) ## make .venv with everything that is needed, from the lock file
	@:

$(STAMP): pyproject.toml requirements/dev.lock
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "psfir needs Python 3.11 or newer, with its venv module, and found none. Install one, or name it: make PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	echo "making .venv from the lock file; the first time this takes a minute or two" >&2; \
	if [ -x $(BIN)/python ] && $(BIN)/python -m pip --version >/dev/null 2>&1; then :; else "$$python" -m venv --clear .venv; fi
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@# An editable install leaves a copy of the content that would grow stale; the checkout's own is the one to use.
	@rm -rf .venv/lib/python*/site-packages/psfir
	@touch $(STAMP)

demo: $(STAMP) ## play an incident from trigger to restore on the range, in ./psfir-demo
	@$(BIN)/psfir demo --dir psfir-demo $(ARGS)

# pytest's closing line must stay the last one printed: people and machines read the result there.
# Five workers on two cores: much of a kill, and more of a fault, is waiting. Fewer where branches are counted, in the
# processes that tests start too: that takes as long again as the tests, and leaves a worker little of a short share.
WORKERS = $(if $(COVER),3,5)
COVERAGE = $(if $(COVER),--cov --cov-report=term --cov-fail-under=90)
test: lint ## lint, then the tests (COVER=1: with their coverage floor, and the lines that none of them runs)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(COVERAGE) $(ARGS)

lint: $(STAMP) ## ruff, mypy and the import contracts
	@$(PARALLEL) lint-types lint-ruff lint-imports

lint-ruff: $(STAMP)
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . \
		|| { echo "ruff found something; '$(BIN)/ruff check --fix .' and '$(BIN)/ruff format .' cure most of it"; exit 1; }

lint-types: $(STAMP)
	@$(BIN)/mypy --no-error-summary $(CODE)

lint-imports: $(STAMP)
	@out=$$($(BIN)/lint-imports --no-cache --no-logo 2>&1) || { echo "$$out"; exit 1; }

bench: $(STAMP) ## the benchmarks, ratios side by side in one run
	@$(BIN)/python -m benchmarks $(ARGS)

# uv is only the tool that writes the lock files, so it gets an environment of its own.
COMPILE = .venv-lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url

lock: ## write requirements/*.lock anew from pyproject.toml (UPGRADE=1 takes newer releases)
	@python=$$($(FIND_PYTHON)); [ -x .venv-lock/bin/uv ] || { "$$python" -m venv .venv-lock && .venv-lock/bin/pip install -qq uv; }
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --extra dev --output-file requirements/dev.lock
	@$(COMPILE) --constraint requirements/dev.lock --output-file requirements/run.lock

real-unleash: $(STAMP) ## put a real Unleash and PostgreSQL into .real/, so that its tests run on them too
	@scripts/real-unleash

real-browser: $(STAMP) ## put what looks at pages into .real/: axe and playwright-core, for the Chromium of this machine
	@scripts/real-browser

real-slack: $(STAMP) ## put local-slack into .real/, so that the Slack app's tests run on it
	@scripts/real-slack

clean: ## remove everything that make and the tests wrote
	@rm -rf .venv .venv-lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* \
		build dist psfir-demo *.egg-info benchmarks/.peers .real
	@find psfir tests $(wildcard benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +
