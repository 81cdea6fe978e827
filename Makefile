# `make run` opens kiki on a fresh machine; `make test` passes the tests there. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench lock env env-dev system system-dev models clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 18

run: system env ## Set everything up and open the terminal program
	@$(BIN)/kiki-tui

setup: system env models ## Environment, encoder and default model; starts nothing

test: system-dev env-dev models ## Set everything up and run the tests
	@$(BIN)/python -m pytest

check: env-dev ## Lint, formatting, strict types, one-way imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: system-dev env-dev models ## Measure the budgets, with a peer in the same run
	@$(BIN)/python tests/bench/run.py $(BENCH)

system:
	@sh scripts/system.sh run

system-dev:
	@sh scripts/system.sh test

env: $(VENV)/.run
env-dev: $(VENV)/.dev

$(VENV)/.run: requirements.lock pyproject.toml scripts/environment.sh
	@PYTHON=$(PYTHON) sh scripts/environment.sh $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml scripts/environment.sh
	@PYTHON=$(PYTHON) sh scripts/environment.sh $(VENV) requirements-dev.lock
	@touch $(VENV)/.run $@

models: env
	@$(BIN)/kiki models pull

lock: env-dev ## Renew the locks: hashes, no addresses
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --upgrade --extra dev pyproject.toml -o requirements-dev.lock

clean: ## Remove the environment
	rm -rf $(VENV)
