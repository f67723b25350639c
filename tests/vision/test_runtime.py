"""TFLite is found under its new name and its old one, both read the same faces alike, and neither is a clear error."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emotiond.records import Box
from emotiond.vision.classifier import load_classifier
from emotiond.vision.runtime import RuntimeMissingError, load_runtime
from emotiond.vision.sidecar import SHIPPED

VARIABLE = "EMOTIOND_TFLITE_RUNTIME_PYTHON"
#: The second network, with float16 weights: both runtimes compute it in floats.
FLOAT = Path(__file__).parents[2] / "model" / "weights" / "fer2013.tflite"
BOXES = [
    [173.0, 63.0, 104.0, 104.0],
    [150.0, 40.0, 160.0, 160.0],
    [20.5, 300.25, 90.0, 30.0],
    [400.0, 400.0, 300.0, 300.0],
]
#: Reads the boxes of the picture, pixels in a .npy file, and prints what it finds as JSON.
READ = """
import json, sys
from pathlib import Path
import numpy as np
from emotiond.records import Box, Frame
from emotiond.vision.classifier import load_classifier
model, picture, boxes = sys.argv[1:]
classifier = load_classifier(Path(model), "auto", 1)
frame = Frame("camera", 0, 0.0, np.load(picture), "picture")
readings = classifier.read(frame, [Box(*box) for box in json.loads(boxes)])
print(json.dumps({"runtime": classifier.runtime, "numpy": np.__version__,
                  "scores": [[*map(float, reading.scores), reading.not_a_face] for reading in readings]}))
"""
#: The same in a process that finds no LiteRT.
WITHOUT_LITERT = "import sys; sys.modules['ai_edge_litert'] = None\n" + READ


def installed(module):
    return importlib.util.find_spec(module) is not None


def read_elsewhere(python, script, model, tmp_path, astronaut):
    picture = tmp_path / "picture.npy"
    np.save(picture, astronaut)
    done = subprocess.run(
        [python, "-c", script, str(model), str(picture), json.dumps(BOXES)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_auto_prefers_litert():
    name, interpreter = load_runtime("auto")
    assert name == "litert"
    assert interpreter.__module__.startswith("ai_edge_litert")


@pytest.mark.skipif(installed("tflite_runtime"), reason="tflite-runtime is installed here")
def test_a_runtime_that_is_missing_is_named_with_the_remedy():
    with pytest.raises(RuntimeMissingError) as failure:
        load_runtime("tflite-runtime")
    expected = "[inference] runtime: tflite-runtime: not installed: pip install tflite-runtime"
    assert str(failure.value) == expected


@pytest.mark.skipif(installed("tflite_runtime"), reason="tflite-runtime is installed here")
def test_no_runtime_at_all_names_both():
    script = (
        "import sys; sys.modules['ai_edge_litert'] = None\n"
        "from emotiond.vision.runtime import load_runtime, RuntimeMissingError\n"
        "try: load_runtime('auto')\n"
        "except RuntimeMissingError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240, check=True)
    assert done.stdout == "[inference] runtime: auto: not installed: pip install ai-edge-litert or tflite-runtime\n"


# Where one rounds a logit of int8 up and the other down they are a step apart: 0.1 after the temperature.
@pytest.mark.parametrize(("model", "apart"), [(FLOAT, 0.02), (SHIPPED, 0.03)])
def test_tflite_runtime_reads_as_litert_does(model, apart, tmp_path, astronaut, frame_of):
    python = os.environ.get(VARIABLE)
    if not python:
        pytest.skip(f"{VARIABLE} names no interpreter with emotiond[tflite-runtime] (Python 3.11 only)")
    assert Path(python).exists(), f"{VARIABLE}={python}: no such file"
    # tflite-runtime's venv may hold LiteRT too, which `auto` would prefer.
    theirs = read_elsewhere(python, WITHOUT_LITERT, model, tmp_path, astronaut)
    assert theirs["runtime"] == "tflite-runtime"
    assert theirs["numpy"].startswith("1.")
    readings = load_classifier(model, "litert", 1).read(frame_of(astronaut), [Box(*box) for box in BOXES])
    ours = [[*reading.scores, reading.not_a_face] for reading in readings]
    np.testing.assert_allclose(theirs["scores"], ours, atol=apart)
