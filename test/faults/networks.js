// ONNX files for tests of memory, made of nothing but zeros.
'use strict';

const CHANNELS = 16;
const SIDE = 16;
const FLOAT = 1;
const INTS = 7;

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, value) => {
  const body = Buffer.from(value);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
};
const message = (field, parts) => bytes(field, Buffer.concat(parts));

const zeros = (name, dims) => message(5, [
  ...dims.map((dim) => number(1, dim)),
  number(2, FLOAT),
  bytes(8, name),
  bytes(9, Buffer.alloc(4 * dims.reduce((product, dim) => product * dim, 1))),
]);

const node = (type, inputs, output, attributes = []) => message(1, [
  ...inputs.map((name) => bytes(1, name)),
  bytes(2, output),
  bytes(4, type),
  ...attributes,
]);

const ints = (name, values) => message(5, [
  bytes(1, name), ...values.map((value) => number(8, value)), number(20, INTS),
]);

/** A tensor of float32, [1, CHANNELS, SIDE, SIDE]. */
const tensor = (field, name) => message(field, [
  bytes(1, name),
  message(2, [message(1, [
    number(1, FLOAT),
    message(2, [1, CHANNELS, SIDE, SIDE].map((dim) => message(1, [number(1, dim)]))),
  ])]),
]);

const model = (parts, last) => Buffer.concat([
  number(1, 7),
  message(7, [...parts, bytes(2, 'net'), tensor(11, 'x0'), tensor(12, last)]),
  message(8, [number(2, 13)]),
]);

/**
 * A chain of convolutions, each with a ReLU behind it.
 * @param {number} layers
 * @param {number} inner channels of every second tensor
 */
function chain(layers, inner) {
  const parts = [];
  for (let i = 0; i < layers; i++) {
    const [from, to] = i % 2 ? [inner, CHANNELS] : [CHANNELS, inner];
    parts.push(
      zeros(`w${i}`, [to, from, 3, 3]),
      node('Conv', [`x${i}`, `w${i}`], `y${i}`, [ints('pads', [1, 1, 1, 1])]),
      node('Relu', [`y${i}`], `x${i + 1}`),
    );
  }
  return model(parts, `x${layers}`);
}

/** 14 MB of weights in six layers. */
const bigNetwork = () => chain(6, 4096);

/** A thousand small layers. */
const deepNetwork = () => chain(1000, CHANNELS);

module.exports = { bigNetwork, deepNetwork };
