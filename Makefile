# Everything that people and CI run. Each target starts from nothing but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := data/demo
# No part reports to anybody.
export GX_ANALYTICS_ENABLED := false
export DAGSTER_DISABLE_TELEMETRY := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: help demo test check dev bench format lock clean

help:
	@echo "make demo    environment, a demo world, a refresh, and where to look"
	@echo "make test    all tests"
	@echo "make check   linters, formatters, types, Dagster and dbt definitions"
	@echo "make dev     Dagster's web UI on localhost over the demo home"
	@echo "make bench   speed and memory beside a hand-written floor; WHAT=identity: of 20 million edges beside scipy;"
	@echo "             WHAT=features: RFM and features of a million customers;"
	@echo "             WHAT=attribution: effects of channels on a million paths;"
	@echo "             WHAT=journeys: sessions to attribution over thirty million events"
	@echo "make format  mend what the formatter can mend"
	@echo "make lock    resolve the locked dependencies again"
	@echo "make clean   remove the environment and the demo"

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed; this is %d.%d. Name another: make PYTHON=python3.11" % v)'
	@echo "installing the locked dependencies (a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: $(VENV)/.installed
	@test -d $(DEMO)/landing || $(BIN)/tributary demo --out $(DEMO)/landing
	@$(BIN)/tributary refresh --landing $(DEMO)/landing --home $(DEMO)/home
	@echo "look again:  $(BIN)/tributary status --home $(DEMO)/home"
	@echo "in the UI:   make dev"

test: $(VENV)/.installed
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(VENV)/.installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 1 dbt_project/models
	@$(BIN)/python -m orchestration.lib.transform.dbt
	@$(BIN)/dg check defs
	@$(BIN)/dg check toml

dev: $(VENV)/.installed
	@mkdir -p $(DEMO)/home/dagster
	@cp orchestration/dagster.yaml $(DEMO)/home/dagster/dagster.yaml
	@DAGSTER_HOME=$(CURDIR)/$(DEMO)/home/dagster TRIBUTARY_HOME=$(CURDIR)/$(DEMO)/home \
		TRIBUTARY_LANDING=$(CURDIR)/$(DEMO)/landing $(BIN)/dagster dev -h 127.0.0.1 -p 3000 -m orchestration.definitions

bench: $(VENV)/.installed
	@$(BIN)/python -m tests.bench $(WHAT)

format: $(VENV)/.installed
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

lock:
	@$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/python -m pip install --quiet uv
	@$(VENV)-lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-strip-extras --custom-compile-command "make lock" --output-file requirements.lock
	@rm -rf $(VENV)-lock

clean:
	@rm -rf $(VENV) data/demo dbt_project/target
