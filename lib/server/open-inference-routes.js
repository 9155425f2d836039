// The Open Inference Protocol, version 2, over REST; with the binary tensor data extension.
'use strict';

const { MinnowError } = require('../errors.js');
const { is } = require('../validate.js');
const { signalOf } = require('./service.js');
const { DATATYPES, readBytes, readTensor, toBytes, toJson } = require('./wire-tensors.js');

const { version: VERSION } = require('../../package.json');

const MAX_IMAGES = 64;
const DEFAULT_TOP = 5;
const MAX_TOP = 1_000_000;
const HEADER_LENGTH = 'inference-header-content-length';

const invalid = (why) => new MinnowError(why, 'ERR_INVALID_ARGUMENT');

const describeTensor = ({ name, dtype, shape }) => ({ name, datatype: DATATYPES[dtype], shape });

function metadata({ name, net, model }, versions) {
  const facts = {
    name,
    versions,
    platform: `minnow_${model.format}`,
    inputs: model.inputs.map(describeTensor),
    outputs: model.outputs.map(describeTensor),
  };
  if (net === null) return facts;
  const outputs = [
    { name: 'label', datatype: 'BYTES', shape: [-1, -1] },
    { name: 'index', datatype: 'INT32', shape: [-1, -1] },
    { name: 'probability', datatype: 'FP32', shape: [-1, -1] },
  ];
  return { ...facts, parameters: { image: { datatype: 'BYTES', shape: [-1], outputs } } };
}

/** The JSON of a request, and the bytes after it. */
function splitBody(request) {
  const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  const header = request.headers[HEADER_LENGTH];
  const length = header === undefined ? body.length : Number(header);
  if (!is.integer(length) || length < 0 || length > body.length) {
    throw invalid('Inference-Header-Content-Length does not fit the body');
  }
  let json;
  try {
    json = JSON.parse(body.toString('utf8', 0, length));
  } catch {
    throw invalid('the body is not JSON');
  }
  if (!is.object(json)) throw invalid('the body is not a JSON object');
  return { json, rest: body.subarray(length) };
}

const parametersOf = (item) => (is.object(item.parameters) ? item.parameters : {});

/** Inputs, each with its part of the bytes after the JSON. */
function checkInputs(json, rest) {
  const { inputs } = json;
  if (!Array.isArray(inputs) || inputs.length === 0) throw invalid('"inputs" must be a list of tensors');
  let at = 0;
  const checked = inputs.map((input) => {
    if (!is.object(input) || !is.string(input.name)) throw invalid('an input has no "name"');
    const size = parametersOf(input).binary_data_size;
    if (size === undefined) return { input, bytes: undefined };
    if (!is.integer(size) || size < 0 || at + size > rest.length) {
      throw invalid(`input ${input.name}: binary_data_size does not fit the body`);
    }
    at += size;
    return { input, bytes: rest.subarray(at - size, at) };
  });
  if (at !== rest.length) throw invalid(`${rest.length - at} bytes after the inputs`);
  const names = new Set(inputs.map(({ name }) => name));
  if (names.size !== inputs.length) throw invalid('two inputs have the same name');
  return checked;
}

/** Picks and orders outputs as asked. */
function select(outputs, json) {
  if (json.outputs === undefined) return outputs;
  if (!Array.isArray(json.outputs)) throw invalid('"outputs" must be a list');
  if (json.outputs.length === 0) return outputs;
  return json.outputs.map((asked) => {
    const found = outputs.find(({ name }) => name === asked?.name);
    if (found !== undefined) return found;
    const names = outputs.map(({ name }) => `'${name}'`).join(', ');
    throw invalid(`no output named '${asked?.name}'; there are ${names}`);
  });
}

function checkTop(json) {
  const top = parametersOf(json).top ?? DEFAULT_TOP;
  if (!is.integer(top) || top < 1 || top > MAX_TOP) {
    throw invalid(`"top" must be a whole number from 1 to ${MAX_TOP}`);
  }
  return top;
}

