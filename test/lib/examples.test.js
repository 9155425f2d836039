// Do the examples of the documentation comments run as they stand?
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const minnow = require('../../lib/index.js');
const { png, temporaryFolder } = require('./support/pictures.js');

const LIB = path.join(__dirname, '..', '..', 'lib');

/** The text of each @example of a file. */
function examplesOf(file) {
  const text = fs.readFileSync(path.join(LIB, file), 'utf8');
  return [...text.matchAll(/^ *\* @example\n((?: *\*(?: .*)?\n)+?) *\*\//gm)].map((match) =>
    match[1].replace(/^ *\* ?/gm, ''),
  );
}

const AsyncFunction = (async () => {}).constructor;

const FILES = [
  'model.js', 'mobilenet.js', 'wasi-nn.js', 'guest.js', 'guest-files.js', 'guest-memory.js', 'wasi-nn-component.js', 'quantize.js',
];

for (const file of FILES) {
  examplesOf(file).forEach((example, i) => {
    test(`example ${i + 1} of ${file} runs: ${example.split('\n')[0]}`, async (t) => {
      const folder = temporaryFolder(t);
      for (const name of ['dog.jpg', 'a.jpg', 'b.png']) fs.writeFileSync(path.join(folder, name), png(1));
      const home = process.cwd();
      process.chdir(folder);
      t.after(() => process.chdir(home));
      const quiet = { log() {} };
      const names = Object.keys(minnow);
      await new AsyncFunction(...names, 'console', example)(...Object.values(minnow), quiet);
    });
  });
}
