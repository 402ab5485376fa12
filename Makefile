# make demo      check the example release and reproduce its claims
# make test      run what CI runs: lint, types, schemas, tests
# make lint      the first three of these
# make schemas   write schemas/*.schema.json from the models in auditor/formats
# make bench     measure start-up, check, weights and training; BENCH="scan headers" measures these alone
# make clean     remove the virtual environment and what tools left behind
#
# All but the last make a virtual environment in .venv from nothing, or mend the one that is there.
# `make PYTHON=python3.12 test` chooses the interpreter that it is made with.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test lint schemas bench clean

help:
	@sed -n 's/^# //p; /^#$$/q' Makefile

demo: .venv/has-reproduce
	$(BIN)/fmaudit check examples/digits-cnn
	$(BIN)/fmaudit reproduce examples/digits-cnn

test: lint
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: .venv/has-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict
	$(BIN)/python -m auditor.formats.schema --check

schemas: .venv/has-test
	$(BIN)/python -m auditor.formats.schema

bench: .venv/has-test .venv-bench/has-bench
	$(BIN)/python tests/bench/run.py $(BENCH)

clean:
	rm -rf .venv .venv-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis dist

# The stamps are written last, so that an install that was interrupted is done again, as is one whose interpreter
# has gone.
ifeq ($(wildcard $(BIN)/python),)
.PHONY: .venv/has-reproduce .venv/has-test
endif

.venv/has-reproduce: pyproject.toml constraints.txt
	$(call install,reproduce)
	touch $@

.venv/has-test: pyproject.toml constraints.txt
	$(call install,test)
	touch .venv/has-reproduce $@

# What is compared with has an environment of its own, because its pins fight with ours. modelscan needs a Python
# below 3.13; where it cannot be had, its comparison is left out.
.venv-bench/has-bench: pyproject.toml
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --disable-pip-version-check '.[bench]' && touch $@ || \
	  echo "the other tools could not be installed; their comparison is left out" >&2

# An environment without a working pip is made anew.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "fmaudit needs Python 3.11 or newer, and $(PYTHON) is not: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[$(1)]' --constraint constraints.txt
endef
