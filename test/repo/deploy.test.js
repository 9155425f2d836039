// Do the images and manifests in deploy/ start what there is, with options that it has?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { parseArgs } = require('node:util');
const COMMANDS = require('../../lib/cli/commands.js');
const { ROOT, listFiles, readText } = require('./tree.js');

const files = listFiles().filter((file) => file.startsWith('deploy/'));
const dockerfiles = files.filter((file) => /\/Dockerfile(\.wasm)?$/.test(file));
const manifests = files.filter((file) => file.endsWith('.yaml'));

/** The JSON list after a keyword, [] without one. */
function listAfter(text, keyword) {
  const match = new RegExp(`^\\s*${keyword}\\s*(\\[.*\\])$`, 'm').exec(text);
  return match === null ? [] : JSON.parse(match[1]);
}

/** Throws where the command line would refuse `node lib/cli/minnow.js COMMAND ARGS`. */
function checkStart([program, script, command, ...args]) {
  assert.deepEqual([program, script], ['node', 'lib/cli/minnow.js']);
  assert.ok(fs.existsSync(path.join(ROOT, script)));
  const { options } = COMMANDS[command]();
  parseArgs({ args, options, allowPositionals: false });
}

const startOf = (file) => {
  const text = readText(file);
  return [...listAfter(text, 'ENTRYPOINT'), ...listAfter(text, 'CMD')];
};

for (const file of dockerfiles) {
  test(`${file} copies what there is and starts a command with its options`, () => {
    const copied = [...readText(file).matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, source]) => source);
    assert.deepEqual(copied.filter((source) => !fs.existsSync(path.join(ROOT, source))), []);
    checkStart(startOf(file));
  });
}

for (const file of manifests) {
  test(`${file} starts a command with its options`, () => {
    const text = readText(file);
    const own = listAfter(text, 'command:');
    const image = startOf('deploy/kserve/Dockerfile');
    assert.match(text, /image: minnow-server$/m);
    checkStart([...(own.length > 0 ? own : image), ...listAfter(text, 'args:')]);
  });
}

test('there are images and manifests', () => {
  assert.equal(dockerfiles.length, 3);
  assert.equal(manifests.length, 3);
});
