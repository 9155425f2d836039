// Does /v2 speak the Open Inference Protocol as its specification says?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Model, MobileNet } = require('../../../lib/index.js');
const { dataFile, skipWithout } = require('../support/data.js');
const { ask, askJson } = require('../support/http.js');
const { png } = require('../support/pictures.js');
const { serve } = require('./support.js');

const PICTURE = png(1);
const net = MobileNet.loadSync();
const model = Model.loadSync();
const SIZE = 3 * 96 * 96;
const pixels = (scale = 1) => Float32Array.from({ length: SIZE }, (_, i) => scale * Math.sin(i));
const get = async (url) => {
  const { status, text } = await ask(url);
  return { status, json: JSON.parse(text) };
};
const tensor = (data, shape = [1, 3, 96, 96]) => ({ name: 'input', shape, datatype: 'FP32', data });

test('server metadata, liveness and readiness', async (t) => {
  const { url } = await serve(t);
  const { version } = require('../../../package.json');
  assert.deepEqual(await get(`${url}/v2`), {
    status: 200, json: { name: 'minnow', version, extensions: ['binary_tensor_data'] },
  });
  assert.deepEqual(await get(`${url}/v2/health/live`), { status: 200, json: { live: true } });
  assert.deepEqual(await get(`${url}/v2/health/ready`), { status: 200, json: { live: true, ready: true } });
});

test('named models and versions: metadata, readiness, and the default version', async (t) => {
  const models = [{ name: 'a', version: '1' }, { name: 'a', version: '2', preprocess: 'unit' }, { name: 'b' }];
  const { url } = await serve(t, { models });
  const { status, json } = await get(`${url}/v2/models/a`);
  assert.equal(status, 200);
  assert.deepEqual([json.name, json.versions, json.platform], ['a', ['1', '2'], 'minnow_onnx']);
  assert.deepEqual(json.inputs, [{ name: 'input', datatype: 'FP32', shape: [-1, 3, 96, 96] }]);
  assert.deepEqual(json.outputs, [{ name: 'logits', datatype: 'FP32', shape: [-1, 10] }]);
  for (const path of ['a/ready', 'a/versions/1/ready', 'a/versions/2/ready']) {
    assert.deepEqual(await get(`${url}/v2/models/${path}`), { status: 200, json: { name: 'a', ready: true } });
  }
  for (const path of ['c', 'c/ready', 'a/versions/3', 'b/versions/2/ready']) {
    const missing = await get(`${url}/v2/models/${path}`);
    assert.equal(missing.status, 404);
    assert.match(missing.json.error, /^no model named/);
  }
  const request = { inputs: [{ name: 'image', shape: [1], datatype: 'BYTES', data: [PICTURE.toString('base64')] }] };
  for (const [path, version, preprocess] of [['a', '2', 'unit'], ['a/versions/1', '1', 'tf'], ['b', '1', 'tf']]) {
    const answer = await askJson(`${url}/v2/models/${path}/infer`, request);
    const expected = MobileNet.loadSync('shapes', { preprocess }).classifySync(PICTURE)[0].probability;
    assert.equal(answer.json.model_version, version);
    assert.equal(answer.json.outputs.find(({ name }) => name === 'probability').data[0], Math.fround(expected));
  }
});

test('FP32 tensors, flat and nested, give what Model.run gives; the id is echoed', async (t) => {
  const { url } = await serve(t);
  const data = pixels();
  const { logits } = model.runSync({ input: { data, shape: [1, 3, 96, 96] } });
  const rows = Array.from({ length: 288 }, (_, i) => Array.from(data.subarray(i * 96, (i + 1) * 96)));
  const nested = [[rows.slice(0, 96), rows.slice(96, 192), rows.slice(192)]];
  for (const form of [Array.from(data), nested]) {
    const { status, json } = await askJson(`${url}/v2/models/shapes/infer`, { id: '42', inputs: [tensor(form)] });
    assert.equal(status, 200);
    assert.deepEqual(json, {
      model_name: 'shapes',
      model_version: '1',
      id: '42',
      outputs: [{ name: 'logits', datatype: 'FP32', shape: [1, 10], data: Array.from(logits.data) }],
    });
  }
  const { json } = await askJson(`${url}/v2/models/shapes/infer`, { inputs: [tensor(Array.from(data))] });
  assert.ok(!('id' in json));
});

test('a batch, and outputs by name', async (t) => {
  const { url } = await serve(t);
  const data = [...pixels(), ...pixels(0.5)];
  const request = { inputs: [tensor(data, [2, 3, 96, 96])], outputs: [{ name: 'logits' }] };
  const { json } = await askJson(`${url}/v2/models/shapes/infer`, request);
  assert.deepEqual(json.outputs[0].shape, [2, 10]);
  const single = model.runSync({ input: { data: pixels(0.5), shape: [1, 3, 96, 96] } }).logits.data;
  single.forEach((value, i) => assert.ok(Math.abs(value - json.outputs[0].data[10 + i]) < 1e-4));
});

test('BYTES are pictures: base64 or data: URLs, several a request, top by parameter', async (t) => {
  const { url } = await serve(t);
  const base64 = PICTURE.toString('base64');
  const data = [base64, `data:image/png;base64,${png(2).toString('base64')}`];
  const request = {
    id: 'p', parameters: { top: 2 }, inputs: [{ name: 'image', shape: [2, 1], datatype: 'BYTES', data }],
  };
  const { status, json } = await askJson(`${url}/v2/models/shapes/infer`, request);
  assert.equal(status, 200);
  const expected = [PICTURE, png(2)].flatMap((image) => net.classifySync(image, { topK: 2 }));
  const [label, index, probability] = json.outputs;
  assert.deepEqual(label, { name: 'label', datatype: 'BYTES', shape: [2, 2], data: expected.map((p) => p.label) });
  assert.deepEqual(index.data, expected.map((p) => p.index));
  assert.deepEqual(probability.data, expected.map((p) => Math.fround(p.probability)));
  const some = await askJson(`${url}/v2/models/shapes/infer`, { ...request, outputs: [{ name: 'label' }] });
  assert.deepEqual(some.json.outputs, [label]);
});

