# Every target does all of its own set-up; a second run starts in seconds.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py $(wildcard native/*.pyx native/*.pxd)
# tflite-runtime, TFLite under its former name, has wheels for Python 3.11 alone.
TFLITE_VENV := $(VENV)-tflite-runtime
HAS_311 := $(shell $(PYTHON) -c 'import sys; print("yes" if sys.version_info[:2] == (3, 11) else "")' 2>/dev/null)

.PHONY: help demo test test-long test-train lint model bench-mood clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo [SOURCE=S]  see the whole path work, in about 15 seconds'
	@echo 'make test             run all tests'
	@echo 'make test-long        the same with the full counts of faults'
	@echo 'make test-train       the tests that need TensorFlow and PyTorch'
	@echo 'make lint             style, types, stubs'
	@echo 'make bench-mood       tracks, moods and events against a known truth; CLIP=FILE takes a real clip'
	@echo 'make model DATA=DIR   train, convert and calibrate the emotion network'
	@echo 'make clean            remove what these made'

demo: $(VENV)/.demo
	$(BIN)/emotiond demo $(if $(SOURCE),--source '$(SOURCE)')

test: $(VENV)/.test $(if $(HAS_311),$(TFLITE_VENV)/.ready)
	EMOTIOND_TFLITE_RUNTIME_PYTHON=$(if $(HAS_311),$(TFLITE_VENV)/bin/python) $(BIN)/python -m pytest $(ARGS)

test-long: export EMOTIOND_LONG = 1
test-long: test

test-train: $(VENV)/.train
	$(BIN)/python -m pytest -m train $(ARGS)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH=$(BIN):$$PATH $(BIN)/cython-lint native
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest emotiond.native --mypy-config-file pyproject.toml

$(VENV)/.base: $(SOURCES) deploy/prepare.sh
	sh deploy/prepare.sh
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "emotiond needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[systemd]'
	touch $@

$(VENV)/.demo: $(VENV)/.base
	$(BIN)/pip install --quiet --editable '.[systemd,demo]'
	touch $@

$(VENV)/.test: $(VENV)/.base
	sh deploy/prepare.sh mosquitto
	$(BIN)/pip install --quiet --editable '.[systemd,demo,test]'
	touch $@

$(VENV)/.lint: $(VENV)/.test
	$(BIN)/pip install --quiet --editable '.[systemd,demo,test,lint]'
	touch $@

$(VENV)/.train: $(VENV)/.test
	$(BIN)/pip install --quiet --editable '.[systemd,demo,test,train]'
	touch $@

$(TFLITE_VENV)/.ready: $(SOURCES) deploy/prepare.sh
	sh deploy/prepare.sh
	test -x $(TFLITE_VENV)/bin/python || $(PYTHON) -m venv $(TFLITE_VENV)
	$(TFLITE_VENV)/bin/pip install --quiet '.[tflite-runtime]'
	touch $@

bench-mood: $(VENV)/.base
	$(BIN)/emotiond bench --mood $(if $(CLIP),--clip '$(CLIP)') $(ARGS)

clean:
	rm -rf $(VENV) $(TFLITE_VENV) build dist daemon/*.egg-info daemon/emotiond/native/*.so .mypy_cache .pytest_cache .ruff_cache
