// How do pixels become the numbers that a network was trained on?
'use strict';

const { MinnowError } = require('../errors.js');
const { is, oneOf, outOfRange, wrongType } = require('../validate.js');

const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_STD = [0.229, 0.224, 0.225];

/**
 * The named kinds. tensor = (pixel * scale - mean[c]) / std[c], pixel in 0..255, c in the order of
 * the tensor's channels.
 */
const PRESETS = Object.freeze({
  tf: { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1], order: 'rgb' },
  unit: { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1], order: 'rgb' },
  imagenet: { scale: 1 / 255, mean: IMAGENET_MEAN, std: IMAGENET_STD, order: 'rgb' },
  'caffe-bgr': { scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1], order: 'bgr' },
  none: { scale: 1, mean: [0, 0, 0], std: [1, 1, 1], order: 'rgb' },
});

/**
 * What a file format's models usually expect; used when neither the caller nor a model.json says.
 * A format that is not listed has no usual choice, and the option is needed. OpenVINO's converter
 * folds mean and scale into the network and takes pixels as OpenCV has them: 0..255, BGR.
 */
const FORMAT_DEFAULTS = Object.freeze({
  tensorflow: 'tf', tflite: 'tf', onnx: 'imagenet', pytorch: 'imagenet', openvino: { order: 'bgr' },
});

const RESIZE_MODES = Object.freeze(['stretch', 'crop']);
const ORDERS = Object.freeze(['rgb', 'bgr']);
const LAYOUTS = Object.freeze(['NHWC', 'NCHW']);

function custom(value, name) {
  const { scale = 1, mean = [0, 0, 0], std = [1, 1, 1] } = value;
  if (!is.number(scale)) throw wrongType('a finite number', `${name}.scale`, scale);
  if (!is.triple(mean)) throw wrongType('an array of three numbers', `${name}.mean`, mean);
  if (!is.triple(std)) throw wrongType('an array of three numbers', `${name}.std`, std);
  if (std.includes(0)) throw outOfRange('three numbers other than 0', `${name}.std`, std);
  const order = oneOf(value.order, `${name}.order`, ORDERS, 'rgb');
  const layout = oneOf(value.layout, `${name}.layout`, LAYOUTS, '');
  return { name: 'custom', scale, mean: [...mean], std: [...std], order, layout };
}

function parse(value, name) {
  if (is.object(value)) return custom(value, name);
  const preset = oneOf(value, name, Object.keys(PRESETS));
  return { name: preset, ...PRESETS[preset], layout: '' };
}

/**
 * Checks the caller's option before anything is loaded.
 * @param {string|object|undefined} option
 */
function checkPreprocess(option) {
  if (option !== undefined) parse(option, 'preprocess');
}

/**
 * Decides what is in force: the option, else the catalog's model.json, else the format's default.
 * @param {string|object|undefined} option
 * @param {{name: string, preprocess?: string|object}|null} entry
 * @param {string} format e.g. 'onnx'
 * @param {string} dtype of the input: u8 networks take the pixels as they are
 * @returns {{name: string, scale: number, mean: number[], std: number[], order: string,
 *   layout: string, source: string}} `layout` is '' when it is left to the model
 * @throws {MinnowError} ERR_INVALID_ARGUMENT when there is nothing to go by
 */
function resolvePreprocess(option, entry, format, dtype) {
  if (option !== undefined) return { ...parse(option, 'preprocess'), source: 'option' };
  if (entry?.preprocess !== undefined) {
    return { ...parse(entry.preprocess, `preprocess of model '${entry.name}'`), source: 'catalog' };
  }
  if (dtype === 'u8') return { ...parse('none'), source: 'format default' };
  if (!Object.hasOwn(FORMAT_DEFAULTS, format)) {
    throw new MinnowError(
      `load: how pixels become the input of a model of format '${format}' is not known: ` +
        'give the preprocess option',
      'ERR_INVALID_ARGUMENT',
    );
  }
  return { ...parse(FORMAT_DEFAULTS[format], format), source: 'format default' };
}

module.exports = { PRESETS, RESIZE_MODES, checkPreprocess, resolvePreprocess };
