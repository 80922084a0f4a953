# `make` lists the targets.  Everything that needs thought is Python: oslab/course (learners), tools (authors).
VENV ?= .venv
PY := $(VENV)/bin/python

# The first of these that is Python 3.11 to 3.14 and can make virtual environments; `make lab PYTHON=…` overrules.
GOOD := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11 python3.14,\
	$(shell $(p) -c '$(GOOD)' >/dev/null 2>&1 && echo $(p))))
SOURCES = $(shell find oslab -name '*.py')

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16
	@echo "For authors:"
	@grep -hE '^[a-z-]+:.*##\+ ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##\+ /\t/' | expand -t 16

lab: $(VENV)/stamp-lab ## open the course in JupyterLab, on your own copies in my-notebooks/
	$(PY) -m oslab my-notebooks

author: $(VENV)/stamp-lab ##+ open the original notebooks in JupyterLab
	$(PY) -m oslab --originals

test: $(VENV)/stamp-test ## unit tests, then every notebook by nbval
	$(PY) -m pytest -n auto --maxprocesses 4
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --nbval --nbval-current-env notebooks

test-browser: $(VENV)/stamp-browser ##+ every notebook in a real browser; pictures of all labs go to screenshots/
	$(PY) -m pytest tests/browser

notebooks: $(VENV)/stamp-test ##+ run the original notebooks and store their pictures and texts
	$(PY) -m tools.notebooks

APP ?= notebooks
voila: $(VENV)/stamp-lecture $(VENV)/stamp-warm ## lecture mode as an app, without code: make voila APP=notebooks/03_memory.ipynb
	OSLAB_LECTURE=1 $(PY) -m voila --Voila.ip=127.0.0.1 $(APP)

glossary: $(VENV)/stamp-test ##+ link the first use of every term, in all notebooks
	$(PY) -m tools.glossary

readme: $(VENV)/stamp-test ##+ write the README's list of chapters anew, and the repository's address everywhere
	$(PY) -m tools.readme

pictures: $(VENV)/stamp-browser ##+ take the README's pictures anew, in a real browser
	$(PY) -m tools.pictures

lint: $(VENV)/stamp-test ##+ ruff (rules and format), mypy, spelling, who may import whom, notebooks and style
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m codespell_lib $(shell git ls-files README.md CHANGELOG.md CONTRIBUTING.md docs notebooks oslab tests tools benchmarks)
	$(PY) -m tools.lint

site: $(VENV)/stamp-site ## the course as pages that work from a folder, where every lab drags: open site/index.html
	$(PY) -m oslab site

bench: $(VENV)/stamp-bench ##+ speed beside C and the peers, in one run
	$(PY) -m benchmarks

binder-check: $(VENV)/stamp-test ##+ do here what Binder does; a student's memory, time to the first lab (minutes)
	$(PY) -m tools.binder_check

wheel-check: $(VENV)/stamp-test ##+ build the wheel; open the course from it with each Python at hand (minutes)
	$(PY) -m tools.wheel_check

readme-check: $(VENV)/stamp-browser ##+ run all that the README shows, the recipes, every demo of docs/teaching.md (minutes)
	$(PY) -m tools.recipes
	$(PY) -m tools.demos
	$(PY) -m tools.readme_check

warm: $(VENV)/stamp-lab ## compile all kernels once
	$(PY) -m oslab.course.warm

$(VENV)/bin/python:
	$(if $(PYTHON),,$(error oslab needs Python 3.11 to 3.14 with venv; none was found (on Debian: apt install \
	python3-venv).  Install one, or name it: make lab PYTHON=/path/to/python3.12))
	$(PYTHON) -m venv $(VENV)

# One stamp for each extra of pyproject.toml; it is made anew when what is needed changes.
$(VENV)/stamp-lab: EXTRAS = lab
$(VENV)/stamp-test: EXTRAS = lab,test
$(VENV)/stamp-browser: EXTRAS = lab,test,browser,lecture
$(VENV)/stamp-lecture: EXTRAS = lab,lecture
$(VENV)/stamp-site: EXTRAS = lab,site
$(VENV)/stamp-bench: EXTRAS = lab,test,bench
$(VENV)/stamp-teach: EXTRAS = lab,test,teach
$(VENV)/stamp-%: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing what oslab needs into $(VENV) (a minute or two, once) …"
	$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

$(VENV)/stamp-warm: $(SOURCES) | $(VENV)/stamp-lab
	$(PY) -m oslab.course.warm
	@touch $@

.PHONY: help lab author site test test-browser voila notebooks glossary readme pictures lint bench binder-check wheel-check readme-check warm
.DEFAULT_GOAL := help
