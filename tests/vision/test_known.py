"""What is recorded of the network that ships is what it gives here; another one, or a broken build, differs."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond.vision.known import BATCH, Known, agrees, digest, load_known, outputs_of, pattern
from emotiond.vision.runtime import load_runtime
from emotiond.vision.sidecar import SHIPPED, ModelError

MODELS = sorted(SHIPPED.parent.glob("*.tflite"))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_record_is_current(model):
    known = load_known(model)
    assert known is not None, f"python -m model.known {model} records it"
    assert known.sha256 == digest(model), f"python -m model.known {model} records it anew"
    assert agrees(known, outputs_of(model, load_runtime("auto")[1]))


def test_what_a_broken_build_would_give_differs():
    known = load_known(SHIPPED)
    outputs = outputs_of(SHIPPED, load_runtime("auto")[1])
    largest = np.abs(outputs[0]).max()
    assert agrees(known, [outputs[0] + 0.05 * largest])
    assert not agrees(known, [outputs[0] + 0.2 * largest])
    assert not agrees(known, [np.zeros_like(outputs[0])])
    assert not agrees(known, [outputs[0][:, ::-1]])
    assert not agrees(known, [outputs[0][:2]])
    assert not agrees(known, [])


def test_the_pattern_is_the_same_everywhere_and_uses_the_whole_range():
    waves = pattern((BATCH, 48, 48, 1))
    assert (waves.shape, waves.dtype) == ((BATCH, 48, 48, 1), np.float32)
    assert waves[0, 0, 0, 0] == pytest.approx(0.5 + 0.25 * np.sin(1.0), abs=1e-6)
    assert 0.0 <= waves.min() < 0.1
    assert 0.9 < waves.max() <= 1.0


def test_nothing_known_is_no_error(tmp_path):
    assert load_known(tmp_path / "x.tflite") is None
    (tmp_path / "x.known.json").write_text("{}")
    assert load_known(tmp_path / "x.tflite") is None
    assert Known("", []).outputs == []


def test_a_file_that_is_no_network_is_named(tmp_path):
    (tmp_path / "x.tflite").write_bytes(b"TFL3 and nothing more")
    with pytest.raises(ModelError, match=r"x\.tflite: cannot be run: "):
        outputs_of(tmp_path / "x.tflite", load_runtime("auto")[1])
