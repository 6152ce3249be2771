PORT ?= 8000
JUPYTER ?= 8888
ARGS ?=
PYTHON_IN_VENV := .venv/bin/python
METADATA := pyproject.toml jupyter_extension/pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench screenshots matrix clean

help: ## List the targets
	@echo "make demo    the example site with a course and users, on 127.0.0.1:$(PORT) (PORT=8001 changes it)"
	@echo "             and student1's JupyterLab on port $(JUPYTER) (JUPYTER=0 goes without)"
	@echo "make test    every check and test; parts needing absent programs are named at the end"
	@echo "make lint    style, types, import contracts, templates, migrations"
	@echo "make bench   the benchmarks; writes benchmarks/results.json and prints a table"
	@echo "make screenshots  the pictures in docs/images, from a scratch demo in Chromium"
	@echo "make matrix  the unit suite on each Python 3.11 to 3.13 found, oldest and newest Django and Wagtail"
	@echo "make clean   remove caches, builds and coverage data; the demo's data stays"
	@echo "Each target sets up what it needs in .venv; PYTHON=/path/to/python chooses the interpreter."

.venv/.installed-%: $(METADATA) scripts/install.sh
	@bash scripts/install.sh $*

demo: .venv/.installed-demo
	@bash scripts/demo.sh $(PORT) $(JUPYTER)

lint: .venv/.installed-dev
	@bash scripts/lint.sh

test: lint
	@$(PYTHON_IN_VENV) -m scripts.run_tests

bench: .venv/.installed-bench
	@$(PYTHON_IN_VENV) -m benchmarks $(ARGS)

screenshots: .venv/.installed-dev ## The pictures in docs/images, from a scratch demo
	@$(PYTHON_IN_VENV) -m scripts.screenshots

matrix:
	@bash scripts/matrix.sh

clean:
	rm -rf build dist *.egg-info jupyter_extension/build jupyter_extension/dist jupyter_extension/src/*.egg-info
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* coverage.json htmlcov
	find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +
