"""A detector that is small enough to know by heart: every bright cell of its three grids is a face of that size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

STRIDES = (8, 16, 32)
#: A cell's logit is this slope times its mean brightness, plus this bias: half as bright as white is the threshold.
SLOPE, BIAS = 20.0, -10.0


def write_cell_network(folder: Path, maps: tuple[int, ...] = STRIDES, **sidecar: Any) -> Path:
    """Write a detector with one map for each of these strides and its sidecar; return its path.

    Whatever is given by keyword replaces that field of the sidecar; None takes it out.
    """
    path = folder / "cells.tflite"
    path.write_bytes(_network(maps))
    said = {
        "kind": "face-detector",
        "strides": list(STRIDES),
        "score_above": 0.5,
        "weak_above": 0.2,
        "nms_overlap": 0.4,
        "square": {"side": 1.0, "right": 0.0, "down": 0.0},
        "smallest_pixels": 8.0,
    } | sidecar
    path.with_suffix(".json").write_text(json.dumps({key: value for key, value in said.items() if value is not None}))
    return path


def dotted(
    width: int, height: int, cells: list[tuple[int, int]], side: int = 8, bright: int = 255
) -> NDArray[np.uint8]:
    """Return a black picture u8 (height, width, 1) with a bright square in each of the cells (column, row)."""
    pixels = np.zeros((height, width, 1), np.uint8)
    for column, row in cells:
        pixels[row * side : (row + 1) * side, column * side : (column + 1) * side] = bright
    return pixels


def _network(strides: tuple[int, ...]) -> bytes:
    tensors = [_tensor("luma", (1, 64, 64, 1), (1, -1, -1, 1), 0)]
    buffers, operators = [schema.BufferT()], []
    for index, stride in enumerate(strides):
        weights = np.zeros((5, stride, stride, 1), "<f4")
        weights[0] = SLOPE / stride**2
        bias = np.array([BIAS, 0.0, 0.0, 0.0, 0.0], "<f4")
        for data in (weights, bias):
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            buffers.append(buffer)
        tensors += [
            _tensor(f"weights{stride}", weights.shape, None, 2 * index + 1),
            _tensor(f"bias{stride}", (5,), None, 2 * index + 2),
            _tensor(f"map{stride}", (1, 64 // stride, 64 // stride, 5), (1, -1, -1, 5), 0),
        ]
        operators.append(_convolution(stride, inputs=[0, 3 * index + 1, 3 * index + 2], output=3 * index + 3))
    graph = schema.SubGraphT()
    graph.tensors, graph.operators = tensors, operators
    # The coarsest first: outputs are known by their size, not by their order.
    graph.inputs, graph.outputs = [0], [3 * index + 3 for index in reversed(range(len(strides)))]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CONV_2D
    code.version = 1
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], buffers
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _convolution(stride: int, inputs: list[int], output: int) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, inputs, [output]
    operator.builtinOptionsType = schema.BuiltinOptions.Conv2DOptions
    operator.builtinOptions = schema.Conv2DOptionsT()
    operator.builtinOptions.padding = schema.Padding.VALID
    operator.builtinOptions.strideW = operator.builtinOptions.strideH = stride
    operator.builtinOptions.dilationWFactor = operator.builtinOptions.dilationHFactor = 1
    return operator


def _tensor(name: str, shape: tuple[int, ...], signature: tuple[int, ...] | None, buffer: int) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer, tensor.type = name, list(shape), buffer, schema.TensorType.FLOAT32
    if signature is not None:
        tensor.shapeSignature = list(signature)
    return tensor
