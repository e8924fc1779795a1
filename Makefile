# Everything a developer or a newcomer runs. Needs make and Python 3.11 or newer; `make lock` alone needs network and dev tools.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# our packages stand on each other in this order, and services on them
SERVICES := $(patsubst %/pyproject.toml,%,$(wildcard packages/*/pyproject.toml services/*/pyproject.toml))
EDITABLE := $(foreach service,$(SERVICES),-e $(service))
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
empty :=
space := $(empty) $(empty)
export MYPYPATH := $(subst $(space),:,$(SERVICES))

PORT ?= 8080
DETACH ?=
CONFIG ?=
TESTS ?= tests
TYPED ?= packages services tests tools bench deploy/image

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "unigate needs Python 3.11 or newer; name one with PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python requirements/build.txt requirements/runtime.txt $(SERVICES:%=%/pyproject.toml)
	$(PIP) install --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation $(EDITABLE)
	@# as pip does it for what it installs: a process starts a fifth sooner where Python may not write its own caches
	$(BIN)/python -m compileall -q packages services
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: install
install: $(VENV)/.dev ## Install the locked dependencies and the services into .venv

.PHONY: up
up: $(VENV)/.runtime ## Run the gateway here: PORT=8080, DETACH=1, CONFIG=file.yaml
	@$(BIN)/unigate up --port $(PORT) $(if $(DETACH),--detach) $(if $(CONFIG),--config $(CONFIG))

.PHONY: down
down: ## Stop what `make up` started
	@$(or $(wildcard $(BIN)/python),$(PYTHON)) -m tools.down

.PHONY: compose-up
compose-up: $(VENV)/.runtime ## Run the gateway in containers, with Docker
	@$(BIN)/python -m tools.compose

.PHONY: test
test: $(VENV)/.dev ## Run the tests: TESTS=tests/edge for some of them
	$(BIN)/python -m pytest -n auto $(TESTS)

CLIENTS := .venv-clients
NODE_CLIENTS := clients/node/node_modules

$(CLIENTS)/.installed: requirements/clients.txt
	@test -d $(CLIENTS) || $(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@touch $@

$(NODE_CLIENTS)/.installed: clients/node/package-lock.json
	npm ci --prefix clients/node --no-audit --no-fund --ignore-scripts --silent
	node $(NODE_CLIENTS)/@anthropic-ai/claude-code/install.cjs >/dev/null
	@touch $@

.PHONY: test-clients
test-clients: $(VENV)/.dev $(CLIENTS)/.installed $(NODE_CLIENTS)/.installed ## Run unmodified SDKs, agent frameworks and Codex CLI against the gateway: needs npm
	@mkdir -p .run
	CLIENTS_RESULTS=.run/clients-python.json $(BIN)/python -m tools.with_gateway \
		$(CLIENTS)/bin/python -m pytest -c clients/python/pytest.ini clients/python
	CLIENTS_RESULTS=.run/clients-node.json $(BIN)/python -m tools.with_gateway node clients/node/test.mjs
	$(BIN)/python -m tools.with_gateway node clients/node/page.mjs
	$(BIN)/python -m tools.clients_page .run/clients-python.json .run/clients-node.json

.PHONY: lint
lint: $(VENV)/.dev types ## Check style, types, import rules and the contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.import_rules
	$(BIN)/buf lint proto
	$(BIN)/buf format --diff --exit-code proto
	$(BIN)/python -m tools.proto --check
	$(BIN)/python -m tools.version --check
	@$(MAKE) --no-print-directory breaking

.PHONY: breaking
breaking: $(VENV)/.dev ## Check that the contract is compatible with the last release or, before the first, with main
	@ref=$$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || git rev-parse --verify --quiet main 2>/dev/null || git rev-parse --verify --quiet origin/main 2>/dev/null || true); \
	if [ -z "$$ref" ]; then echo "no release and no main to compare the contract with"; exit 0; fi; \
	echo "buf breaking against $$ref"; \
	$(BIN)/buf breaking proto --against "$$(git rev-parse --git-common-dir)#ref=$$ref,subdir=proto"

.PHONY: types
types: $(VENV)/.dev ## Check types alone: TYPED=services/edge for some of them
	$(BIN)/mypy $(wildcard $(TYPED))

.PHONY: new-provider
new-provider: $(VENV)/.dev ## Begin another provider: NAME=parrot makes its folder, tests and lines in the deployments
	$(BIN)/python -m tools.new_provider "$(NAME)"
	@$(MAKE) --no-print-directory install
	$(BIN)/python -m tools.tables
	$(BIN)/python -m tools.chart_readme

.PHONY: format
format: $(VENV)/.dev ## Write the code and the contract in the project's style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/buf format --write proto

.PHONY: proto
proto: $(VENV)/.dev ## Generate the contract's stubs
	$(BIN)/python -m tools.proto

.PHONY: metrics
metrics: $(VENV)/.dev ## Write the reference of metrics and Grafana's dashboards
	$(BIN)/python -m tools.metrics
	$(BIN)/python -m tools.dashboards

.PHONY: pictures
pictures: $(VENV)/.dev ## Draw the dashboards in docs/dashboards from ten minutes of load: needs prometheus, chromium and npm
	$(BIN)/python -m tools.dashboard_pictures

.PHONY: demo-load
demo-load: $(VENV)/.dev ## Send a mix of requests to what `make up` started: DURATION=60 for longer
	$(BIN)/python -m tools.demo_load

.PHONY: bench
bench: $(VENV)/.dev ## Measure the gateway's own cost: PEERS=1 for others beside it
	PEERS=$(PEERS) $(BIN)/python -m bench

.PHONY: bench-growth
bench-growth: $(VENV)/.dev ## Measure what a request costs as bodies, histories, keys, aliases, providers and streams grow
	$(BIN)/python -m bench.growth

.PHONY: bench-check
bench-check: $(VENV)/.dev ## Count what a request makes our code do, and compare with what is recorded: RECORD=1 records
	@RECORD=$(RECORD) $(BIN)/python -m bench.check

.PHONY: soak
soak: $(VENV)/.dev ## Half an hour of load with faults, to see that memory stays level: SECONDS=1800
	SECONDS=$(or $(SECONDS),1800) $(BIN)/python -m bench.soak

.PHONY: chart
chart: $(VENV)/.dev ## Write the Helm chart's README, check the chart for several Kubernetes versions and pack it
	$(BIN)/python -m tools.chart_readme
	$(BIN)/python -m tools.chart

LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--python-version 3.11 --custom-compile-command 'make lock'

.PHONY: lock
lock: $(VENV)/.dev ## Pin the dependencies of requirements/*.in anew: UPGRADE=--upgrade for the newest
	$(LOCK) $(UPGRADE) requirements/dev.in -o requirements/dev.txt
	$(LOCK) -c requirements/dev.txt requirements/runtime.in -o requirements/runtime.txt
	$(LOCK) -c requirements/dev.txt requirements/build.in -o requirements/build.txt
	$(LOCK) $(UPGRADE) requirements/clients.in -o requirements/clients.txt
	cd clients/node && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent

.PHONY: clean
clean: down ## Stop everything and remove what was made here
	rm -rf $(VENV) $(CLIENTS) $(NODE_CLIENTS) .run .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
