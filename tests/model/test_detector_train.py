"""A detector that has learned a little in PyTorch, was cut off and went on, answers alike in PyTorch and TFLite."""

from pathlib import Path

import numpy as np
import pytest

from model.detector.network import STRIDES, Shape
from model.detector.truth import Picture
from tests.model.extra import needs

pytestmark = [pytest.mark.train, *needs("torch", "tensorflow")]


def _discs(count: int) -> list[Picture]:
    """Bright discs on noise, which stand for faces."""
    rng = np.random.default_rng(6)
    result = []
    for index in range(count):
        gray = rng.integers(0, 120, (300, 300)).astype(np.uint8)
        x, y, radius = rng.integers(60, 240), rng.integers(60, 240), rng.integers(10, 40)
        rows, columns = np.ogrid[:300, :300]
        gray[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = 230
        face = np.array([[x - radius, y - radius, x + radius, y + radius]], np.float32)
        result.append(Picture(str(index), gray, face, np.zeros((0, 4), np.float32), measured=False))
    return result


def test_it_learns_goes_on_where_it_was_cut_off_and_converts(tmp_path: Path) -> None:
    import torch

    from emotiond.vision.runtime import load_runtime
    from model.convert import tflite_bytes
    from model.detector import convert, train
    from model.detector.crops import Strength
    from model.detector.torch_network import TorchNetwork

    run = tmp_path / "run"
    pictures = _discs(32)
    # Words beside a disc are too much for so few steps.
    plain = Strength(letters_share=0.0)
    train.train(train.Settings(passes=2, batch=8, strength=plain), pictures, np.zeros((0, 48, 48), np.uint8), run)
    (run / "weights.pt").unlink()
    train.train(train.Settings(passes=4, batch=8, strength=plain), pictures, np.zeros((0, 48, 48), np.uint8), run)
    history = [line.split(",") for line in (run / "history.csv").read_text().splitlines()[1:]]
    assert [int(row[0]) for row in history] == [0, 1, 2, 3]
    assert float(history[-1][1]) + float(history[-1][2]) < float(history[0][1]) + float(history[0][2])

    network = TorchNetwork(Shape())
    network.load_state_dict(torch.load(run / "weights.pt", weights_only=True))
    network.eval()
    interpreter = load_runtime("auto")[1](model_content=tflite_bytes(convert.keras_from_run(run)))
    entrance = interpreter.get_input_details()[0]["index"]
    for height, width in ((192, 320), (96, 64)):
        luma = np.random.default_rng(7).random((1, height, width, 1), np.float32)
        interpreter.resize_tensor_input(entrance, luma.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entrance, luma)
        interpreter.invoke()
        found = {
            tuple(interpreter.get_tensor(output["index"]).shape[1:3]): interpreter.get_tensor(output["index"])
            for output in interpreter.get_output_details()
        }
        with torch.no_grad():
            expected = network(torch.from_numpy(luma.transpose(0, 3, 1, 2)))
        for answer, stride, by in zip(expected, STRIDES, convert.RAISED, strict=True):
            answer[:, 0] += by
            same = found[height // stride, width // stride].transpose(0, 3, 1, 2)
            np.testing.assert_allclose(same, answer.numpy(), atol=0.05)


def test_the_best_box_of_a_face_scores_best_and_what_lies_beside_it_need_not_answer() -> None:
    import torch

    from model.detector.crops import Crop
    from model.detector.targets import BESIDE, FACE
    from model.detector.train import Settings, batch_of, decoded, loss_of

    # The first in the middle of four cells of the finest map; the second is a little too large for it.
    faces = np.array([[160.0, 160.0, 30.0, 30.0], [80.0, 80.0, 36.0, 36.0]], np.float32)
    crop = Crop(np.zeros((320, 320), np.uint8), faces, np.zeros((0, 4), np.float32))
    batch = batch_of([crop], Settings())
    maps = [torch.zeros((1, 5, 320 // stride, 320 // stride)) for stride in STRIDES]
    maps[0][:, 3:] = np.log(20.0 / 8.0)
    # One of the four frames the face as it is.
    maps[0][0, 1:, 19, 19] = torch.tensor([0.5, 0.5, np.log(30.0 / 8.0), np.log(30.0 / 8.0)])
    maps[0][0, 0] = 3.0
    for level in maps:
        level.requires_grad_()
    logits, boxes = decoded(maps)
    assert boxes[19 * 40 + 19].tolist() == pytest.approx([160.0, 160.0, 30.0, 30.0])
    sum(loss_of(maps, batch, Settings(box_weight=1.0))).backward()
    assert maps[0].grad is not None
    score, box = maps[0].grad[0, 0], maps[0].grad[0, 3].abs()
    assert score[19, 19] < 0.0 < score[20, 20], "the best box is to score more, the others less"
    assert score[0, 0] > 0.0
    assert not box[0, 0]
    part = batch.part[: 40 * 40].reshape(40, 40)
    assert (part[19:21, 19:21] == FACE).all()
    beside = part == BESIDE
    assert beside.any()
    assert not score[beside].any()
    assert box[beside].all()
    assert len(logits) == sum((320 // stride) ** 2 for stride in STRIDES)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    import torch

    from model.checkpoint import start_from
    from model.detector.torch_network import TorchNetwork

    network = TorchNetwork(Shape())
    others = network.state_dict()
    torch.save(others, tmp_path / "same.pt")
    start_from(TorchNetwork(Shape()), tmp_path / "same.pt")
    del others["stem.conv.weight"]
    torch.save(others, tmp_path / "others.pt")
    with pytest.raises(ValueError, match=r"another network: .*stem\.conv\.weight"):
        start_from(network, tmp_path / "others.pt")


def test_torn_weights_are_refused(tmp_path: Path) -> None:
    import torch

    from model.checkpoint import loaded
    from model.detector.torch_network import TorchNetwork
    from model.torch_network import network_from

    path = tmp_path / "weights.pt"
    torch.save(TorchNetwork(Shape()).state_dict(), path)
    with pytest.raises(ValueError, match=r"weights\.pt: not weights of an emotion network$"):
        network_from(path)
    whole = path.read_bytes()
    for torn in (b"", b"no archive", whole[:10], whole[: len(whole) // 2]):
        path.write_bytes(torn)
        with pytest.raises(ValueError, match=r"weights\.pt: torn, or not what a training run writes$"):
            loaded(path)


def test_a_part_that_is_to_stay_float_must_be_there() -> None:
    from model.convert import tflite_bytes
    from model.detector.network import keras_network

    small = Shape(stem_channels=2, quarter_channels=2, channels=4, head_channels=4)
    inputs = iter([np.random.default_rng(9).random((1, 64, 64, 1), np.float32)])
    with pytest.raises(ValueError, match="nothing in the network is called lantern"):
        tflite_bytes(keras_network(small), inputs, ["raise16", "lantern"])
