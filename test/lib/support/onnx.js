// ONNX files of some hundred bytes, made here.
'use strict';

function varint(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

/** A protobuf message of [number, whole number below 128 | bytes | text] fields. */
function message(...fields) {
  return Buffer.concat(fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [Buffer.from([...varint(number << 3), value])];
    const bytes = Buffer.from(value);
    return [Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes];
  }));
}

/** `count` sigmoids, x0 to x<count>, of f32 with the given shape. */
function chain(count, shape) {
  const nodes = Array.from({ length: count }, (_, i) =>
    [1, message([1, `x${i}`], [2, `x${i + 1}`], [4, 'Sigmoid'])]);
  const dims = message(...shape.map((dim) => [1, message([1, dim])]));
  const type = message([1, message([1, 1], [2, dims])]);
  const graph = message(...nodes, [2, 'g'], [11, message([1, 'x0'], [2, type])],
    [12, message([1, `x${count}`])]);
  return message([1, 7], [7, graph], [8, message([2, 13])]);
}

module.exports = { chain, message };
