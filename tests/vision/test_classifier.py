"""The classifier reads what the network says, whatever the size of the batch, and refuses what is no network."""

from __future__ import annotations

import json

import numpy as np
import pytest

from emotiond.records import EMOTIONS, Box
from emotiond.vision.classifier import load_classifier
from emotiond.vision.sidecar import SHIPPED, ModelError, load_sidecar
from tests.vision.tiny_model import SIDE, write_mean_network


def scattered_boxes(count):
    rng = np.random.default_rng(5)
    return [Box(*map(float, (*rng.uniform(0, 400, 2), *rng.uniform(20, 160, 2)))) for _ in range(count)]


def test_a_smiling_face_is_happy(classifier, astronaut, astronaut_face, frame_of):
    (reading,) = classifier.read(frame_of(astronaut), [astronaut_face])
    assert EMOTIONS[int(reading.scores.argmax())] == "happy"
    assert reading.scores.max() > 0.5
    assert reading.not_a_face < 0.5


def test_scores_are_probabilities(classifier, astronaut, frame_of):
    for reading in classifier.read(frame_of(astronaut), scattered_boxes(5)):
        assert reading.scores.shape == (len(EMOTIONS),)
        assert reading.scores.dtype == np.float32
        assert (reading.scores >= 0.0).all()
        assert reading.scores.sum() == pytest.approx(1.0, abs=1e-5)
        assert 0.0 <= reading.not_a_face <= 1.0


def test_a_batch_of_any_size_reads_what_one_by_one_reads(classifier, astronaut, frame_of):
    frame, boxes = frame_of(astronaut), scattered_boxes(65)
    alone = [classifier.read(frame, [box])[0] for box in boxes]
    assert np.ptp([reading.scores for reading in alone], axis=0).max() > 0.1, "the faces must differ to prove anything"
    for size in (1, 3, 64, 65, 2):
        together = classifier.read(frame, boxes[:size])
        assert len(together) == size
        for one, other in zip(together, alone, strict=False):
            np.testing.assert_allclose(one.scores, other.scores, atol=1e-4)
            assert one.not_a_face == pytest.approx(other.not_a_face, abs=1e-4)


@pytest.mark.parametrize("engines", [2, 3])
def test_many_engines_read_what_one_reads(engines, classifier, astronaut, frame_of):
    many = load_classifier(SHIPPED, "auto", engines)
    frame, boxes = frame_of(astronaut), scattered_boxes(65)
    for size in (1, 2, 7, 65):
        one, other = classifier.read(frame, boxes[:size]), many.read(frame, boxes[:size])
        np.testing.assert_allclose([r.scores for r in other], [r.scores for r in one], atol=1e-5)
        np.testing.assert_allclose([r.not_a_face for r in other], [r.not_a_face for r in one], atol=1e-5)
        assert [r.quality for r in other] == [r.quality for r in one]
    assert all(engine.network_seconds > 0.0 for engine in many.engines), "each has had its share"


def test_a_fault_in_one_engine_is_nobodys_secret(astronaut, frame_of):
    many = load_classifier(SHIPPED, "auto", 2)
    good, bad = scattered_boxes(1)[0], Box(9e9, 9e9, 50.0, 50.0)
    with pytest.raises(ValueError, match="holds no pixel"):
        many._read_batch(frame_of(astronaut), [good, bad], np.ones(2))


def test_no_box_is_no_reading(classifier, astronaut, frame_of):
    assert classifier.read(frame_of(astronaut), []) == []


def test_a_gray_picture_reads_as_its_coloured_twin(classifier, astronaut, astronaut_face, frame_of):
    gray = np.ascontiguousarray(astronaut.mean(axis=2, keepdims=True).astype(np.uint8))
    coloured = np.repeat(gray, 3, axis=2)
    readings = [classifier.read(frame_of(pixels), [astronaut_face])[0].scores for pixels in (gray, coloured)]
    np.testing.assert_allclose(*readings, atol=1e-4)


@pytest.mark.parametrize(("blue_green_red", "emotion"), [((0, 0, 255), 0), ((0, 255, 0), 3), ((255, 0, 0), 4)])
def test_a_network_of_colours_gets_red_green_blue(tmp_path, frame_of, blue_green_red, emotion):
    network = load_classifier(write_mean_network(tmp_path), "auto", 1)
    pixels = np.full((20, 20, 3), blue_green_red, np.uint8)
    for reading in network.read(frame_of(pixels), [Box(0.0, 0.0, 20.0, 20.0)] * 3):
        assert int(reading.scores.argmax()) == emotion
        assert reading.scores[emotion] == pytest.approx(1.0)


def test_scale_and_offset_of_the_sidecar_are_obeyed(tmp_path, frame_of):
    contract = {"height_pixels": SIDE, "width_pixels": SIDE, "channels": 3, "scale": 1.0 / 255.0, "offset": 0.5}
    network = load_classifier(write_mean_network(tmp_path, input=contract), "auto", 1)
    red = np.full((9, 9, 3), (0, 0, 255), np.uint8)
    (reading,) = network.read(frame_of(red), [Box(0.0, 0.0, 9.0, 9.0)])
    # Outputs 1.5, 0.5 and 0.5, shared out.
    np.testing.assert_allclose(reading.scores[[0, 3, 4]], [0.6, 0.2, 0.2], atol=1e-5)


