// Can JavaScript bring a backend, and can a bad one do harm?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MinnowError } = require('../../lib/index.js');
const { CODES, ENCODING, Guest } = require('../wasm/support/guest.js');

const SHAPES = fs.readFileSync(path.join(__dirname, '..', '..', 'models', 'shapes', 'shapes.onnx'));
const INPUTS = [{ name: 'x', dtype: 'f32', shape: [-1, 2] }];
const OUTPUTS = [{ name: 'y', dtype: 'f32', shape: [-1, 2] }];

/** A backend that doubles; `log` has what was called. */
function doubling(changes = {}, log = []) {
  return {
    name: 'doubling',
    load(parts, encoding, target) {
      log.push(['load', parts.map((bytes) => Buffer.from(bytes).toString()), encoding, target]);
      return {
        format: 'text',
        bytes: 100,
        inputs: INPUTS,
        outputs: OUTPUTS,
        createContext: () => ({
          compute: ([{ data, shape }]) => [{ data: data.map((value) => 2 * value), shape }],
          close: () => log.push(['close context']),
        }),
        close: () => log.push(['close graph']),
        ...changes.graph,
      };
    },
    ...changes.backend,
  };
}

const guestWith = (...backends) => new Guest({ backends });
const part = Buffer.from('model');

test('a backend gets bytes, encoding and target, and computes', () => {
  const log = [];
  const guest = guestWith(doubling({}, log));
  assert.deepEqual(guest.load([part], ENCODING.onnx, 3), [0, 0]);
  assert.deepEqual(log, [['load', ['model'], 'onnx', 'auto']]);
  assert.equal(guest.nn.describe(0).backend, 'doubling');
  assert.equal(guest.nn.usage.bytes, 100);
  assert.deepEqual(guest.init(0), [0, 0]);
  assert.deepEqual([...guest.infer(0, [2, 2], Float32Array.of(1, 2, 3, 4), 4)], [2, 4, 6, 8]);
  assert.equal(guest.exports.compute(0), 0, 'again, on the same input');
});

test('contexts and graphs are closed when the guest lets go, and by close()', () => {
  const log = [];
  const guest = guestWith(doubling({}, log));
  guest.load([part], ENCODING.onnx);
  guest.init(0);
  guest.init(0);
  log.length = 0;
  guest.exports.finalize_execution_context(0);
  assert.deepEqual(log, [['close context']]);
  guest.exports.unload(0);
  assert.deepEqual(log, [['close context']], 'a context still uses the graph');
  guest.nn.close();
  assert.deepEqual(log, [['close context'], ['close context'], ['close graph']]);
});

test('backends are asked in their order, the next after null and ERR_UNSUPPORTED', () => {
  const none = { name: 'none', load: () => null };
  const unable = {
    name: 'unable',
    load() {
      throw new MinnowError('operator', 'ERR_UNSUPPORTED');
    },
  };
  const guest = guestWith(none, unable, 'minnow');
  assert.deepEqual(guest.load([SHAPES], ENCODING.onnx), [0, 0]);
  assert.equal(guest.nn.describe(0).backend, 'minnow');
  assert.equal(guestWith(none).load([part], ENCODING.onnx)[0], CODES.invalidEncoding);
  assert.equal(guestWith(unable).load([part], ENCODING.onnx)[0], CODES.unsupported);
});

test('what a backend throws becomes a code and lastError', () => {
  const throwing = (error) => {
    throw error;
  };
  const cases = [
    [new MinnowError('m', 'ERR_INVALID_ARGUMENT'), CODES.invalidArgument],
    [new MinnowError('m', 'ERR_INVALID_MODEL'), CODES.runtimeError],
    [new MinnowError('m', 'ERR_OUT_OF_MEMORY'), CODES.tooLarge],
    [new TypeError('broken'), CODES.runtimeError],
    ['a string', CODES.runtimeError],
    [undefined, CODES.runtimeError],
  ];
  for (const [error, code] of cases) {
    const guest = guestWith(doubling({ backend: { load: () => throwing(error) } }));
    assert.equal(guest.load([part], ENCODING.onnx)[0], code);
    assert.match(guest.nn.lastError, /backend/);
    const late = guestWith(doubling({ graph: { createContext: () => throwing(error) } }));
    late.load([part], ENCODING.onnx);
    assert.equal(late.init(0)[0], code);
  }
});

test('malformed graphs, contexts and results are runtime errors', () => {
  const graphs = [
    { inputs: 1 }, { inputs: [{}] }, { inputs: [{ dtype: 'f32', shape: [1.5] }] },
    { outputs: undefined }, { createContext: undefined },
  ];
  for (const graph of graphs) {
    const guest = guestWith(doubling({ graph }));
    assert.notEqual(guest.load([part], ENCODING.onnx)[0], 0, JSON.stringify(graph));
  }
  const async = guestWith(doubling({ backend: { load: async () => null } }));
  assert.equal(async.load([part], ENCODING.onnx)[0], CODES.runtimeError);
  assert.match(async.nn.lastError, /promise/);
  const results = [
    undefined, [], [null], [{}], [{ data: new Float32Array(2), shape: [3] }],
    [{ data: new Float64Array(2), shape: [1, 2] }], Promise.resolve([]),
  ];
  for (const result of results) {
    const guest = guestWith(doubling({ graph: { createContext: () => ({ compute: () => result }) } }));
    guest.load([part], ENCODING.onnx);
    guest.init(0);
    assert.equal(guest.setInput(0, 0, [1, 2], new Float32Array(2)), 0);
    assert.equal(guest.exports.compute(0), CODES.runtimeError);
    assert.equal(guest.getOutput(0, 0, 8).code, CODES.runtimeError);
  }
});

test('a backend that calls back gets busy, and may not close or reset the host', () => {
  let guest = null;
  const seen = [];
  const compute = ([feed]) => {
    seen.push(guest.exports.unload(0));
    assert.throws(() => guest.nn.close(), { code: 'ERR_BUSY' });
    assert.throws(() => guest.nn.initialize(guest.instance), { code: 'ERR_BUSY' });
    return [feed];
  };
  guest = guestWith(doubling({ graph: { createContext: () => ({ compute }) } }));
  guest.load([part], ENCODING.onnx);
  guest.init(0);
  assert.deepEqual([...guest.infer(0, [1, 2], Float32Array.of(5, 6), 2)], [5, 6]);
  assert.deepEqual(seen, [CODES.busy]);
});

test('memory that a backend makes grow during load and init is not written through the old view', () => {
  let guest = null;
  const grow = () => guest.exports.grow(1);
  const backend = doubling();
  const { load } = backend;
  backend.load = (...args) => {
    grow();
    const graph = load(...args);
    const { createContext } = graph;
    graph.createContext = () => {
      grow();
      return createContext();
    };
    return graph;
  };
  const asksFirst = { name: 'first', load: () => (grow(), null) };
  guest = guestWith(asksFirst, backend);
  const [loaded] = guest.load([part], ENCODING.onnx);
  assert.ok(loaded === CODES.success || loaded === CODES.missingMemory || loaded === CODES.invalidArgument);
  const [opened] = guest.init(0);
  assert.ok([CODES.success, CODES.missingMemory, CODES.invalidArgument].includes(opened));
});
