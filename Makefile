# Everything a person needs here: `make demo`, `make test`; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

MODEL ?= runs/multi30k-en-fr

.PHONY: help demo test test-slow check wheel bench bench-peers bench-decoding bench-serving clean
.DEFAULT_GOAL := help

help:  ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' Makefile | expand -t 12

demo: .venv/use  ## learn English -> French before your eyes, in about two minutes
	$(BIN)/regard demo

test: .venv/develop  ## the fast tests
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

test-slow: .venv/develop  ## the tests that train for minutes
	$(BIN)/python -m pytest -m slow

check: .venv/develop  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheel: .venv/develop  ## build dist/regard-*.whl
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

bench: .venv/use  ## what training costs here, beside the textbook loop
	$(BIN)/python benchmarks/bench.py

bench-peers: .venv/use runs/benchmark/joeynmt/ready runs/benchmark/eole/ready  ## training speed beside JoeyNMT and Eole
	$(BIN)/python benchmarks/bench.py --peers

bench-decoding: .venv/use runs/benchmark/ctranslate2/ready  ## how fast $(MODEL) decodes, beside the textbook and CTranslate2
	$(BIN)/python benchmarks/decoding.py $(MODEL) --peers
	$(BIN)/python benchmarks/decoding.py $(MODEL) --peers --threads 0

bench-serving: .venv/use  ## how many clients $(MODEL) serves, in batches and one by one
	$(BIN)/python benchmarks/serving.py $(MODEL) ../shared/data/multi30k/test2016.en

clean:  ## remove what was made, but for trained models
	rm -rf .venv build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Regard needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv

.venv/use: .venv/bin/python pyproject.toml constraints.txt
	$(INSTALL) --editable ".[train,plot,serve]"
	@touch $@

.venv/develop: .venv/bin/python pyproject.toml constraints.txt
	$(INSTALL) --editable ".[train,plot,picture,serve,dev]"
	$(INSTALL) --no-deps argostranslate==1.11.0
	@touch $@ .venv/use

runs/benchmark/ctranslate2/ready: benchmarks/peers/ctranslate2.txt | .venv/bin/python
	$(BIN)/python -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

runs/benchmark/%/ready: benchmarks/peers/%.txt | .venv/bin/python
	$(BIN)/python -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $< torch
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	@touch $@
