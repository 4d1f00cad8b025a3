# Run a command without arguments to see what there is: make help
.DEFAULT_GOAL := help
.PHONY: help run test check translations pictures bench drill soak lock audit clean
MAKEFLAGS += --no-print-directory

PORT ?= 8000
DATA ?= data
PYTHON_HERE := .venv/bin/python

help: ## Show the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

run: ## Start web and link on the simulated telephone system (PORT=8123 DATA=folder)
	@scripts/environment base
	@exec env WEBFON_DEMO=1 WEBFON_DATA="$(DATA)" $(PYTHON_HERE) manage.py serve --port "$(PORT)"

test: ## Install what the tests need and run all of them, on SQLite and on PostgreSQL
	@scripts/environment dev
	@scripts/install-test-needs
	@scripts/test

check: ## Format, lint, types, import rules, migrations, system checks, translations
	@scripts/environment dev
	@scripts/check

translations: ## Bring the catalogues in locale/ up to the sources; CONTRIBUTING.md says the rest
	@scripts/environment dev
	@$(PYTHON_HERE) scripts/translations.py
	@$(PYTHON_HERE) scripts/compile_translations.py

pictures: ## Take the pictures of the page Ayuda anew, from the demonstration
	@scripts/environment dev
	@$(PYTHON_HERE) -m scripts.help_pictures

bench: ## Measure; docs/benchmarks.md says how to read it
	@scripts/environment dev
	@scripts/install-test-needs
	@$(PYTHON_HERE) -m tests.bench

drill: ## What takes longer than a coffee: every page in each look, a whole company that loses processes, MariaDB
	@scripts/environment dev
	@scripts/install-test-needs drill
	@$(PYTHON_HERE) -m pytest -m drill tests
	@scripts/with-mariadb $(PYTHON_HERE) -m pytest tests/pbx/test_cdr*.py

soak: ## 200 people click and are called on a whole company, and nothing may grow (WEBFON_SOAK_MINUTES=20)
	@scripts/environment dev
	@scripts/install-test-needs
	@$(PYTHON_HERE) -m pytest -s -m soak tests

lock: ## Remake requirements/*.txt from pyproject.toml
	@scripts/lock-requirements

audit: ## Ask PyPI whether holes are known in the packages of requirements/
	@scripts/audit

clean: ## Remove the environment and the caches; the data folder stays
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
