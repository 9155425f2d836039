// Does every file include and require only what lies below it?
'use strict';

const assert = require('node:assert/strict');
const { builtinModules } = require('node:module');
const path = require('node:path');
const test = require('node:test');
const { listFiles, linesOf, readText } = require('./tree.js');

// What a folder of src/ may include, besides itself. "kernels/resize" allows one family.
const GRAPH = ['base', 'tensor', 'graph'];
const MAY_INCLUDE = {
  base: [],
  tensor: ['base'],
  graph: ['base', 'tensor'],
  importers: GRAPH,
  interpreter: GRAPH,
  passes: [...GRAPH, 'interpreter'],
  kernels: ['base'],
  runtime: [...GRAPH, 'interpreter', 'passes', 'kernels'],
  exporters: [...GRAPH, 'importers', 'passes'],
  quantize: [...GRAPH, 'passes', 'runtime', 'exporters'],
  image: ['base', 'tensor', 'kernels/resize'],
  classify: [...GRAPH, 'importers', 'runtime', 'image'],
  wasi_nn: [...GRAPH, 'importers', 'passes', 'runtime'],
  guest: ['base', 'importers', 'runtime', 'image', 'classify'],
  binding: [
    ...GRAPH, 'importers', 'passes', 'runtime', 'quantize', 'image', 'classify', 'wasi_nn',
  ],
};

// Things of the outside world with one home.
const HOMES = [
  { what: /#include <(immintrin|x86intrin|[a-z]mmintrin|arm_neon)\.h>/, home: /^src\/kernels\// },
  { what: /#include [<"](napi|node_api|node|v8|uv)\.h[>"]/, home: /^src\/binding\// },
  { what: /\b(setjmp|longjmp)\b/, home: /^src\/(image|guest\/wasi)\// },
  { what: /#include <(jpeglib|png)\.h>/, home: /^src\/image\// },
  { what: /#include <zlib\.h>/, home: /^src\/importers\/torchscript\/zip_archive\.cc$/ },
  {
    what: /#include <(cpuid|sys\/auxv)\.h>|__builtin_cpu_supports|__get_cpuid|\bxgetbv\b/,
    home: /^src\/base\/cpu_features\.cc$/,
  },
];

const sources = listFiles().filter((file) => /^src\/.*\.(cc|h|inc)$/.test(file));
const withoutComments = (text) => text.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');

function includesOf(file) {
  return linesOf(readText(file)).flatMap((line) => {
    const match = /^\s*#\s*include\s+"([^"]+)"/.exec(line);
    return match ? [match[1]] : [];
  });
}

test('every folder of src has a row of allowed includes', () => {
  const folders = new Set(sources.map((file) => file.split('/')[1]));
  assert.deepEqual([...folders].filter((folder) => !(folder in MAY_INCLUDE)), []);
});

test('the include rules have no circle', () => {
  const order = [];
  const visit = (folder, trail) => {
    assert.ok(!trail.includes(folder), `${[...trail, folder].join(' -> ')}`);
    if (order.includes(folder)) return;
    for (const lower of MAY_INCLUDE[folder]) visit(lower.split('/')[0], [...trail, folder]);
    order.push(folder);
  };
  for (const folder of Object.keys(MAY_INCLUDE)) visit(folder, []);
});

test('a source includes only folders below its own', () => {
  const known = new Set(Object.keys(MAY_INCLUDE));
  const wrong = [];
  for (const file of sources) {
    const own = file.split('/')[1];
    for (const include of includesOf(file)) {
      const folder = include.split('/')[0];
      if (folder === own || (folder === include && /^(napi|node_api)\.h$/.test(include))) continue;
      const allowed = known.has(folder) &&
        (MAY_INCLUDE[own] ?? []).some((lower) => include.startsWith(`${lower}/`));
      if (!allowed) wrong.push(`${file} includes "${include}"`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a model format knows no other model format', () => {
  const wrong = [];
  for (const file of sources) {
    const [, top, own, ...rest] = file.split('/');
    if (top !== 'importers' || rest.length === 0) continue;
    for (const include of includesOf(file)) {
      const [folder, sub, ...more] = include.split('/');
      if (folder === 'importers' && more.length > 0 && sub !== own) {
        wrong.push(`${file} includes "${include}"`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('intrinsics, Node, setjmp, codecs and cpuid each stay in their own folder', () => {
  const wrong = [];
  for (const file of sources) {
    const text = withoutComments(readText(file));
    for (const { what, home } of HOMES) {
      const match = what.exec(text);
      if (match && !home.test(file)) wrong.push(`${file} has ${match[0]}`);
    }
  }
  assert.deepEqual(wrong, []);
});

function requiresOf(file) {
  const text = withoutComments(readText(file));
  const calls = /\brequire(?:\.resolve)?\(\s*['"]([^'"]+)['"]|\bfrom\s+['"]([^'"]+)['"]/g;
  return [...text.matchAll(calls)].map((match) => match[1] ?? match[2]);
}

/** Peer dependencies, and the only folder that may ask for each. */
const PEERS = { fastify: 'lib/server/', bullmq: 'lib/work/', ioredis: 'lib/work/' };

test('lib needs Node, itself and the peers of each folder only, and writes node: before what is Node\'s', () => {
  const wrong = [];
  for (const file of listFiles().filter((name) => /^lib\/.*\.m?js$/.test(name))) {
    for (const name of requiresOf(file)) {
      const builtin = builtinModules.includes(name);
      const inside = name.startsWith('.') &&
        /^(lib\/|package\.json$)/.test(path.posix.join(path.posix.dirname(file), name));
      const peer = Object.hasOwn(PEERS, name) && file.startsWith(PEERS[name]);
      const loader = file === 'lib/binding.js' && name === 'node-gyp-build';
      if (builtin || !(name.startsWith('node:') || inside || peer || loader)) wrong.push(`${file} needs ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the command line uses the library, never the other way round', () => {
  const wrong = [];
  for (const file of listFiles().filter((name) => /^lib\/[^/]+\.m?js$/.test(name))) {
    for (const name of requiresOf(file)) {
      if (/^\.\/(cli|server)\//.test(name)) wrong.push(`${file} needs ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});
