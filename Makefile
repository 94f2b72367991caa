# `make demo` grades the sample class, `make test` proves that everything works, `make check` most of it within a minute;
# `make further` and `make hostile` try more cases; `make docs` builds the documentation site; all set up .venv first.
PYTHON ?= python3
BIN := .venv/bin
CONSTRAINTS ?= constraints.txt
# Bytecode is kept even where the shell says that none is: else every process that the tests start would compile the
# grader anew.
unexport PYTHONDONTWRITEBYTECODE
# One more than there are cores: a worker often waits for a submission that sleeps, for a kernel or for a browser.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
# All that needs no kernel, no browser, no nbgrader, and grades no whole class; what is left out is not even imported.
SHORT := -m "not (hostile or further or slow or nbgrader or kernel or browser)" --ignore=tests/platforms/nbgrader --ignore=tests/formats/browser

.PHONY: demo editor test check further hostile coverage lowest lint format docs pictures clean

demo: .venv/installed
	$(BIN)/grader demo --out demo
	$(BIN)/grader page lecture05 --out demo/page || echo "The page of formulas needs npm and a connection, once."

# The editor of the page of formulas, from npm; only who changes it needs this.
editor:
	cd grader/platforms/page/editor && npm ci && npm run build && rm -r node_modules

test: .venv/ready lint
	$(PYTEST)

# Within a minute.
check: .venv/ready lint
	$(PYTEST) $(SHORT)

# The cases that `test` leaves out for the time they take.
further: .venv/ready
	$(PYTEST) -m further

# The hostile classes in the ways that `test` leaves out.
hostile: .venv/ready
	$(BIN)/pytest -m hostile tests/hostile

# Of all processes but those that run submissions; takes half as long again as `test`.
coverage: .venv/ready
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage html --quiet
	$(BIN)/coverage report --skip-covered

# `check` with the lowest versions that pyproject.toml allows, in a folder of their own.
lowest:
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	.venv-lowest/bin/pip install --quiet --editable . --group dev --constraint constraints-lowest.txt
	.venv-lowest/bin/pytest -n $(WORKERS) --dist loadgroup $(SHORT)

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports
	$(BIN)/python -m tests.prose

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The documentation site, in build/docs.
docs: .venv/installed
	$(BIN)/pip install --quiet --group docs --constraint $(CONSTRAINTS)
	$(BIN)/python -m sphinx -q -W --keep-going -n -b html -d build/doctrees docs build/docs

# docs/check.svg (animated), docs/student.png and docs/class.png, from what the program shows now; needs Chromium.
pictures: .venv/ready
	$(BIN)/python -m tests.pictures

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --editable . --constraint $(CONSTRAINTS)
	@touch $@

.venv/ready: .venv/installed
	$(BIN)/pip install --quiet --group dev --constraint $(CONSTRAINTS)
	@touch $@

clean:
	rm -rf .venv .venv-lowest build demo dist htmlcov .coverage*