/** Classifies encoded pictures; every one gives a row of each output. */
async function inferImages(service, served, { input, bytes }, json, signal) {
  const images = readBytes(input, bytes);
  if (images.length === 0 || images.length > MAX_IMAGES) {
    throw invalid(`input ${input.name}: from 1 to ${MAX_IMAGES} pictures a request`);
  }
  const top = checkTop(json);
  const rows = [];
  for (const image of images) {
    rows.push((await service.classify(served, image, top, signal)).predictions);
  }
  const flat = rows.flat();
  const shape = [rows.length, rows[0].length];
  const column = (key) => flat.map((prediction) => prediction[key]);
  return [
    { name: 'label', datatype: 'BYTES', shape, data: column('label') },
    { name: 'index', datatype: 'INT32', shape, data: Int32Array.from(column('index')) },
    { name: 'probability', datatype: 'FP32', shape, data: Float32Array.from(column('probability')) },
  ];
}

async function inferTensors(service, served, inputs, signal) {
  const feeds = {};
  for (const { input, bytes } of inputs) {
    const info = served.model.inputs.find(({ name }) => name === input.name);
    if (info === undefined) {
      const names = served.model.inputs.map(({ name }) => `'${name}'`).join(', ');
      throw invalid(`no input named '${input.name}'; there are ${names}`);
    }
    const { dtype, feed } = readTensor(input, bytes);
    if (dtype !== info.dtype) {
      const wanted = DATATYPES[info.dtype];
      throw invalid(`input ${input.name}: datatype ${input.datatype}, the model takes ${wanted}`);
    }
    feeds[input.name] = feed;
  }
  const missing = served.model.inputs.find(({ name }) => !Object.hasOwn(feeds, name));
  if (missing !== undefined) throw invalid(`input '${missing.name}' is missing`);
  const results = await service.infer(served, feeds, signal);
  return Object.entries(results).map(([name, { dtype, shape, data }]) => ({
    name, datatype: DATATYPES[dtype], shape: Array.from(shape), data, dtype,
  }));
}

/** Whether an output goes behind the JSON. */
function isBinary(name, json) {
  const asked = json.outputs?.find((output) => output.name === name) ?? {};
  return parametersOf(asked).binary_data ?? parametersOf(json).binary_data_output ?? false;
}

function sendOutputs(reply, head, outputs, json) {
  const parts = [];
  head.outputs = outputs.map(({ name, datatype, shape, data, dtype }) => {
    if (isBinary(name, json) !== true) {
      return { name, datatype, shape, data: toJson(data, dtype) };
    }
    const bytes = toBytes(data, datatype);
    parts.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  if (parts.length === 0) return head;
  const text = Buffer.from(JSON.stringify(head));
  reply.header(HEADER_LENGTH, text.length).type('application/octet-stream');
  return reply.send(Buffer.concat([text, ...parts]));
}

async function infer(service, request, reply) {
  const signal = signalOf(reply);
  const served = service.models.get(request.params.model, request.params.version);
  request.facts = { model: served.name };
  const { json, rest } = splitBody(request);
  if (json.id !== undefined && typeof json.id !== 'string') throw invalid('"id" must be a string');
  const inputs = checkInputs(json, rest);
  const pictures = served.net !== null && inputs.length === 1 && inputs[0].input.datatype === 'BYTES';
  const outputs = pictures
    ? await inferImages(service, served, inputs[0], json, signal)
    : await inferTensors(service, served, inputs, signal);
  const head = { model_name: served.name, model_version: served.version };
  if (json.id !== undefined) head.id = json.id;
  return sendOutputs(reply, head, select(outputs, json), json);
}

/**
 * @param {object} app fastify
 * @param {import('./service.js').Service} service
 */
function openInferenceRoutes(app, service) {
  const { models } = service;
  app.get('/v2', async () => ({
    name: 'minnow', version: VERSION, extensions: ['binary_tensor_data'],
  }));
  app.get('/v2/health/live', async () => ({ live: true }));
  app.get('/v2/health/ready', async (request, reply) => {
    if (service.draining) reply.code(503);
    return { live: true, ready: !service.draining };
  });
  app.get('/v2/models', async () => ({ models: models.list() }));
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get(path, async ({ params }) => {
      const served = models.get(params.model, params.version);
      const { versions } = models.list().find(({ name }) => name === served.name);
      return metadata(served, versions);
    });
    app.get(`${path}/ready`, async ({ params }, reply) => {
      const { name } = models.get(params.model, params.version);
      if (service.draining) reply.code(503);
      return { name, ready: !service.draining };
    });
    app.post(`${path}/infer`, { onRequest: service.admit }, (request, reply) =>
      infer(service, request, reply));
  }
}

module.exports = { openInferenceRoutes };
