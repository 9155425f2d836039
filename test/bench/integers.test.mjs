// Are operators on bytes put beside the float ones that do the same work?
import assert from 'node:assert/strict';
import test from 'node:test';

import { align } from '../../bench/integers.mjs';

const operator = (op, macs, output = '[1]') => ({ op, macs, output });
const named = (rows) => rows.map(({ ints, floats }) => [ints, floats].map((list) =>
  list.map(({ op, macs }) => `${op} ${macs}`).join(', ')));

test('what floats fuse stands beside all the operators on bytes that it replaces', () => {
  const ints = [
    operator('Quantize', 0), operator('QConv2D', 5), operator('QConv2D', 3), operator('QConv2D', 2),
    operator('QBinary', 0), operator('Reduce', 0, '[1,8]'), operator('QFullyConnected', 7),
    operator('Dequantize', 0),
  ];
  const floats = [
    operator('Conv2D', 5), operator('Conv2D', 5), operator('Reduce', 0, '[1,8]'),
    operator('Reorder', 0), operator('FullyConnected', 7), operator('Softmax', 0),
  ];
  assert.deepEqual(named(align(ints, floats)), [
    ['Quantize 0, QConv2D 5', 'Conv2D 5'],
    ['QConv2D 3, QConv2D 2, QBinary 0', 'Conv2D 5'],
    ['Reduce 0', 'Reduce 0, Reorder 0'],
    ['QFullyConnected 7, Dequantize 0', 'FullyConnected 7, Softmax 0'],
  ]);
});

test('an operator without products stands beside the one of its kind and shape', () => {
  const ints = [operator('QConv2D', 5), operator('Pool2D', 0, '[2]'), operator('QBinary', 0, '[2]')];
  const floats = [operator('Conv2D', 5), operator('Pool2D', 0, '[2]'), operator('Binary', 0, '[2]')];
  assert.deepEqual(named(align(ints, floats)), [
    ['QConv2D 5', 'Conv2D 5'], ['Pool2D 0', 'Pool2D 0'], ['QBinary 0', 'Binary 0'],
  ]);
  assert.deepEqual(align([], []), []);
});