def test_the_crop_is_as_wide_as_the_sidecar_says(tmp_path, frame_of):
    contract = {"height_pixels": SIDE, "width_pixels": SIDE, "channels": 3, "scale": 1.0, "crop_scale": 2.0}
    network = load_classifier(write_mean_network(tmp_path, input=contract), "auto", 1)
    pixels = np.full((40, 40, 3), (0, 0, 200), np.uint8)
    pixels[10:30, 10:30] = (0, 200, 0)
    (reading,) = network.read(frame_of(pixels), [Box(10.0, 10.0, 20.0, 20.0)])
    # A quarter of the doubled square is the green face, the rest the red around it.
    np.testing.assert_allclose(reading.scores[[0, 3]], [0.75, 0.25], atol=1e-5)


def test_logits_become_probabilities_at_the_sidecars_temperature(tmp_path):
    network = load_classifier(write_mean_network(tmp_path, output="logits", temperature=2.0), "auto", 1)
    (reading,) = network.readings_of(np.array([[2.0, 0.0, -2.0]], np.float32))
    expected = np.exp([1.0, 0.0, -1.0]) / np.exp([1.0, 0.0, -1.0]).sum()
    np.testing.assert_allclose(reading.scores[[0, 3, 4]], expected, atol=1e-6)
    assert reading.scores[[1, 2, 5, 6]].max() == 0.0


def test_labels_are_translated_and_strangers_are_dropped(tmp_path):
    model = write_mean_network(
        tmp_path, labels=["rage", "contempt", "not_a_face"], label_map={"rage": "angry", "joy": "happy"}
    )
    network = load_classifier(model, "auto", 1)
    first, second = network.readings_of(np.array([[0.3, 0.5, 0.2], [0.0, 0.1, 0.9]], np.float32))
    assert first.scores[0] == pytest.approx(1.0)
    assert first.not_a_face == pytest.approx(0.2)
    # Nothing of an emotion is left to share out: then nothing is known.
    np.testing.assert_allclose(second.scores, np.full(7, 1 / 7), atol=1e-6)
    assert second.not_a_face == pytest.approx(0.9)


def test_the_prior_is_divided_out_to_its_power(tmp_path):
    prior = [0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1]
    network = load_classifier(write_mean_network(tmp_path, prior=prior, prior_power=0.5), "auto", 1)
    (reading,) = network.readings_of(np.array([[0.25, 0.5, 0.25]], np.float32))
    np.testing.assert_allclose(reading.scores[[0, 3, 4]], [1 / 3, 1 / 3, 1 / 3], atol=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.97])
def test_a_file_that_is_cut_short_is_refused(shipped_model, share):
    whole = shipped_model.read_bytes()
    shipped_model.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ModelError, match=r"emotion\.tflite: not a TFLite file that litert can run: ") as failure:
        load_classifier(shipped_model, "litert", 1)
    assert "\n" not in str(failure.value)


def test_a_file_that_is_something_else_is_refused(shipped_model):
    shipped_model.write_text("not a network\n" * 100)
    with pytest.raises(ModelError, match=r"emotion\.tflite: not a TFLite file that "):
        load_classifier(shipped_model, "auto", 1)


def test_a_missing_file_is_refused(shipped_model):
    shipped_model.unlink()
    with pytest.raises(ModelError, match=r"emotion\.tflite"):
        load_classifier(shipped_model, "auto", 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"input": {"height_pixels": 48, "width_pixels": 48, "channels": 3, "scale": 1.0}},
            r"reads \(8, 8, 3\) and its",
        ),
        ({"labels": ["angry", "happy"]}, "has 3 outputs and its sidecar 2 labels"),
        ({"labels": ["a", "b", "c"]}, "labels: none of them is one of angry, "),
        ({"labels": ["angry", "angry", "sad"]}, "labels: one is given twice"),
        ({"prior": [0.5, 0.5], "prior_power": 0.5}, "prior: needs 7 positive shares"),
        ({"schema": 2}, "not a sidecar: "),
        ({"labels": None}, "not a sidecar: .*labels"),
        ({"temprature": 2.0}, "not a sidecar: .*temprature"),
        ({"temperature": 0.0}, "not a sidecar: .*temperature"),
    ],
)
def test_a_sidecar_that_does_not_fit_is_refused_in_one_line(tmp_path, changes, message):
    model = write_mean_network(tmp_path, **changes)
    with pytest.raises(ModelError, match=message) as failure:
        load_classifier(model, "auto", 1)
    assert str(failure.value).startswith(str(tmp_path))
    assert "\n" not in str(failure.value)


def test_a_sidecar_that_is_missing_or_no_json_is_refused(tmp_path):
    model = write_mean_network(tmp_path)
    model.with_suffix(".json").write_text("{")
    with pytest.raises(ModelError, match=r"mean\.json: not a sidecar"):
        load_classifier(model, "auto", 1)
    model.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match=r"mean\.json: the sidecar of mean\.tflite cannot be read: No such file"):
        load_classifier(model, "auto", 1)


def test_the_shipped_sidecar_knows_all_seven_emotions():
    sidecar = load_sidecar(SHIPPED)
    assert (sidecar.emotion_columns() >= 0).all()
    assert set(json.loads(SHIPPED.with_suffix(".json").read_text())["labels"]) >= set(EMOTIONS)
    assert SHIPPED.stat().st_size < 1_000_000
