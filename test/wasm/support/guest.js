// Drives a Wasm guest: puts records into its memory and calls what it imports, from inside.
'use strict';

const { WasiNN } = require('../../../lib/index.js');
const { forwarder } = require('./module.js');

const CODES = {
  success: 0, invalidArgument: 1, invalidEncoding: 2, missingMemory: 3, busy: 4, runtimeError: 5,
  unsupported: 6, tooLarge: 7, notFound: 8,
};
const ENCODING = { openvino: 0, onnx: 1, tensorflow: 2, autodetect: 5, ggml: 6 };

class Guest {
  /**
   * @param {object} [options] of WasiNN
   * @param {object} [memory] as for assemble
   * @param {WebAssembly.Memory} [imported] the memory, where the module imports it
   */
  constructor(options, memory, imported) {
    this.nn = new WasiNN(options);
    const module = new WebAssembly.Module(forwarder(memory));
    const imports = { ...this.nn.getImportObject(), env: { memory: imported } };
    this.instance = new WebAssembly.Instance(module, imports);
    this.memory = imported ?? this.instance.exports.memory;
    this.exports = this.instance.exports;
    this.nn.initialize(this.instance, imported && { memory: imported });
    this.top = 64;
  }

  get bytes() {
    return new Uint8Array(this.memory.buffer);
  }

  u32(at) {
    return new DataView(this.memory.buffer).getUint32(at, true);
  }

  alloc(size) {
    const at = Math.ceil(this.top / 16) * 16;
    this.top = at + size;
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0 && this.exports.grow(Math.ceil(missing / 65536)) === -1) {
      throw new Error('memory.grow failed');
    }
    return at;
  }

  put(bytes) {
    const at = this.alloc(bytes.length);
    this.bytes.set(bytes, at);
    return at;
  }

  putU32s(...values) {
    return this.put(new Uint8Array(new Uint32Array(values).buffer));
  }

  putTensor(dims, type, data) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const dimsAt = this.putU32s(...dims);
    return this.putU32s(dimsAt, dims.length, 0x10330000 | type, this.put(bytes), bytes.length);
  }

  /** [code, handle] */
  load(parts, encoding, target = 0) {
    const out = this.alloc(4);
    const pairs = parts.flatMap((part) => [this.put(part), part.length]);
    const code = this.exports.load(this.putU32s(...pairs), parts.length, encoding, target, out);
    return [code, this.u32(out)];
  }

  loadByName(name) {
    const out = this.alloc(4);
    const bytes = Buffer.from(name);
    return [this.exports.load_by_name(this.put(bytes), bytes.length, out), this.u32(out)];
  }

  init(graph) {
    const out = this.alloc(4);
    return [this.exports.init_execution_context(graph, out), this.u32(out)];
  }

  setInput(context, index, dims, data, type = 1) {
    return this.exports.set_input(context, index, this.putTensor(dims, type, data));
  }

  /** {code, written, data} */
  getOutput(context, index, capacity) {
    const buffer = this.alloc(capacity);
    const out = this.alloc(4);
    const code = this.exports.get_output(context, index, buffer, capacity, out);
    return { code, written: this.u32(out), data: this.bytes.slice(buffer, buffer + capacity) };
  }

  /** One inference; the output as floats. */
  infer(context, dims, data, outputs) {
    const codes = [this.setInput(context, 0, dims, data), this.exports.compute(context)];
    const { code, data: bytes } = this.getOutput(context, 0, 4 * outputs);
    if (codes.some(Boolean) || code !== 0) throw new Error(`${codes},${code}: ${this.nn.lastError}`);
    return new Float32Array(bytes.buffer);
  }
}

module.exports = { CODES, ENCODING, Guest };
