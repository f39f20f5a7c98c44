# The commands of everyday work. Needs python3 (3.11 or newer), git and make; makes .venv by itself.
# PYTHON=/path/to/python chooses the interpreter of .venv.

HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?=
ARGS ?=

READY := .venv/.installed
BIN := .venv/bin
BROWSER := verifier/browser/dist/passport-verify.js

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install demo test check format style types imports bench clean

help: ## list these commands
	@echo "Digital skills passport. Commands:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 18

install: $(READY) ## make .venv with everything in it (the others do it by themselves)

$(READY): pyproject.toml constraints.txt
	@PYTHON='$(PYTHON)' sh .ci/bootstrap

# Not made where npm's packages cannot be had: it says so, and everything but checking in the browser works.
$(BROWSER): $(READY) verifier/browser/package-lock.json verifier/browser/build.mjs verifier/browser/run \
		$(filter-out %/vocabulary.ts,$(wildcard verifier/browser/src/*.ts verifier/browser/src/*/*.ts)) \
		$(wildcard schemas/frameworks/*.json schemas/dictionaries/*)
	@sh verifier/browser/run build

demo: $(READY) $(BROWSER) ## make a throw-away town and serve it; HOST=0.0.0.0 for a phone on the same network, PORT=8000
	@$(BIN)/passport demo --host '$(HOST)' --port '$(PORT)'

test: $(READY) $(BROWSER) ## run every test; ARGS="tests/unit -x" for some of them
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: style types imports test ## format, lint, types, import contracts, then every test

style: $(READY) ## format and lint only, changing nothing
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@sh verifier/browser/run style

types: $(READY) ## types only (mypy and tsc, both strict)
	@$(BIN)/mypy
	@sh verifier/browser/run types

imports: $(READY) ## who may import whom
	@$(BIN)/lint-imports

format: $(READY) ## format the code, and mend what can be mended by itself
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .
	@sh verifier/browser/run format

bench: $(READY) ## measure; ratios to the raw operation, a table and JSON in bench-results/
	@$(BIN)/python -m tests.bench $(ARGS)

clean: ## remove what was made here: .venv, caches, bench results (never a data folder)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench-results dist build tests/independent/node_modules \
		verifier/browser/node_modules verifier/browser/dist verifier/browser/src/generated
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
