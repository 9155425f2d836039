// The options that several commands have, and how their text becomes values.
'use strict';

const { UsageError } = require('./errors.js');

const PRECISIONS = ['fp32', 'fp16', 'int8'];

/** For util.parseArgs: how to run a model. `choices` are for completion. */
const RUN_OPTIONS = {
  threads: { type: 'string', short: 't' },
  precision: { type: 'string', choices: PRECISIONS },
  format: { type: 'string' },
};

/** Lines of help for them. */
const RUN_HELP = `  -t, --threads N        threads of one run at most (default: all CPUs, or $MINNOW_THREADS)
      --precision P      fp32: a quantised network in floats
      --format FORMAT    tensorflow, tflite or onnx, where the file does not show it
`;

/** "--threads 4" to 4. */
function wholeNumber(values, name, low, high) {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) {
    throw new UsageError(`--${name} must be a whole number from ${low} to ${high}, not '${text}'`);
  }
  return value;
}

function choice(values, name, list) {
  const value = values[name];
  if (value !== undefined && !list.includes(value)) {
    throw new UsageError(`--${name} must be one of ${list.join(', ')}, not '${value}'`);
  }
  return value;
}

/** The values of RUN_OPTIONS as options of load(). */
function loadOptions(values) {
  return {
    threads: wholeNumber(values, 'threads', 1, 256),
    precision: choice(values, 'precision', PRECISIONS),
    format: values.format,
  };
}

module.exports = { RUN_HELP, RUN_OPTIONS, choice, loadOptions, wholeNumber };
