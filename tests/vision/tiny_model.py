"""A TFLite network that is small enough to know by heart, written without TensorFlow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

SIDE = 8


def write_mean_network(folder: Path, channels: int = 3, **sidecar: Any) -> Path:
    """Write a network whose outputs are the means of its input's channels, with a sidecar; return its path.

    Whatever is given by keyword replaces that field of the sidecar; None takes it out.
    """
    path = folder / "mean.tflite"
    path.write_bytes(_network(channels))
    said = {
        "schema": 1,
        "input": {"height_pixels": SIDE, "width_pixels": SIDE, "channels": channels, "scale": 1.0 / 255.0},
        "labels": ["angry", "happy", "sad"][:channels],
        "output": "probabilities",
    } | sidecar
    path.with_suffix(".json").write_text(json.dumps({key: value for key, value in said.items() if value is not None}))
    return path


def _network(channels: int) -> bytes:
    picture = _tensor("picture", (1, SIDE, SIDE, channels), (-1, SIDE, SIDE, channels), buffer=1)
    means = _tensor("means", (1, channels), (-1, channels), buffer=2)
    axes = _tensor("axes", (2,), None, buffer=3, kind=schema.TensorType.INT32)

    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0, 2], [1]
    operator.builtinOptionsType, operator.builtinOptions = (
        schema.BuiltinOptions.ReducerOptions,
        schema.ReducerOptionsT(),
    )
    operator.builtinOptions.keepDims = False

    graph = schema.SubGraphT()
    graph.tensors, graph.operators, graph.inputs, graph.outputs = [picture, means, axes], [operator], [0], [1]

    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.MEAN
    code.version = 1

    buffers = [schema.BufferT() for _ in range(4)]
    buffers[3].data = np.frombuffer(np.array([1, 2], "<i4").tobytes(), np.uint8)
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], buffers
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(
    name: str,
    shape: tuple[int, ...],
    signature: tuple[int, ...] | None,
    buffer: int,
    kind: int = schema.TensorType.FLOAT32,
) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer, tensor.type = name, list(shape), buffer, kind
    if signature is not None:
        tensor.shapeSignature = list(signature)
    return tensor
