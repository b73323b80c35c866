# Everything bootstraps itself into .venv from a bare python3; nothing is installed outside of it.
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test test-workflow test-github test-browser lint fix lock scenarios soak mutation bench images fidelity clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.run ## Install into .venv and watch a Notion database and a folder follow each other
	@$(BIN)/notionsync demo

test: $(VENV)/.dev ## Install into .venv and run the tests
	@$(BIN)/pytest -m "not act and not github and not browser"

test-workflow: $(VENV)/.emulate ## Run the Action and its workflows with act on this machine, without Docker
	@$(BIN)/pytest -m act

test-github: $(VENV)/.emulate ## Install a GitHub emulator and test what is read from and published to GitHub
	@$(BIN)/pytest -m "github and not act" tests/github

test-browser: $(VENV)/.browser ## Open the emulator's pages in a headless Chromium of this machine and use their forms
	@$(BIN)/pytest -m browser tests/emulator/test_browser.py

lint: $(VENV)/.dev ## Formatter, linters, import contracts, type checker, workflow linters
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/actionlint
	$(BIN)/zizmor --offline --pedantic --quiet .github action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/shellcheck .ci/run scripts/*.sh
	$(BIN)/notionsync readme --check

fix: $(VENV)/.dev ## Let the formatter and the linter mend what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev ## Resolve what the Action installs anew, and write it with its hashes to requirements.txt
	@$(BIN)/python scripts/lock.py

scenarios: $(VENV)/.dev ## Print the scenarios that the engine is held to, and where each is tested
	@$(BIN)/python scripts/scenarios.py

soak: $(VENV)/.dev ## Let two editors and the engine play at random, for SECONDS=… or without end, or one play again: REPLAY=…
	@nice $(BIN)/python scripts/soak.py $(if $(SECONDS),--seconds $(SECONDS)) $(if $(REPLAY),--replay '$(REPLAY)')

mutation: $(VENV)/.mutation ## Change merge and reconcile in every small way, for SECONDS=…, and print what no test notices and nobody explains
	@nice $(BIN)/python scripts/mutation.py $(if $(SECONDS),--seconds $(SECONDS))

bench: $(VENV)/.dev ## Print speeds, as ratios and rates
	@$(BIN)/python scripts/bench.py

images: $(VENV)/.dev ## Take every image to Notion and back, and print what is sent, fetched and the same by hash; FOLDER=… of a repository
	@$(BIN)/python scripts/images.py $(FOLDER)

fidelity: $(VENV)/.dev ## Replay recordings of the real service against the emulator and print what matches
	@$(BIN)/python scripts/fidelity.py

clean: ## Remove everything that was built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov mutants

$(VENV)/bin/python:
	@PYTHON="$(PYTHON)" sh scripts/bootstrap.sh $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[emulator]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.emulate: tests/github/package-lock.json scripts/github_emulator.sh | $(VENV)/.dev
	@sh scripts/github_emulator.sh $(VENV) $(VENV)/emulate
	@touch $@

$(VENV)/.mutation: pyproject.toml | $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutation]'
	@touch $@

$(VENV)/.browser: scripts/browser.sh tests/emulator/browser.py | $(VENV)/.dev
	@sh scripts/browser.sh $(VENV)
	@touch $@
