"""A still's detections are asked of both networks: the classifier's word moves the detector's score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotiond import parts
from emotiond.config import Camera, Config, Detector, Inference, Tracking
from emotiond.records import Box, Face, Frame, PixelFormat, Reading
from emotiond.vision.framing import load_framing
from emotiond.vision.second import Second
from emotiond.vision.sidecar import ModelError, SecondOpinion, load_sidecar
from tests.vision.tiny_detector import dotted, write_cell_network
from tests.vision.tiny_model import write_mean_network

SECOND = Second(SecondOpinion(against=0.5, in_favour=0.1, most=6.0), 0.45)
SHARES = st.floats(0.0, 1.0)


def heard(score: float, not_a_face: float, quality: float = 1.0) -> float:
    reading = Reading(np.full(7, 1 / 7, np.float32), not_a_face, quality)
    return SECOND.heard(Face(Box(0.0, 0.0, 48.0, 48.0), score), reading).score


def test_doubt_counts_half_and_trust_a_tenth():
    # Odds of 9 to 1 against leave a third of the odds; odds of 9 to 1 in favour add a quarter.
    assert heard(0.5, 0.9) == pytest.approx(1 / (1 + 3))
    assert heard(0.5, 0.1) == pytest.approx(9**0.1 / (9**0.1 + 1))
    assert heard(0.5, 0.1, quality=0.5) == pytest.approx(9**0.05 / (9**0.05 + 1))


def test_what_was_not_read_keeps_its_score():
    assert heard(0.6, 0.0, quality=0.0) == 0.6


@given(SHARES, SHARES, SHARES, SHARES)
def test_a_surer_detector_and_a_surer_classifier_never_lower_a_score(score, more, not_a_face, less):
    scores = heard(min(score, more), not_a_face), heard(max(score, more), not_a_face)
    assert 0.0 < scores[0] <= scores[1] < 1.0
    assert heard(score, max(not_a_face, less)) <= heard(score, min(not_a_face, less))


@given(SHARES)
def test_trust_ends_where_most_says(score):
    assert heard(score, 1e-6) == heard(score, 0.5 / (np.exp(6.0) + 1.0))


OPINION = {"against": 0.5, "in_favour": 1.0, "most": 6.0}
PERFECTLY_SEEN = {"min_face_pixels": 0.0, "full_face_pixels": 8.0, "min_sharpness": 0.0, "full_sharpness": 0.0}
BOTH = {"asked_above": 0.2, "seconded_above": 0.5}
LABELS = ["angry", "not_a_face", "sad"]


@pytest.fixture
def shown(tmp_path):
    """Scores of the faces that a still with one weak face shows; ``not_a_face`` is what the classifier says of it."""

    def build(not_a_face=0.001, opinion=OPINION, sure_score=0.0, **framing):
        scale = not_a_face / 118.0
        contract = {"height_pixels": 8, "width_pixels": 8, "channels": 3, "scale": scale}
        finder = write_cell_network(tmp_path, **framing)
        reader = write_mean_network(tmp_path, input=contract, labels=LABELS, second_opinion=opinion)
        config = Config(
            camera=(Camera(name="hall"),),
            detector=Detector(model=str(finder)),
            inference=Inference(model=str(reader), **PERFECTLY_SEEN),
            tracking=Tracking(sure_score=sure_score),
        )
        pixels = dotted(320, 192, [(6, 6)], 24, bright=118)
        frame = Frame("hall", 0, 0.0, pixels, "made", still=True, format=PixelFormat.GRAY)
        return [face.face.score for face in parts.pipeline(config).process(frame).faces]

    return build


def test_a_weak_face_of_a_still_counts_where_the_classifier_sees_one(shown):
    assert shown(**BOTH)
    assert not shown(**BOTH, not_a_face=0.9)


def test_a_wish_for_surer_faces_stays_what_it_is(shown):
    assert not shown(**BOTH, sure_score=0.9999)


@pytest.mark.parametrize("lacking", [{}, {**BOTH, "opinion": None}])
def test_where_one_sidecar_knows_nothing_of_it_the_detector_is_alone(shown, lacking):
    assert not shown(**lacking)
    assert shown(score_above=0.3, **lacking) == pytest.approx(
        [0.319] * len(shown(score_above=0.3, **lacking)), abs=0.01
    )


def test_a_network_that_knows_no_such_thing_gives_no_second_opinion(tmp_path):
    model = write_mean_network(tmp_path, second_opinion=OPINION)
    with pytest.raises(ModelError, match="second_opinion: needs a label that means not_a_face"):
        load_sidecar(model)


@pytest.mark.parametrize("alone", ["asked_above", "seconded_above"])
def test_a_detector_says_both_when_it_asks_and_what_it_takes_then(tmp_path, alone):
    model = write_cell_network(tmp_path, **{alone: BOTH[alone]})
    with pytest.raises(ModelError, match="asked_above, seconded_above: both or none"):
        load_framing(model)
