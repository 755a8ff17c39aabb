# Two commands: `make lab` opens the course, `make test` checks everything that it promises.
# Both need Python 3.11 or newer, make and a package index; everything else is installed into .venv.

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	command -v $$name && break; done 2>/dev/null)
LAB_ARGS ?=
BIN := .venv/bin
# Every lane in one pytest run: the package, the lessons and the solutions, with strict nbval. Four
# workers also on two cores: many tests wait for a database or a kernel.
PYTEST_ARGS ?= -n 4 --dist loadscope --nbval --nbval-current-env tests notebooks solutions

.PHONY: help lab test setup dev lanes lint doctor build benchmark found-on-2-0 constraints python
.NOTPARALLEL:

help:
	@echo "make lab          set up and open the course in JupyterLab (options: LAB_ARGS='--no-browser --port 8889')"
	@echo "make test         run every check: style, types, import order, lessons, solutions, package"
	@echo "make setup        set up without opening anything"
	@echo "make doctor       say what works here and what to do about the rest"
	@echo "For authors:"
	@echo "make build        generate exercises, run and save the notebooks"
	@echo "make benchmark    how long checks take, beside nbgrader and Otter"
	@echo "make constraints  pin the packages anew"

python:
	@test -n "$(PYTHON)" || { echo "No Python was found. The course needs Python 3.11 or newer: install it and" \
		"run the command again, or say where it is: make lab PYTHON=/path/to/python3" >&2; exit 1; }

lab: python
	@"$(PYTHON)" bootstrap.py lab $(LAB_ARGS)

setup: python
	@"$(PYTHON)" bootstrap.py setup

dev: python
	@"$(PYTHON)" bootstrap.py dev

# What the lanes on SQLAlchemy 2.0 and on a newer Python need (tests/lanes).
lanes: dev
	@$(BIN)/python -m tests.lanes.prepare

test: lint lanes
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

doctor: setup
	@$(BIN)/python -m course_lib.cli doctor

build: dev
	$(BIN)/python -m course_lib.cli author build

# What the trials find on SQLAlchemy 2.0, kept beside them; a test computes it anew and compares.
found-on-2-0: lanes
	PYTHONPATH=.venv/lanes/sqlalchemy-2.0:. $(BIN)/python -m course_lib.cli trials --json > .venv/found.json
	mv .venv/found.json course_lib/trials/found_on_2_0.json

# How long checks take, beside nbgrader and Otter on the same exercises. Best on a quiet machine.
benchmark: dev
	$(BIN)/python -m benchmarks.checks

constraints: python
	"$(PYTHON)" bootstrap.py uv pip compile pyproject.toml --universal --all-extras --python-version 3.11 \
		--no-header --no-annotate --upgrade --quiet --output-file constraints.txt
	echo "sqlalchemy>=2.0.58,<2.1" | "$(PYTHON)" bootstrap.py uv pip compile - --python-version 3.11 \
		--no-deps --no-header --no-annotate --upgrade --quiet --output-file tests/lanes/sqlalchemy_2_0.txt
