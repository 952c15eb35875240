# One task file. On a fresh machine `make test` needs Python 3.11 or newer and the package index, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install -qq

.PHONY: setup demo site screenshots demo-cities test test-cluster test-kills lint bench docs lock

# Stamps depend on the lock files, so that a second run does nothing and a changed lock installs again.
setup: $(VENV)/.package

$(VENV)/.made: tools/make_venv.sh
	bash tools/make_venv.sh $(PYTHON) $(VENV)
	@touch $@

$(VENV)/.locked: requirements/dev.lock $(VENV)/.made
	@echo "Installing the locked requirements; the first time takes a minute or two."
	$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.locked
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.demo: requirements/demo.lock $(VENV)/.package
	$(PIP) --no-deps --require-hashes -r requirements/demo.lock
	@touch $@

demo: $(VENV)/.demo
	$(BIN)/python tools/demo.py demo/newport

# The node that `make demo` made, as a site; Ctrl+C ends it.
site: setup
	$(BIN)/interurban --home demo/newport serve --port 8080

# Pictures of every page of the running site, into demo/screenshots.
screenshots: setup
	$(BIN)/python tools/screenshots.py http://127.0.0.1:8080 demo/screenshots

demo-cities: setup
	$(BIN)/python tools/demo.py demo/cities ../shared/data/gtfs

test: setup
	@bash tools/system_packages.sh
	$(BIN)/pytest -n auto --dist loadgroup

# All that is compared with a Spark cluster: real feeds and the reconstruction of a day too, ten minutes on two cores.
test-cluster: setup
	INTERURBAN_TEST_SPARK=1 $(BIN)/pytest tests/conformance -k spark

# Processes killed at fifty moments each; the ordinary suite has a few, other ones every day.
test-kills: setup
	INTERURBAN_TEST_KILLS=50 $(BIN)/pytest tests -k kill

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy

# The tools we compare with live in an environment of their own: they ask for other versions of what we use.
.venv-bench/.locked: requirements/bench.lock $(VENV)/.made
	bash tools/make_venv.sh $(PYTHON) .venv-bench
	.venv-bench/bin/python -m pip --disable-pip-version-check install -qq --require-hashes -r requirements/bench.lock
	@touch $@

bench: setup .venv-bench/.locked
	$(BIN)/python bench/schedule.py

# Pages under docs/reference are written from the code; a test fails while they differ from it.
docs: setup
	$(BIN)/python tools/reference.py docs/reference

# After a change of dependencies in pyproject.toml. Needs uv; what it writes serves every system and Python from 3.11 on.
UV := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate
lock:
	$(UV) pyproject.toml requirements/build.in --group dev --extra charts --extra postgres --extra sign-in --extra spark -o requirements/dev.lock
	$(UV) pyproject.toml -c requirements/dev.lock -o requirements/runtime.lock
	$(UV) --no-deps requirements/demo.in -o requirements/demo.lock
	$(UV) requirements/bench.in -o requirements/bench.lock
