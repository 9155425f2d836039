// Is the preprocessing in force the one that was asked for, else the catalog's, else the format's?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { PRESETS, checkPreprocess, resolvePreprocess } = require('../../../lib/image/preprocess.js');

const entry = { name: 'some', preprocess: 'unit' };

/** What the network sees for a pixel, as the formula says. */
const apply = ({ scale, mean, std }, pixel) => (pixel * scale - mean[0]) / std[0];

test('the presets map 0 and 255 to what their networks expect', () => {
  const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} ${b}`);
  near(apply(PRESETS.tf, 0), -1);
  near(apply(PRESETS.tf, 255), 1);
  near(apply(PRESETS.unit, 255), 1);
  near(apply(PRESETS.imagenet, 0), -0.485 / 0.229);
  near(apply(PRESETS.imagenet, 255), (1 - 0.485) / 0.229);
  near(apply(PRESETS['caffe-bgr'], 103.939), 0);
  near(apply(PRESETS.none, 255), 255);
  assert.equal(PRESETS['caffe-bgr'].order, 'bgr');
});

test('the option wins over the catalog, the catalog over the format', () => {
  const of = (option, from, format, dtype = 'f32') => {
    const { name, source } = resolvePreprocess(option, from, format, dtype);
    return [name, source];
  };
  assert.deepEqual(of('imagenet', entry, 'tensorflow'), ['imagenet', 'option']);
  assert.deepEqual(of(undefined, entry, 'tensorflow'), ['unit', 'catalog']);
  assert.deepEqual(of(undefined, null, 'tensorflow'), ['tf', 'format default']);
  assert.deepEqual(of(undefined, null, 'onnx'), ['imagenet', 'format default']);
  assert.deepEqual(of(undefined, null, 'pytorch'), ['imagenet', 'format default']);
  assert.deepEqual(of(undefined, { name: 'x' }, 'onnx'), ['imagenet', 'format default']);
  assert.deepEqual(of(undefined, null, 'any', 'u8'), ['none', 'format default']);
});

test('a network in OpenVINO IR takes BGR pixels as they are, unless told otherwise', () => {
  const { name, scale, mean, std, order, source } = resolvePreprocess(undefined, null, 'openvino', 'f32');
  assert.deepEqual({ name, scale, mean, std, order, source }, {
    name: 'custom', scale: 1, mean: [0, 0, 0], std: [1, 1, 1], order: 'bgr', source: 'format default',
  });
  assert.equal(resolvePreprocess('imagenet', null, 'openvino', 'f32').name, 'imagenet');
});

test('a format without a usual choice needs the option', () => {
  assert.throws(() => resolvePreprocess(undefined, null, 'caffe', 'f32'), {
    code: 'ERR_INVALID_ARGUMENT',
    message: /caffe.*preprocess/,
  });
});

test('numbers may be given, with defaults that do nothing', () => {
  const { source, ...numbers } = resolvePreprocess({ scale: 2 }, entry, 'onnx', 'f32');
  assert.equal(source, 'option');
  assert.deepEqual(numbers, {
    name: 'custom', scale: 2, mean: [0, 0, 0], std: [1, 1, 1], order: 'rgb', layout: '',
  });
});

test('wrong options are refused before anything is loaded', () => {
  const wrong = [
    ['sharpen', 'ERR_OUT_OF_RANGE'],
    [7, 'ERR_INVALID_ARG_TYPE'],
    [{ scale: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ mean: [1, 2] }, 'ERR_INVALID_ARG_TYPE'],
    [{ std: [1, 0, 1] }, 'ERR_OUT_OF_RANGE'],
    [{ order: 'gbr' }, 'ERR_OUT_OF_RANGE'],
    [{ layout: 'nhwc' }, 'ERR_OUT_OF_RANGE'],
  ];
  for (const [option, code] of wrong) assert.throws(() => checkPreprocess(option), { code });
});
