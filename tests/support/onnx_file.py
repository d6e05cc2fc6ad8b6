"""ONNX models written by hand: nodes and random weights in, a file out that any ONNX runtime loads.

The messages and their numbers are those of onnx.proto3 (github.com/onnx/onnx); protobuf's encoding is written out here,
so that no package is needed for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FLOAT, INT64 = 1, 7
IR_VERSION, OPSET = 8, 17


def number(tag: int, value: int) -> bytes:
    """Write a field that is a number: wire type 0."""
    return _varint(tag << 3) + _varint(value & (1 << 64) - 1)


def message(tag: int, *content: bytes) -> bytes:
    """Write a field that is bytes, a text or a message: wire type 2."""
    joined = b"".join(content)
    return _varint(tag << 3 | 2) + _varint(len(joined)) + joined


def text(tag: int, value: str) -> bytes:
    return message(tag, value.encode())


@dataclass
class Graph:
    """One that is being written. Values are known by their names."""

    nodes: list[bytes] = field(default_factory=list)
    weights: list[bytes] = field(default_factory=list)

    def node(self, kind: str, *inputs: str, output: str = "", **ints: int | Sequence[int]) -> str:
        """Add an operation, with its attributes, and give its output."""
        output = output or f"{kind.lower()}{len(self.nodes)}"
        names = [*(text(1, name) for name in inputs), text(2, output), text(4, kind)]
        self.nodes.append(message(1, *names, *(_attribute(name, value) for name, value in ints.items())))
        return output

    def weight(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Add a constant, and give its name."""
        name = f"weight{len(self.weights)}"
        kind = FLOAT if values.dtype == np.float32 else INT64
        dims = [number(1, size) for size in values.shape]
        self.weights.append(message(5, *dims, number(2, kind), text(8, name), message(9, values.tobytes())))
        return name

    def whole(self, value: int | Sequence[int]) -> str:
        return self.weight(np.array(value, np.int64))

    def model(self, inputs: Iterable[bytes], outputs: Iterable[bytes]) -> bytes:
        """Write the file's content; see `value`."""
        graph = (*self.nodes, text(2, "graph"), *self.weights)
        ends = (*(message(11, each) for each in inputs), *(message(12, each) for each in outputs))
        return number(1, IR_VERSION) + message(8, text(1, ""), number(2, OPSET)) + message(7, *graph, *ends)


def value(name: str, kind: int, *dims: int | str) -> bytes:
    """Describe an input or an output; a size that is not known has a name."""
    sizes = [message(1, number(1, dim) if isinstance(dim, int) else text(2, dim)) for dim in dims]
    return text(1, name) + message(2, message(1, number(1, kind), message(2, *sizes)))


def _attribute(name: str, is_: int | Sequence[int]) -> bytes:
    if isinstance(is_, int):
        return message(5, text(1, name), number(3, is_), number(20, 2))
    return message(5, text(1, name), *(number(8, each) for each in is_), number(20, 7))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
