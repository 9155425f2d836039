// Can any sequence of calls from inside WebAssembly make the wasi-nn host throw, give an unknown
// code, write outside of its declared outputs, or hold more than its limits? On memories of one
// page, shared ones, and ones that may grow to 4 GiB; they grow between calls.
// MINNOW_FUZZ_CALLS: how many on each (5,000), MINNOW_FUZZ_SEED.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { chain } = require('../lib/support/onnx.js');
const { fuzzing } = require('../lib/support/random.js');
const { CODES, Guest } = require('../wasm/support/guest.js');
const { FUNCTIONS } = require('../wasm/support/module.js');

const SEQUENCE = 64;
const LIMITS = { graphs: 3, contexts: 4, bytes: 1 << 16, nodes: 8, loadMs: 10_000 };
const PAGE = 65_536;

const NET = chain(1, [4]);

/** A guest with everything that sensible calls point to, below one page. */
function furnish(memory) {
  const guest = new Guest({ models: { net: NET }, limits: LIMITS, threads: 1 }, memory);
  const model = guest.put(NET);
  const floats = Float32Array.of(-1, 0, 1, 2);
  return Object.assign(guest, {
    places: {
      builders: guest.putU32s(model, NET.length),
      broken: guest.putU32s(model, NET.length - 3),
      tensor: guest.putTensor([4], 1, floats),
      wrong: guest.putTensor([2, 2, 2], 3, floats),
      name: guest.put(Buffer.from('net')),
      config: guest.put(Buffer.from('{"threads":1}')),
      buffer: guest.alloc(64),
      out: guest.alloc(4),
    },
  });
}

/** The arguments of a call that may well succeed. */
function sensible(name, places, random) {
  const { builders, broken, tensor, wrong, config, buffer, out } = places;
  const handle = random(5);
  return {
    load: [random(4) === 0 ? broken : builders, 1, random(7), random(4), out],
    load_by_name: [places.name, 3, out],
    load_by_name_with_config: [places.name, 3, config, 13, out],
    init_execution_context: [handle, out],
    set_input: [handle, random(8) === 0 ? 1 : 0, random(4) === 0 ? wrong : tensor],
    get_output: [handle, 0, buffer, random(4) === 0 ? random(16) : 16 + random(32), out],
  }[name] ?? [handle];
}

/** Where a call may have written. */
function declared(name, args, code) {
  const [out, buffer, bytes] = name === 'get_output' ? [args[4], args[2], args[3]]
    : [args[FUNCTIONS[name] - 1], 0, 0];
  const gives = ['load', 'load_by_name', 'load_by_name_with_config', 'init_execution_context', 'get_output'];
  if (!gives.includes(name)) return [];
  if (code === CODES.tooLarge && name === 'get_output') return [[out >>> 0, 4]];
  return code === CODES.success ? [[out >>> 0, 4], [buffer >>> 0, bytes >>> 0]] : [];
}

function fuzzCall(guest, random) {
  const names = Object.keys(FUNCTIONS);
  const name = names[random(names.length)];
  const size = guest.memory.buffer.byteLength;
  const places = Object.values(guest.places);
  const wild = () => [
    () => random(2 ** 32) | 0, () => size - random(21), () => (size + random(21)) | 0,
    () => [0, -1, 2 ** 31 | 0, 2 ** 31 - 1][random(4)], () => places[random(places.length)],
    () => random(8),
  ][random(6)]();
  const args = sensible(name, guest.places, random).slice(0, FUNCTIONS[name]);
  while (args.length < FUNCTIONS[name]) args.push(wild());
  if (random(3) === 0) args[random(args.length)] = wild();
  const before = Buffer.from(guest.bytes);
  const code = guest.exports[name](...args);
  const what = `${name}(${args}) gave ${code}`;
  assert.ok(Number.isInteger(code) && code >= 0 && code <= 8, what);
  const after = Buffer.from(guest.memory.buffer);
  assert.equal(after.length, size, what);
  for (const [at, bytes] of declared(name, args, code)) {
    assert.ok(at + bytes <= size, what);
    after.copy(before, at, at, at + bytes);
  }
  assert.ok(before.equals(after), `${what}, and wrote elsewhere`);
  const { graphs, contexts, bytes } = guest.nn.usage;
  assert.ok(graphs <= LIMITS.graphs && contexts <= LIMITS.contexts && bytes <= LIMITS.bytes, what);
  return code;
}

const MEMORIES = {
  'one page': { pages: 1, max: 1 },
  'a memory that grows': { pages: 1, max: 4 },
  'a memory of up to 4 GiB': { pages: 1, max: 65_536 },
  'a shared memory': { pages: 1, max: 4, shared: true },
};

for (const [salt, [what, memory]] of Object.entries(MEMORIES).entries()) {
  test(`random sequences of ${SEQUENCE} calls on ${what}`, (t) => {
    const { random, count } = fuzzing(t, 'MINNOW_FUZZ_CALLS', 5_000, salt);
    const seen = new Map();
    for (let call = 0; call < count;) {
      const guest = furnish(memory);
      for (let i = 0; i < SEQUENCE && call < count; i++, call++) {
        if (random(16) === 0 && guest.memory.buffer.byteLength < 4 * PAGE) guest.exports.grow(1);
        const code = fuzzCall(guest, random);
        seen.set(code, (seen.get(code) ?? 0) + 1);
      }
      guest.nn.close();
    }
    t.diagnostic(JSON.stringify(Object.fromEntries(seen)));
    const { success, invalidArgument, invalidEncoding, runtimeError, tooLarge, notFound } = CODES;
    for (const code of [success, invalidArgument, invalidEncoding, runtimeError, tooLarge, notFound]) {
      assert.ok(seen.get(code) > 0, `no call gave ${code}`);
    }
  });
}