/** A request of the binary tensor data extension. */
function binary(header, ...parts) {
  const head = Buffer.from(JSON.stringify(header));
  return {
    method: 'POST',
    headers: { 'inference-header-content-length': head.length },
    body: Buffer.concat([head, ...parts]),
  };
}

test('raw bytes behind the JSON: FP32 in and out, and a picture', async (t) => {
  const { url } = await serve(t);
  const data = pixels();
  const raw = Buffer.from(data.buffer);
  const input = { name: 'input', shape: [1, 3, 96, 96], datatype: 'FP32', parameters: { binary_data_size: raw.length } };
  const outputs = [{ name: 'logits', parameters: { binary_data: true } }];
  const answer = await ask(`${url}/v2/models/shapes/infer`, binary({ inputs: [input], outputs }, raw));
  assert.equal(answer.status, 200);
  const length = Number(answer.headers['inference-header-content-length']);
  const head = JSON.parse(answer.body.toString('utf8', 0, length));
  assert.deepEqual(head.outputs[0].parameters, { binary_data_size: 40 });
  const { logits } = model.runSync({ input: { data, shape: [1, 3, 96, 96] } });
  assert.deepEqual(answer.body.subarray(length), Buffer.from(logits.data.buffer));

  const element = Buffer.concat([Buffer.alloc(4), PICTURE]);
  element.writeUInt32LE(PICTURE.length);
  const image = { name: 'image', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: element.length } };
  const picture = await ask(`${url}/v2/models/shapes/infer`, binary({ inputs: [image] }, element));
  assert.equal(JSON.parse(picture.text).outputs[0].data[0], net.classifySync(PICTURE)[0].label);
});

test('what is wrong is 400 with an error', async (t) => {
  const { url } = await serve(t);
  const good = tensor(Array.from(pixels()));
  const image = { name: 'image', shape: [1], datatype: 'BYTES', data: [PICTURE.toString('base64')] };
  const wrong = {
    'no inputs': {},
    'inputs that are no list': { inputs: {} },
    'an input without a name': { inputs: [{ ...good, name: undefined }] },
    'an unknown input': { inputs: [{ ...good, name: 'other' }] },
    'the same input twice': { inputs: [good, good] },
    'an unknown datatype': { inputs: [{ ...good, datatype: 'FP8' }] },
    'a name of the prototype as datatype': { inputs: [{ ...good, datatype: 'constructor' }] },
    'the wrong datatype': { inputs: [{ ...good, datatype: 'FP64' }] },
    'FP16 in JSON': { inputs: [{ ...good, datatype: 'FP16' }] },
    'too little data': { inputs: [tensor([1, 2, 3])] },
    'data that are no numbers': { inputs: [tensor(Array(SIZE).fill('1'))] },
    'a shape that does not fit': { inputs: [tensor(good.data, [1, 96, 96, 3])] },
    'a shape of strings': { inputs: [tensor(good.data, ['1', 3, 96, 96])] },
    'a large shape without data': { inputs: [tensor([1], [2 ** 30, 3, 96, 96])] },
    'a huge shape': { inputs: [tensor([1], [2 ** 40, 2 ** 40])] },
    'an unknown output': { inputs: [good], outputs: [{ name: 'other' }] },
    'outputs that are no list': { inputs: [good], outputs: 'logits' },
    'an id that is no string': { id: 1, inputs: [good] },
    'bytes that are no base64': { inputs: [{ ...image, data: ['%%%'] }] },
    'bytes that are no picture': { inputs: [{ ...image, data: ['aGVsbG8='] }] },
    'more pictures than the shape': { inputs: [{ ...image, data: [image.data[0], image.data[0]] }] },
    'no pictures': { inputs: [{ ...image, shape: [0], data: [] }] },
    'sizes without bytes': { inputs: [{ ...good, data: undefined, parameters: { binary_data_size: 8 } }] },
  };
  for (const [what, request] of Object.entries(wrong)) {
    const { status, json } = await askJson(`${url}/v2/models/shapes/infer`, request);
    assert.equal(status, 400, what);
    assert.equal(typeof json.error, 'string', what);
  }
  for (const body of ['', '{', '[1]', 'null']) {
    const { status, text } = await ask(`${url}/v2/models/shapes/infer`, { method: 'POST', body });
    assert.equal(status, 400);
    assert.equal(typeof JSON.parse(text).error, 'string');
  }
  const long = { ...binary({ inputs: [good] }), headers: { 'inference-header-content-length': '99999999' } };
  assert.equal((await ask(`${url}/v2/models/shapes/infer`, long)).status, 400);
});

const IDENTITY = 'models/identity_input_output.onnx';

test('a network that takes no pictures is served for tensors', { skip: skipWithout(IDENTITY) }, async (t) => {
  const { url } = await serve(t, { models: [{ name: 'identity', source: dataFile(IDENTITY) }] });
  const { json } = await get(`${url}/v2/models/identity`);
  const [input] = json.inputs;
  const shape = input.shape.map((dim) => (dim === -1 ? 1 : dim));
  const data = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 4);
  const request = { inputs: [{ name: input.name, shape, datatype: 'FP32', data }] };
  const answer = await askJson(`${url}/v2/models/identity/infer`, request);
  assert.deepEqual(answer.json.outputs[0].data, data);
  assert.equal((await ask(url, { method: 'POST', body: PICTURE })).status, 400);
});
