# Two commands do all set-up: `make run` and `make test`. The rest is for those who change the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
export RONGDANG_VAR ?= $(CURDIR)/var
export OMP_NUM_THREADS := 1
PORT ?= 8000
JOBS ?= 2

# What no database answers need not be asked of two.
PURE = $(shell cd $(CURDIR) && grep -L "django_db" -r --include="test_*.py" src/rongdang/base/vocab src/rongdang/base/cipher src/rongdang/describe/linkage src/rongdang/capture/sources)

.PHONY: run test check bench bundle clean messages lock

run: $(VENV)/.run-installed assets
	@$(BIN)/rongdang serve --demo --port $(PORT)

test: $(VENV)/.test-installed assets
	@dev/system-for-tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile
	@dev/postgresql-tests $(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not browser" $(PURE:%=--ignore=%) src/rongdang/base src/rongdang/keep src/rongdang/describe src/rongdang/provide src/rongdang/capture/batches src/rongdang/capture/review src/rongdang/capture/sources tests

check: $(VENV)/.test-installed
	$(BIN)/ruff check src tests
	$(BIN)/ruff format --check src tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings rongdang.config.settings
	$(BIN)/python dev/messages.py --check
	$(BIN)/bandit -q -r src/rongdang -lll -x '*/tests/*,*/migrations/*'

bench: $(VENV)/.test-installed
	$(BIN)/python bench/$(NAME).py $(ARGS)

bundle: $(VENV)/.run-installed assets
	$(BIN)/python dev/bundle.py

messages: $(VENV)/.test-installed
	$(BIN)/python dev/messages.py

lock: $(VENV)/.test-installed
	dev/lock

# A stamp behind each step, so that a step cut off half-way is done again and not taken for done.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "要 Python 3.11 或更新 / Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# An offline site unpacks the bundle beside the Makefile: wheels/ is then used instead of a registry.
FROM := $(if $(wildcard wheels),--no-index --find-links wheels,)

# While an installation goes on a mark lies there: cut off, it may have left half a package that pip
# would take for a whole one, so the next time everything is put in its place anew.
# (exec: what stops make stops pip, and not only the shell between them.)
INSTALL = begun=$$([ -e $(VENV)/.installing ] && echo --force-reinstall); touch $(VENV)/.installing; \
	exec $(PIP) install $$begun $(FROM) --no-deps --require-hashes

$(VENV)/.run-installed: requirements/run.txt pyproject.toml | $(VENV)/.made
	@echo "安装依赖（第一次要几分钟） / installing (some minutes the first time)"
	@$(INSTALL) --only-binary :all: -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@rm -f $(VENV)/.installing && touch $@

$(VENV)/.test-installed: requirements/test.txt $(VENV)/.run-installed
	@$(INSTALL) -r requirements/test.txt
	@rm -f $(VENV)/.installing && touch $@

.PHONY: assets
assets: $(VENV)/.run-installed
	@$(BIN)/python -m rongdang.web.vendor

clean:
	rm -rf $(VENV) node_modules build dist
