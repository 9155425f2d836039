// Does every list of files say what lies on disk?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { listFiles, readText } = require('./tree.js');

const files = listFiles();
const { variables } = JSON.parse(readText('src/sources.gypi'));
const onDisk = (pattern) => files.filter((file) => pattern.test(file));
const inSrc = (list) => list.map((file) => `src/${file}`);

/** File names after the first word of each `command(word a.cc b.cc)` of a CMakeLists.txt. */
function listedIn(cmake, command) {
  const folder = cmake.replace(/CMakeLists\.txt$/, '');
  const text = readText(cmake).replace(/#.*$/gm, '');
  const calls = [...text.matchAll(new RegExp(`^ *${command}\\(\\s*(\\w+)([^)]*)\\)`, 'gm'))];
  return calls.map(([, name, rest]) => ({
    name,
    sources: rest.split(/\s+/).filter(Boolean).map((file) => folder + file),
  }));
}

test('sources.gypi lists every engine source once, sorted', () => {
  const expected = onDisk(/^src\/(?!binding\/|guest\/).*\.cc$/);
  assert.deepEqual(inSrc(variables.engine_files), expected);
});

test('sources.gypi lists every guest source once, sorted', () => {
  assert.deepEqual(inSrc(variables.guest_files), onDisk(/^src\/guest\/.*\.cc$/));
});

test('sources.gypi lists every binding source once, sorted', () => {
  assert.deepEqual(inSrc(variables.binding_files), onDisk(/^src\/binding\/.*\.cc$/));
});

test('test/src/CMakeLists.txt lists every C++ test under its own folder', () => {
  const calls = listedIn('test/src/CMakeLists.txt', 'minnow_test');
  const listed = calls.flatMap((call) => call.sources);
  assert.deepEqual(listed.toSorted(), onDisk(/^test\/src\/.*\.cc$/));
  for (const { name, sources } of calls) {
    for (const file of sources) assert.equal(file.split('/')[2], name, file);
  }
});

test('bench/src/CMakeLists.txt lists every C++ bench', () => {
  const listed = ['minnow_bench', 'minnow_program', 'minnow_peer']
    .flatMap((kind) => listedIn('bench/src/CMakeLists.txt', kind))
    .flatMap((call) => call.sources.filter((file) => file.endsWith('.cc')));
  assert.deepEqual(listed.toSorted(), onDisk(/^bench\/src\/.*\.cc$/));
});

test('test/fuzz/CMakeLists.txt names every source', () => {
  const text = readText('test/fuzz/CMakeLists.txt').replace(/#.*$/gm, '');
  const named = [...new Set(text.match(/\w+\.cc/g))].map((file) => `test/fuzz/${file}`);
  assert.deepEqual(named.toSorted(), onDisk(/^test\/fuzz\/.*\.cc$/));
});

test('a kernel file of an ISA has a row in the table of its family', () => {
  const wrong = [];
  for (const file of onDisk(/^src\/kernels\/\w+\/(sse2|avx2|avx512|avx512vnni|avx512vbmi|avxvnni|neon)\.cc$/)) {
    const [folder, isa] = /^(.*)\/(\w+)\.cc$/.exec(file).slice(1);
    const table = `${folder}/kernels.inc`;
    if (files.includes(table) && !readText(table).includes(isa)) wrong.push(file);
  }
  assert.deepEqual(wrong, []);
});
