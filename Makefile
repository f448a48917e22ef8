# Needs Python 3.11 and make, nothing else; uv and everything it installs stay inside this folder.
SHELL := /bin/bash
PYTHON ?= python3.11
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --frozen --no-sync

export RASA_TELEMETRY_ENABLED := false
# Rasa and TensorFlow take ten seconds longer to import where nothing has been compiled.
export UV_COMPILE_BYTECODE := 1
export TF_CPP_MIN_LOG_LEVEL := 2
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

.PHONY: help run test train bench lint format install install-dev browser clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.uv/bin/uv:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or say where it is with PYTHON=..."; exit 2; }
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

install: $(filter .uv/bin/uv,$(UV)) ## install what running needs
	$(UV) sync --frozen --python $(PYTHON) --inexact --no-default-groups --extra encoders

install-dev: $(filter .uv/bin/uv,$(UV)) ## install what testing needs too
	$(UV) sync --frozen --python $(PYTHON) --extra encoders

browser: install-dev ## a Chromium and a Chinese font for the tests
	$(RUN) python tests/browser.py --install

run: install ## train if needed, start everything, print the addresses
	@$(RUN) refunddesk run

train: install ## train the model that matches config, domain and data
	@$(RUN) refunddesk train

test: install-dev browser ## lint, types, contracts, all tests
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) pytest

bench: install-dev ## measure beside a stock Rasa pipeline, in one run
	@$(RUN) refunddesk bench

lint: install-dev ## style, types, import contracts
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports

format: install-dev ## put the code into shape
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

clean: ## remove what was made here (not var/, the shop's data)
	rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .hypothesis results
