// The worker in which onnxruntime-node runs, and whose answers the guest's thread waits for.
'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');
const { workerData } = require('node:worker_threads');

const { name, threads, root, port, signal } = workerData;

const DTYPES = {
  float32: 'f32', float16: 'f16', float64: 'f64',
  uint8: 'u8', int8: 'i8', uint16: 'u16', int16: 'i16',
  int32: 'i32', uint32: 'u32', int64: 'i64', uint64: 'u64', bool: 'bool',
};
const ORT_TYPES = Object.fromEntries(Object.entries(DTYPES).map(([ort, own]) => [own, ort]));

const graphs = new Map();
let nextGraph = 0;

function failure(message, code) {
  return Object.assign(new Error(message), { code });
}

/** The package beside minnow, else the application's. */
function findRuntime() {
  for (const base of [__filename, path.join(root, 'package.json')]) {
    try {
      return createRequire(base)(name);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw failure(`the package is not installed: npm install ${name}`, 'ERR_NOT_FOUND');
}

function specsOf(metadata) {
  if (!Array.isArray(metadata)) throw failure('version 1.30 or newer is needed', 'ERR_UNSUPPORTED');
  return metadata.map((info) => {
    if (!info.isTensor) throw failure(`'${info.name}' is no tensor`, 'ERR_UNSUPPORTED');
    const shape = info.shape.map((dim) => (typeof dim === 'number' && dim >= 0 ? dim : -1));
    return { name: info.name, dtype: DTYPES[info.type] ?? info.type, shape };
  });
}

const methods = {
  async load(bytes) {
    const ort = findRuntime();
    const options = threads > 0 ? { intraOpNumThreads: threads } : {};
    let session;
    try {
      session = await ort.InferenceSession.create(bytes, options);
    } catch (error) {
      throw failure(error.message, 'ERR_INVALID_MODEL');
    }
    const inputs = specsOf(session.inputMetadata);
    const outputs = specsOf(session.outputMetadata);
    graphs.set(++nextGraph, { ort, session, inputs, outputs });
    return { graph: nextGraph, inputs, outputs };
  },

  async compute(graph, feeds) {
    const { ort, session, inputs, outputs } = graphs.get(graph);
    const tensors = inputs.map(({ name: input, dtype }, i) => [
      input,
      new ort.Tensor(ORT_TYPES[dtype], feeds[i].data, feeds[i].shape),
    ]);
    const results = await session.run(Object.fromEntries(tensors));
    return outputs.map(({ name: output }) => {
      const { data, dims } = results[output];
      return { data, shape: [...dims] };
    });
  },

  async unload(graph) {
    const entry = graphs.get(graph);
    graphs.delete(graph);
    await entry?.session.release();
  },
};

port.on('message', async ({ id, method, args }) => {
  let answer;
  try {
    answer = { id, value: await methods[method](...args) };
  } catch (error) {
    answer = { id, error: { message: String(error.message), code: error.code ?? 'ERR_INTERNAL' } };
  }
  port.postMessage(answer);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
});
