"""A network that has learned a little in PyTorch answers alike in PyTorch, Keras and TFLite."""

from pathlib import Path

import numpy as np
import pytest

from tests.model.extra import needs

pytestmark = [pytest.mark.train, *needs("torch", "tensorflow")]


def test_a_run_that_was_cut_off_goes_on_and_all_three_forms_agree(data_folder: Path, tmp_path: Path) -> None:
    import torch

    from emotiond.vision.classifier import load_classifier
    from model import calibrate, convert, sidecar, train
    from model.network import Shape
    from model.reading import read_crops
    from model.torch_network import TorchNetwork

    run = tmp_path / "run"
    settings = train.Settings(epochs=2, batch=32, growth=((1.0, 48),), mixed_share=0.5)
    train.train(settings, data_folder, run, None)
    (run / "weights.pt").unlink()
    # The same command on a finished run trains nothing more and writes the same weights again.
    before = torch.load(run / "checkpoint.pt", weights_only=True)
    train.train(settings, data_folder, run, None)
    weights = torch.load(run / "weights.pt", weights_only=True)
    assert all(torch.equal(weights[name], before["mean"][name]) for name in weights)
    assert (run / "history.csv").read_text().count("\n") == 1 + settings.epochs

    network = TorchNetwork(Shape())
    network.load_state_dict(weights)
    network.eval()
    faces = np.random.default_rng(4).integers(0, 256, (20, 48, 48), dtype=np.uint8)
    with torch.no_grad():
        in_torch = network(torch.from_numpy(faces[:, None] / np.float32(255.0))).numpy()

    keras_model = convert.keras_from_run(run)
    in_keras = np.asarray(keras_model(faces[..., None] / np.float32(255.0)))
    np.testing.assert_allclose(in_keras, in_torch, atol=1e-3)

    tflite = tmp_path / "network.tflite"
    tflite.write_bytes(convert.tflite_bytes(keras_model))
    sidecar.write(tflite, calibrate.sidecar_of())
    scores, not_a_face = read_crops(load_classifier(tflite, "auto", 1), faces)
    odds = np.exp(in_keras - in_keras.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    # float16 weights: half a percent.
    np.testing.assert_allclose(not_a_face, odds[:, 7], atol=0.005)
    np.testing.assert_allclose(scores, odds[:, :7] / odds[:, :7].sum(axis=1, keepdims=True), atol=0.005)


def test_a_pupil_hears_its_teachers_of_emotions_and_only_them(data_folder: Path, tmp_path: Path) -> None:
    import torch

    from model import train
    from model.batches import Batch
    from model.loss import taught, taught_original
    from model.network import Shape
    from model.rows import FACE_ONLY, LABELLED
    from model.teachers import Teacher
    from model.torch_network import TorchNetwork

    shape = Shape(stem_channels=8, stages=((16, 1), (24, 2)))
    torch.save(TorchNetwork(shape).state_dict(), tmp_path / "teacher.pt")
    teacher = Teacher.load(tmp_path / "teacher.pt")
    assert len(teacher.network.blocks) == 3, "its shape is read off its weights"

    faces = torch.rand(4, 1, 48, 48)
    target = torch.zeros(4, 8)
    # A face, what is half a face to the raters, what is none, and a face without a label.
    target[0, 3], target[1, 3], target[1, 7], target[2, 7], target[3, 7] = 1.0, 0.5, 0.5, 1.0, 1.0
    kind = torch.tensor([LABELLED, LABELLED, LABELLED, FACE_ONLY], dtype=torch.uint8)
    original = torch.zeros(4, 7)
    original[:2, 5] = 1.0
    batch = Batch(faces, target, torch.ones(4), kind, original)
    learned = taught(batch, [teacher], 0.7)
    mixed = learned.target
    assert (learned.kind == LABELLED).all()
    torch.testing.assert_close(mixed.sum(dim=1), torch.ones(4))
    torch.testing.assert_close(mixed[:, 7], torch.tensor([0.0, 0.5, 1.0, 0.0]))
    # It is not tied to its mirror image: both are heard.
    said = sum(torch.softmax(teacher.network(view)[:, :7].float(), dim=1) for view in (faces, faces.flip(3))) / 2
    torch.testing.assert_close(mixed[3, :7], said[3], atol=0.01, rtol=0.0)
    torch.testing.assert_close(mixed[0, :7], 0.3 * target[0, :7] + 0.7 * said[0], atol=0.01, rtol=0.0)
    # Of FER2013's own label they speak where there is one.
    theirs = taught_original(batch, [teacher], 0.6).original
    torch.testing.assert_close(theirs[0], 0.4 * original[0] + 0.6 * said[0], atol=0.01, rtol=0.0)
    assert not theirs[2:].any()

    settings = train.Settings(epochs=1, batch=32, growth=((1.0, 48),), original_weight=0.4)
    taught_by = [tmp_path / "teacher.pt"]
    train.train(settings, data_folder, tmp_path / "run", None, teachers=taught_by, original_teachers=taught_by)
    assert (tmp_path / "run" / "weights.pt").exists()


def test_training_keeps_a_network_tied_and_the_mean_of_a_walk_too(data_folder: Path, tmp_path: Path) -> None:
    import torch

    from model import train
    from model.teachers import Teacher

    settings = train.Settings(epochs=1, batch=32, growth=((1.0, 48),), mirrored=True, steady=True)
    train.train(settings, data_folder, tmp_path / "run", None)
    teacher = Teacher.load(tmp_path / "run" / "weights.pt")
    assert teacher.views == 1, "one that reads a face and its reflection alike is asked once"
    network = teacher.network
    faces = torch.rand(10, 1, 48, 48)
    with torch.no_grad():
        torch.testing.assert_close(network(faces), network(faces.flip(3)), atol=1e-4, rtol=1e-4)


def test_a_colour_classifier_with_labels_of_its_own_drops_in(tmp_path: Path) -> None:
    import keras
    import msgspec

    from emotiond.records import EMOTIONS, Box, Frame
    from emotiond.vision.classifier import load_classifier
    from emotiond.vision.sidecar import Input, Sidecar
    from model import convert
    from model.sidecar import write

    # Each of three outputs answers to one channel of the picture: joy to red, contempt to green, anger to blue.
    inputs = keras.Input((32, 40, 3))
    means = keras.layers.GlobalAveragePooling2D()(inputs)
    dense = keras.layers.Dense(3, activation="softmax")
    model = keras.Model(inputs, dense(means))
    dense.set_weights([np.diag([8.0, 8.0, 8.0]).astype(np.float32), np.zeros(3, np.float32)])
    tflite = tmp_path / "colours.tflite"
    tflite.write_bytes(convert.tflite_bytes(model))
    sidecar = Sidecar(
        schema=1,
        input=Input(height_pixels=32, width_pixels=40, channels=3, scale=2.0 / 255.0, offset=-1.0),
        labels=("joy", "contempt", "anger"),
        output="probabilities",
        label_map={"joy": "happy", "anger": "angry"},
    )
    write(tflite, sidecar)
    classifier = load_classifier(tflite, "auto", 1)

    def best(bgr: tuple[int, int, int]) -> tuple[str, float]:
        frame = Frame("camera", 0, 0.0, np.full((60, 60, 3), bgr, np.uint8), "picture", still=True)
        scores = classifier.read(frame, [Box(5.0, 5.0, 30.0, 30.0)])[0].scores
        assert scores.sum() == pytest.approx(1.0, abs=1e-5)
        assert scores[EMOTIONS.index("neutral")] == 0.0
        return EMOTIONS[int(scores.argmax())], float(scores.max())

    assert best((0, 0, 255))[0] == "happy"
    assert best((255, 0, 0))[0] == "angry"
    # Contempt has no counterpart: what is left is shared out anew.
    assert best((0, 255, 0))[1] == pytest.approx(0.5, abs=0.01)

    broken = msgspec.structs.replace(sidecar, labels=("joy", "anger"))
    write(tflite, broken)
    from emotiond.vision.sidecar import ModelError

    with pytest.raises(ModelError, match="3 outputs and its sidecar 2 labels"):
        load_classifier(tflite, "auto", 1)
