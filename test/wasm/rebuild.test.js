// Are the guests in the repository what their sources make? A rebuild must behave the same.
//
// Skipped without the compilers of `scripts/setup.sh guests`. Builds in build-guests, or in
// MINNOW_GUEST_BUILD; the first build takes minutes.
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { getPrediction, runGuest } = require('../../lib/index.js');
const { png, temporaryFolder } = require('../lib/support/pictures.js');
const { guestBytes, startInfer } = require('./support/guests.js');

const ROOT = path.join(__dirname, '..', '..');
const SHAPES = path.join(ROOT, 'models', 'shapes');
const CORE = path.join(ROOT, 'test', 'fixtures', 'guests', 'component-core.wasm');
const TOLERANCE = 1e-6;
const TF = 1;
const NO_SOURCES = 3;

function missingTool() {
  const onPath = (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
  const program = ['clang++', 'wasm-ld', 'llvm-ar', 'cmake', 'ninja', 'dpkg-source'].find((name) => !onPath(name));
  if (program !== undefined) return program;
  const files = ['/usr/lib/wasm32-wasi/libc.a', '/usr/lib/wasm32-wasi/libc++.a'];
  return files.find((file) => !fs.existsSync(file));
}

const missing = missingTool();
const skip = missing === undefined ? false : `no ${missing}: scripts/setup.sh guests`;

/** What goes in and out of a module, in a fixed order. */
function surface(bytes) {
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`);
  const exports = WebAssembly.Module.exports(module).map(({ name, kind }) => `${name}: ${kind}`);
  return { imports: imports.toSorted(), exports: exports.toSorted() };
}

/** What infer.wasm of a folder says of drawn pictures and of bytes that are none. */
function classes(folder) {
  const model = fs.readFileSync(path.join(SHAPES, 'shapes.onnx'));
  const instance = startInfer(folder);
  instance.exports.set_preprocess(TF);
  const say = (image) => {
    try {
      return getPrediction(model, image, instance).index;
    } catch (error) {
      return `${error.code}: ${error.message}`;
    }
  };
  const pictures = Array.from({ length: 12 }, (_, i) => png(i + 1, 60 + 20 * i));
  return [...pictures, Buffer.from('no picture')].map(say);
}

/** Index and probability of each class by classify-nn.wasm of a folder. */
async function probabilities(folder, picture) {
  const args = ['shapes/shapes.onnx', 'work/picture.png', 'shapes/labels.txt'];
  args.push('--size', '96', '--preprocess', 'tf', '--top', '10', '--digits', '9');
  const preopens = { shapes: SHAPES, work: path.dirname(picture) };
  const { exitCode, stdout } = await runGuest(guestBytes('classify-nn.wasm', folder), { args, preopens });
  assert.equal(exitCode, 0);
  const scores = new Map();
  for (const line of stdout.trim().split('\n')) {
    const [, index, probability] = /^(\d+) .* (\d\.\d+)$/.exec(line);
    scores.set(Number(index), Number(probability));
  }
  return scores;
}

test('rebuilt guests behave as those of the repository', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const script = path.join(ROOT, 'scripts', 'build-guests.sh');
  const build = spawnSync('bash', [script, folder], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (build.status === NO_SOURCES) {
    t.skip('the sources of the image libraries cannot be fetched here');
    return;
  }
  assert.equal(build.status, 0, build.stdout + build.stderr);

  for (const name of ['infer.wasm', 'classify-nn.wasm']) {
    assert.deepEqual(surface(guestBytes(name, folder)), surface(guestBytes(name)), name);
  }
  assert.deepEqual(surface(guestBytes('component-core.wasm', folder)), surface(fs.readFileSync(CORE)));
  assert.deepEqual(classes(folder), classes());

  const picture = path.join(folder, 'picture.png');
  fs.writeFileSync(picture, png(7, 140));
  const [rebuilt, committed] = [await probabilities(folder, picture), await probabilities(undefined, picture)];
  assert.equal(rebuilt.size, 10);
  for (const [index, probability] of committed) {
    assert.ok(Math.abs(rebuilt.get(index) - probability) <= TOLERANCE, `class ${index}`);
  }
});
