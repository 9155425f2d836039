// What does a wasi-nn backend that is written in JavaScript look like to the native host?
'use strict';

const { MinnowError } = require('./errors.js');
const validate = require('./validate.js');

const DTYPES = ['f32', 'f16', 'f64', 'u8', 'i8', 'i32', 'u32', 'i64', 'u64', 'bool'];

function broken(name, what) {
  return new MinnowError(`backend '${name}': ${what}`, 'ERR_INTERNAL');
}

function checkSpecs(specs, backend, what) {
  if (!Array.isArray(specs)) throw broken(backend, `graph.${what} is no array`);
  return specs.map((spec, i) => {
    const { name = String(i), dtype, shape, layout = '' } = spec ?? {};
    if (!DTYPES.includes(dtype)) {
      throw new MinnowError(`${what} '${name}' is ${dtype}, which wasi-nn does not have`, 'ERR_UNSUPPORTED');
    }
    if (!Array.isArray(shape) || !shape.every((dim) => validate.is.integer(dim) && dim >= -1)) {
      throw broken(backend, `${what} '${name}' has no shape`);
    }
    return { name: String(name), dtype, shape, layout };
  });
}

function adaptContext(context, backend) {
  if (typeof context?.compute !== 'function') throw broken(backend, 'context.compute is missing');
  return {
    compute(feeds) {
      const results = context.compute(feeds);
      if (typeof results?.then === 'function') {
        results.then(undefined, () => {});
        throw broken(backend, 'compute gave a promise, but guests cannot wait');
      }
      return results;
    },
    close: () => context.close?.(),
  };
}

function adaptGraph(graph, backend) {
  if (graph === null || graph === undefined) return null;
  if (typeof graph.then === 'function') {
    graph.then(undefined, () => {});
    throw broken(backend, 'load gave a promise, but guests cannot wait');
  }
  if (typeof graph.createContext !== 'function') {
    throw broken(backend, 'graph.createContext is missing');
  }
  return {
    format: String(graph.format ?? ''),
    bytes: graph.bytes ?? 0,
    inputs: checkSpecs(graph.inputs, backend, 'inputs'),
    outputs: checkSpecs(graph.outputs, backend, 'outputs'),
    createContext: () => adaptContext(graph.createContext(), backend),
    close: () => graph.close?.(),
  };
}

/**
 * Checks a backend and gives the native host what it expects. All of it is synchronous, and runs
 * on the guest's thread.
 *
 *     {
 *       name: string,
 *       // null: not a format of mine. A MinnowError's code says what failed; after ERR_UNSUPPORTED
 *       // the next backend is asked.
 *       load(parts: Uint8Array[], encoding: string, target: 'cpu'|'gpu'|'tpu'|'auto') -> graph|null
 *     }
 *     graph: {
 *       format?: string, bytes?: number,       // bytes of memory, for the guest's limit
 *       inputs: {name, dtype, shape, layout?}[], outputs: {name, dtype, shape}[],
 *       createContext() -> context, close?()
 *     }
 *     context: {
 *       // in the order of inputs and outputs; typed arrays as Model.run takes and gives them
 *       compute(feeds: {data, shape}[]) -> {data, shape}[], close?()
 *     }
 *
 * @param {object} backend
 * @returns {object} for NativeWasiNN
 */
function adaptBackend(backend) {
  const { name } = backend;
  if (!validate.is.string(name)) throw validate.wrongType('a string', 'backend.name', name);
  if (typeof backend.load !== 'function') {
    throw validate.wrongType('a function', 'backend.load', backend.load);
  }
  return {
    name,
    load: (parts, encoding, target) => adaptGraph(backend.load(parts, encoding, target), name),
  };
}

module.exports = { adaptBackend };
