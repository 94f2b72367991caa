# `make demo` grades the sample class, `make test` proves that everything works; both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test hostile lint format clean

demo: .venv/installed
	$(BIN)/grader demo --out demo

test: .venv/ready lint
	$(BIN)/pytest -n auto --dist loadfile

# The hostile classes that `test` leaves out for the time they take.
hostile: .venv/ready
	$(BIN)/pytest -m hostile tests/hostile

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/ready: .venv/installed
	$(BIN)/pip install --quiet --group dev
	@touch $@

clean:
	rm -rf .venv demo dist
