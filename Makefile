# For developers; the scripts ./setup, ./run and ./test are for everybody.
BIN := .venv/bin

.PHONY: help lint test bench docs demo lock messages

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

lint: ## What must hold before a commit: style, types, floors, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src/jingkai
	$(BIN)/lint-imports
	$(BIN)/jingkai manage makemigrations --check --dry-run

test: ## Every test
	./test

bench: ## Every benchmark
	$(BIN)/jingkai bench

docs: ## The documentation as a site in site/
	$(BIN)/mkdocs build --strict

demo: ## Start with synthetic data in a folder that is thrown away afterwards
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && DATA_DIR=$$folder ./run

messages: ## Collect the texts to translate into each room's own catalogue
	$(BIN)/python -m jingkai.cli.catalogues update

lock: ## Lock the dependencies anew, with hashes and without download addresses
	for name in requirements requirements-dev requirements-node; do \
	    uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	        --no-emit-index-url --no-emit-find-links --upgrade $$name.in -o $$name.lock || exit 1; \
	done
	npm install --package-lock-only --ignore-scripts
