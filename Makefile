# The commands of the project. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup site release merged netlify follow test test-clone test-setup lint lock clean

# The first Python that is new enough; say PYTHON=/path/to/python to choose another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
RUN := .venv/bin/python

help:
	@echo "make site    build site/ from the embedded sample"
	@echo "make release restore the archived CMS releases, else fetch the newest; build site/ from the one in force"
	@echo "make merged  as release, with what a merged pull request on a release accepted"
	@echo "make follow  look for what is new at CMS; .build/follow/ then holds the pull request, or the issue that says why not"
	@echo "make netlify what Netlify runs: merged where an archive is named, else site; a preview is not to be indexed"
	@echo "make test    set up what the tests need and run all of them"
	@echo "make test-clone  what a push runs: test, and what a clone lacks of ../shared is skipped"
	@echo "make setup   make .venv alone; then .venv/bin/python build.py --help"
	@echo "make lint    ruff and mypy"
	@echo "make lock    write requirements*.txt anew from requirements*.in"
	@echo "make clean   remove what was built (not .venv, not imported releases)"

setup: .venv/.runtime

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "MedPayIQ needs Python 3.11 or newer. Install it, or say: make PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "Could not make .venv. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf .venv; exit 2; }

# The stamps are older than a changed list of requirements, so that a pull installs what it needs.
.venv/.runtime: requirements.txt | .venv/bin/python
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt | .venv/bin/python
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/.runtime

site: setup
	$(RUN) build.py --release sample
	@echo "look at it: $(RUN) build.py serve"

# For a machine that holds no CMS release yet. Should nothing be restored or fetched, it stops: the sample is no release.
release: setup
	$(RUN) build.py archive pull --or-fetch
	$(RUN) build.py
	@echo "look at it: $(RUN) build.py serve"

# A snapshot that was accepted and is not archived yet is fetched, and must be the same as then; else it stops.
merged: setup
	$(RUN) build.py archive pull
	$(RUN) build.py follow --accepted
	$(RUN) build.py

# make ends with 2 whatever a command ends with: where the code counts, call build.py follow.
follow: setup
	@$(RUN) build.py follow || test $$? = 3

netlify: setup
	@if [ -n "$$MEDPAYIQ_ARCHIVE$$GH_REPO" ]; then $(MAKE) --no-print-directory merged; else $(MAKE) --no-print-directory site; fi
	@if [ "$${CONTEXT:-production}" != production ]; then printf '/*\n  X-Robots-Tag: noindex\n' > site/_headers; echo "site/_headers: not to be indexed"; fi

# Node serves the tests alone. Without it they skip, with a line that says what to install.
test-setup: .venv/.development
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory node_modules/.stamp; else echo "no Node: the browser and markup tests will be skipped (install Node 20 or newer)"; fi

node_modules/.stamp: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Of -X dev all but the debug allocator, which finds nothing in a program without C of its own and costs an eighth of the time.
# The processes that pytest starts are told so one by one: they do not take over the options of the one that starts them.
test: test-setup lint
	PYTHONMALLOC=pymalloc $(RUN) -m pytest --dist=load --tx="$$($(RUN) -c 'import os; print(min(4, os.cpu_count() or 1))')*popen//python=$(RUN) -bb -X dev"

# Real releases and manuals lie outside the project: without them their tests skip, with a line each. Programs must be there.
test-clone:
	@if [ -d ../shared ]; then .ci/run; else \
	  for one in node npm java; do command -v $$one >/dev/null || { echo "$$one is not here: install it, or run make test"; exit 2; }; done; \
	  test -n "$$CHROMIUM" || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { echo "Chromium is not here: install it, or run make test"; exit 2; }; \
	  $(MAKE) --no-print-directory test; fi

lint: .venv/.development
	$(RUN) -m ruff check .
	$(RUN) -m mypy

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --upgrade requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --upgrade requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf site .site.spare .build .pytest_cache .mypy_cache .ruff_cache
