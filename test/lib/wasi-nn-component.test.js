// Do the interfaces of wasi:nn keep to the WIT, for components that behave and for those that do not?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { Model, createWasiNnComponentImports } = require('../../lib/index.js');

const SHAPES = path.join(__dirname, '..', '..', 'models', 'shapes', 'shapes.onnx');
const VERSION = '0.2.0-rc-2024-10-28';
const DIMS = [1, 3, 96, 96];
const BYTES = 4 * 3 * 96 * 96;

function interfaces(options) {
  const imports = createWasiNnComponentImports(options);
  return {
    ...imports['wasi:nn/graph'], ...imports['wasi:nn/tensor'], ...imports['wasi:nn/errors'], imports,
  };
}

/** Expects a WIT error: something thrown whose payload is the resource. */
function witError(action, code, pattern = /./) {
  assert.throws(action, (error) => {
    assert.equal(error.payload?.code(), code, String(error));
    assert.match(error.payload.data(), pattern);
    return true;
  });
}

const shapes = () => interfaces({ models: { shapes: 'shapes' } });

test('the four interfaces are there, with and without the version', () => {
  const { imports } = interfaces();
  const names = ['tensor', 'graph', 'inference', 'errors'];
  const expected = names.flatMap((name) => [`wasi:nn/${name}`, `wasi:nn/${name}@${VERSION}`]);
  assert.deepEqual(Object.keys(imports).toSorted(), expected.toSorted());
  for (const name of names) assert.equal(imports[`wasi:nn/${name}`], imports[`wasi:nn/${name}@${VERSION}`]);
});

test('a tensor gives back what it was made of', () => {
  const { Tensor } = interfaces();
  const tensor = new Tensor(Uint32Array.of(2, 3), 'U8', Uint8Array.of(1, 2, 3, 4, 5, 6));
  assert.deepEqual([...tensor.dimensions()], [2, 3]);
  assert.equal(tensor.ty(), 'U8');
  assert.deepEqual([...tensor.data()], [1, 2, 3, 4, 5, 6]);
});

test('compute gives the bytes that Model.runSync gives, by name and by number of the input', () => {
  const { Tensor, load, loadByName } = shapes();
  const data = Float32Array.from({ length: BYTES / 4 }, (_, i) => Math.sin(i));
  const expected = Model.loadSync('shapes').runSync({ input: data }).logits;
  // Bytes at an odd address, as in a component's memory.
  const shifted = new Uint8Array(BYTES + 1).subarray(1);
  shifted.set(new Uint8Array(data.buffer));
  const graphs = [loadByName('shapes'), load([fs.readFileSync(SHAPES)], 'onnx', 'cpu')];
  for (const graph of graphs) {
    for (const name of ['input', '0']) {
      const input = new Tensor(DIMS, 'FP32', shifted);
      const [[output, tensor], ...rest] = graph.initExecutionContext().compute([[name, input]]);
      assert.equal(rest.length, 0);
      assert.equal(output, 'logits');
      assert.deepEqual([...tensor.dimensions()], expected.shape);
      assert.equal(tensor.ty(), 'FP32');
      assert.deepEqual(Buffer.from(tensor.data()), Buffer.from(expected.data.buffer));
    }
  }
});

test('the encoding is a hint, the target may be any', () => {
  const { load } = interfaces();
  for (const encoding of ['openvino', 'tensorflow', 'autodetect']) {
    load([fs.readFileSync(SHAPES)], encoding, 'gpu')[Symbol.dispose]();
  }
});

test('wrong inputs are invalid-argument', () => {
  const { Tensor, loadByName } = shapes();
  const context = loadByName('shapes').initExecutionContext();
  const good = new Tensor(DIMS, 'FP32', new Uint8Array(BYTES));
  const compute = (inputs) => () => context.compute(inputs);
  witError(compute([['nobody', good]]), 'invalid-argument', /no input 'nobody'; there is 'input'/);
  witError(compute([['1', good]]), 'invalid-argument');
  witError(compute([['input', good], ['0', good]]), 'invalid-argument', /given twice/);
  witError(compute([]), 'invalid-argument');
  const tensor = (dims, ty, size) => [['input', new Tensor(dims, ty, new Uint8Array(size))]];
  witError(compute(tensor(DIMS, 'FP32', BYTES - 1)), 'invalid-argument', /takes 110592 bytes, 110591 given/);
  witError(compute(tensor(DIMS, 'U8', BYTES / 4)), 'invalid-argument', /is f32, not u8/);
  witError(compute(tensor([1, 96, 96, 3], 'FP32', BYTES)), 'invalid-argument');
  witError(compute(tensor([2 ** 32 - 1, 2 ** 32 - 1], 'FP32', 4)), 'invalid-argument');
  witError(compute(tensor(DIMS, 'BF16', BYTES / 2)), 'unsupported-operation');
  assert.equal(context.compute([['input', good]]).length, 1);
});

test('what cannot be loaded says why', () => {
  const { load, loadByName } = shapes();
  witError(() => loadByName('nobody'), 'not-found', /no model is called 'nobody'/);
  witError(() => load([], 'onnx', 'cpu'), 'invalid-argument');
  witError(() => load([new Uint8Array(40)], 'onnx', 'cpu'), 'invalid-encoding');
});

test('limits count what is live', () => {
  const options = { models: { shapes: 'shapes' }, limits: { graphs: 2, contexts: 1 } };
  const { loadByName } = interfaces(options);
  const first = loadByName('shapes');
  const second = loadByName('shapes');
  witError(() => loadByName('shapes'), 'too-large', /too many graphs/);
  const context = first.initExecutionContext();
  witError(() => second.initExecutionContext(), 'too-large', /too many execution contexts/);
  context[Symbol.dispose]();
  context[Symbol.dispose]();
  second.initExecutionContext();
  witError(() => first.initExecutionContext(), 'too-large');
  first[Symbol.dispose]();
  loadByName('shapes');
});

test('a context outlives its graph, a dropped one is refused', () => {
  const { Tensor, load } = interfaces();
  const graph = load([fs.readFileSync(SHAPES)], 'onnx', 'cpu');
  const context = graph.initExecutionContext();
  graph[Symbol.dispose]();
  const input = [['input', new Tensor(DIMS, 'FP32', new Uint8Array(BYTES))]];
  assert.equal(context.compute(input)[0][1].dimensions()[1], 10);
  witError(() => graph.initExecutionContext(), 'invalid-argument', /dropped/);
  context[Symbol.dispose]();
  witError(() => context.compute(input), 'invalid-argument', /dropped/);
});

test('wrong options throw, models that are missing name themselves', () => {
  assert.throws(() => createWasiNnComponentImports(5), TypeError);
  assert.throws(() => createWasiNnComponentImports({ what: 1 }), RangeError);
  assert.throws(() => createWasiNnComponentImports({ limits: { graphs: -1 } }), RangeError);
  assert.throws(() => createWasiNnComponentImports({ threads: 0 }), RangeError);
  assert.throws(() => createWasiNnComponentImports({ models: { a: '/none/such.onnx' } }),
    { code: 'ERR_NOT_FOUND', message: /^models\['a'\]: / });
});
