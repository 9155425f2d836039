// WebAssembly modules for tests, assembled from instructions: no tools, no binaries in the tree.
'use strict';

const I32 = 0x7f;
const FUNCTIONS = {
  load: 5, load_by_name: 3, load_by_name_with_config: 5, init_execution_context: 2, set_input: 3,
  compute: 1, get_output: 5, get_output_single: 5, compute_single: 1, fini_single: 1, unload: 1,
  finalize_execution_context: 1,
};

function unsigned(value) {
  const bytes = [];
  for (let rest = value >>> 0; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function signed(value) {
  const bytes = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const byte = rest & 0x7f;
    const isLast = (rest >> 7 === 0 && !(byte & 0x40)) || (rest >> 7 === -1 && byte & 0x40);
    if (isLast) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

const vector = (items) => [...unsigned(items.length), ...items.flat()];
const text = (string) => vector([...Buffer.from(string)]);
const section = (id, items) => (items.length === 0 ? [] : [id, ...vector(vector(items))]);

/** Instructions, each as its bytes. */
const op = {
  i32: (value) => [0x41, ...signed(value)],
  get: (local) => [0x20, ...unsigned(local)],
  call: (index) => [0x10, ...unsigned(index)],
  grow: [0x40, 0],
  drop: [0x1a],
  trap: [0x00],
  forever: [0x03, 0x40, 0x0c, 0, 0x0b], // loop br 0 end
  add: [0x6a],
  load: [0x28, 0, 0], // i32, from any address
};

/**
 * @param {object} parts
 * @param {Array<{module: string, name: string, params: number, results?: number}>} parts.imports
 *   functions of i32; they have the first indices
 * @param {{pages: number, max?: number, shared?: boolean, imported?: boolean}} parts.memory
 *   exported as `memory`, or imported as env.memory
 * @param {Array<{name: string, params: number, results?: number, body: number[][]}>} parts.functions
 *   each exported
 * @param {Array<{at: number, bytes: Buffer}>} [parts.data]
 * @returns {Uint8Array}
 */
function assemble({ imports = [], memory, functions, data = [] }) {
  const all = [...imports, ...functions];
  const i32s = (count) => vector(Array(count).fill([I32]));
  const types = all.map(({ params, results = 1 }) => [0x60, ...i32s(params), ...i32s(results)]);
  const limits = memory.max === undefined
    ? [0, ...unsigned(memory.pages)]
    : [memory.shared ? 3 : 1, ...unsigned(memory.pages), ...unsigned(memory.max)];
  const memoryImport = memory.imported ? [[...text('env'), ...text('memory'), 2, ...limits]] : [];
  const exported = functions.map(({ name }, i) => [
    ...text(name), 0, ...unsigned(imports.length + i),
  ]);
  if (!memory.imported) exported.push([...text('memory'), 2, 0]);
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [
      ...imports.map(({ module, name }, i) => [...text(module), ...text(name), 0, ...unsigned(i)]),
      ...memoryImport,
    ]),
    ...section(3, functions.map((_, i) => unsigned(imports.length + i))),
    ...section(5, memory.imported ? [] : [limits]),
    ...section(7, exported),
    ...section(10, functions.map(({ body }) => vector([0, ...body.flat(), 0x0b]))),
    ...section(11, data.map(({ at, bytes }) => [0, ...op.i32(at), 0x0b, ...vector([...bytes])])),
  ]);
}

/**
 * A guest whose exports are the twelve imports, so that JavaScript can drive each from inside Wasm,
 * and `grow(pages)`.
 * @param {object} [memory] as for assemble
 */
function forwarder(memory = { pages: 2 }) {
  const imports = Object.entries(FUNCTIONS).map(([name, params]) => ({
    module: 'wasi_ephemeral_nn', name, params,
  }));
  const functions = imports.map(({ name, params }, i) => ({
    name,
    params,
    body: [...Array.from({ length: params }, (_, local) => op.get(local)), op.call(i)],
  }));
  functions.push({ name: 'grow', params: 1, body: [op.get(0), op.grow] });
  return assemble({ imports, memory, functions });
}

/**
 * A WASI program.
 * @param {(calls: {write: Function, exit: Function, nn: Function}) => number[][]} makeBody
 *   instructions of _start: write(fd, text), exit(code instructions), nn(name, ...i32) which leaves
 *   the error code
 */
function program(makeBody) {
  const wasi = 'wasi_snapshot_preview1';
  const imports = [
    { module: wasi, name: 'fd_write', params: 4 },
    { module: wasi, name: 'proc_exit', params: 1, results: 0 },
    ...Object.entries(FUNCTIONS).map(([name, params]) => ({
      module: 'wasi_ephemeral_nn', name, params,
    })),
  ];
  const data = [];
  let top = 1024;
  const put = (bytes) => {
    const at = top;
    data.push({ at, bytes });
    top += (bytes.length + 15) & ~15;
    return at;
  };
  const calls = {
    put,
    write(fd, string) {
      const bytes = Buffer.from(string);
      const vec = Buffer.alloc(8);
      vec.writeUInt32LE(put(bytes), 0);
      vec.writeUInt32LE(bytes.length, 4);
      return [op.i32(fd), op.i32(put(vec)), op.i32(1), op.i32(0), op.call(0), op.drop].flat();
    },
    exit: (code) => [...code.flat(), ...op.call(1)],
    nn(name, ...args) {
      const index = imports.findIndex((item) => item.name === name);
      return [...args.map(op.i32), op.call(index)].flat();
    },
  };
  const body = makeBody(calls);
  const functions = [{ name: '_start', params: 0, results: 0, body }];
  return assemble({ imports, memory: { pages: 2 }, functions, data });
}

module.exports = { FUNCTIONS, assemble, forwarder, op, program };
