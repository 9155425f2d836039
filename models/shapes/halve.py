#!/usr/bin/env python3
"""Makes an ONNX file half as large: weights become float16, each with a Cast to
float32 behind it, which engines fold when they load the file. Python's standard
library is all that it needs.

    python3 halve.py IN.onnx OUT.onnx

Weights are the float32 initializers of two dimensions or more; what has one
(biases) stays as it is. A file that is halved already comes out the same.
"""

import struct
import sys

FLOAT, FLOAT16 = 1, 10  # TensorProto.DataType
INT = 2  # AttributeProto.AttributeType
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types of protocol buffers
MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER = 1, 5
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_RAW = 1, 2, 8, 9


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def fields(data):
    """(number, wire type, value) of each field, in the order of the file."""
    at, found = 0, []
    while at < len(data):
        key, at = read_varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = read_varint(data, at)
        else:
            if wire == BYTES:
                size, at = read_varint(data, at)
            elif wire in (FIXED64, FIXED32):
                size = 8 if wire == FIXED64 else 4
            else:
                raise ValueError(f"wire type {wire}")
            if at + size > len(data):
                raise ValueError("the file is cut off")
            value, at = data[at:at + size], at + size
        found.append((number, wire, value))
    return found


def message(parts):
    """The bytes of fields; the inverse of fields()."""
    out = bytearray()
    for number, wire, value in parts:
        out += varint(number << 3 | wire)
        if wire == VARINT:
            out += varint(value)
        else:
            out += (varint(len(value)) if wire == BYTES else b"") + value
    return bytes(out)


def values(parts, wanted):
    return [value for number, _, value in parts if number == wanted]


def cast(source, target):
    """A node that makes the float32 tensor `target` of `source`."""
    attribute = message([(1, BYTES, b"to"), (3, VARINT, FLOAT), (20, VARINT, INT)])
    return message([
        (1, BYTES, source), (2, BYTES, target), (3, BYTES, b"Cast_" + target),
        (4, BYTES, b"Cast"), (5, BYTES, attribute)])


def halved(tensor):
    """(the tensor in float16, the Cast for it), or None for what is no weight."""
    parts = fields(tensor)
    raw = values(parts, TENSOR_RAW)
    if values(parts, TENSOR_TYPE) != [FLOAT] or len(values(parts, TENSOR_DIMS)) < 2 or not raw:
        return None
    count = len(raw[0]) // 4
    name, = values(parts, TENSOR_NAME)
    half = name + b"_half"
    changed = {
        TENSOR_TYPE: FLOAT16, TENSOR_NAME: half,
        TENSOR_RAW: struct.pack(f"<{count}e", *struct.unpack(f"<{count}f", raw[0]))}
    kept = [(number, wire, changed.get(number, value)) for number, wire, value in parts]
    return message(kept), cast(half, name)


def halve(model):
    """The bytes of an ONNX file with its weights in float16."""
    outer = []
    for number, wire, value in fields(model):
        if number == MODEL_GRAPH:
            casts, graph = [], []
            for field in fields(value):
                pair = halved(field[2]) if field[0] == GRAPH_INITIALIZER else None
                if pair is not None:
                    field = (*field[:2], pair[0])
                    casts.append((GRAPH_NODE, BYTES, pair[1]))
                graph.append(field)
            # Nodes stand behind what makes their inputs.
            value = message(casts + graph)
        outer.append((number, wire, value))
    return message(outer)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: halve.py IN.onnx OUT.onnx")
    with open(sys.argv[1], "rb") as file:
        model = file.read()
    with open(sys.argv[2], "wb") as file:
        file.write(halve(model))


if __name__ == "__main__":
    main()
