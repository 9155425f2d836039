// Does a real component, made by jco's tools from component-core.wasm, reach minnow through wasi:nn?
//
// jco is taken from MINNOW_JCO, a folder with node_modules, else installed once into build-jco.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const { MobileNet, createWasiNnComponentImports } = require('../../lib/index.js');
const { draw, png, temporaryFolder } = require('../lib/support/pictures.js');

const ROOT = path.join(__dirname, '..', '..');
const FIXTURES = path.join(ROOT, 'test', 'fixtures', 'guests');
const SHAPES = path.join(ROOT, 'models', 'shapes', 'shapes.onnx');
const JCO = '@bytecodealliance/jco@1.16.1';
const SHIM = path.join('node_modules', '@bytecodealliance', 'preview2-shim');
const SIDE = 96;

const jcoProgram = (folder) =>
  path.join(folder, 'node_modules', '@bytecodealliance', 'jco', 'src', 'jco.js');

/** The folder that jco is installed in, or why there is none. */
function findJco() {
  const folder = process.env.MINNOW_JCO ?? path.join(ROOT, 'build-jco');
  if (fs.existsSync(jcoProgram(folder)) && fs.existsSync(path.join(folder, SHIM))) return { folder };
  if (process.env.MINNOW_JCO !== undefined) return { missing: `no jco in ${folder}` };
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0', JCO];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'pipe', timeout: 120_000 });
  return status === 0 ? { folder } : { missing: `npm cannot install ${JCO} here` };
}

const { folder: jco, missing } = findJco();
const skip = missing ?? false;

function run(args) {
  execFileSync(process.execPath, [jcoProgram(jco), ...args], { stdio: 'pipe' });
}

/** What preview2-shim has, by the names of WIT. */
async function wasiImports() {
  const imports = {};
  for (const name of ['cli', 'clocks', 'filesystem', 'io', 'random']) {
    const file = path.join(jco, SHIM, 'lib', 'nodejs', `${name}.js`);
    for (const [key, value] of Object.entries(await import(pathToFileURL(file)))) {
      const kebab = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      imports[`wasi:${name}/${kebab}`] = value;
    }
  }
  return imports;
}

/** The component, made and transpiled once; each call instantiates it. */
let transpiled = null;
async function component(t, options) {
  if (transpiled === null) {
    const folder = temporaryFolder(t);
    const file = (name) => path.join(folder, name);
    const wit = path.join(FIXTURES, 'classifier.wit');
    run(['embed', path.join(FIXTURES, 'component-core.wasm'), '--wit', wit, '-o', file('core.wasm')]);
    run(['new', file('core.wasm'), '--wasi-reactor', '-o', file('component.wasm')]);
    run(['transpile', file('component.wasm'), '--instantiation', 'sync', '--quiet', '-o', file('out')]);
    fs.writeFileSync(file('out/package.json'), '{ "type": "module" }');
    transpiled = {
      instantiate: (await import(pathToFileURL(file('out/component.js')))).instantiate,
      modules: new Map(fs.readdirSync(file('out')).filter((name) => name.endsWith('.wasm'))
        .map((name) => [name, new WebAssembly.Module(fs.readFileSync(file(`out/${name}`)))])),
    };
  }
  const { instantiate, modules } = transpiled;
  const nn = createWasiNnComponentImports(options);
  return instantiate((name) => modules.get(name), { ...(await wasiImports()), ...nn });
}

function softmax(scores) {
  const exps = Array.from(scores, (score) => Math.exp(score - Math.max(...scores)));
  const sum = exps.reduce((total, value) => total + value, 0);
  return exps.map((value) => value / sum);
}

const failsWith = (pattern) => (error) => {
  assert.match(String(error.payload), pattern);
  return true;
};

test('a component gets the native probabilities, by name and by bytes', { skip }, async (t) => {
  const { classify } = await component(t, { models: { shapes: 'shapes' } });
  const net = await MobileNet.load('shapes');
  const model = fs.readFileSync(SHAPES);
  for (let seed = 1; seed <= 5; seed++) {
    const image = png(seed, 150);
    const expected = net.classifySync(image, { topK: 10 });
    const byName = classify('shapes', new Uint8Array(), image, SIDE, 'tf', true);
    const byBytes = classify('', model, image, SIDE, 'tf', true);
    assert.deepEqual(byName, byBytes);
    const probabilities = softmax(byName);
    for (const { index, probability } of expected) {
      assert.ok(Math.abs(probabilities[index] - probability) <= 1e-5, `class ${index}`);
    }
    assert.equal(expected[0].label, draw(seed).label);
  }
  net.close();
});

test('a component drops what it holds: one graph and one context at a time are enough', { skip }, async (t) => {
  const limits = { graphs: 1, contexts: 1 };
  const { classify } = await component(t, { models: { shapes: 'shapes' }, limits });
  const model = fs.readFileSync(SHAPES);
  for (let i = 0; i < 4; i++) classify('', model, png(i + 1), SIDE, 'tf', true);
  assert.throws(() => classify('', Buffer.from('?'), png(1), SIDE, 'tf', true), failsWith(/^1: /));
  assert.equal(classify('shapes', new Uint8Array(), png(1), SIDE, 'tf', true).length, 10);
});

test('a component is told what is wrong, with the code of wasi:nn', { skip }, async (t) => {
  const { classify } = await component(t, { models: { shapes: 'shapes' } });
  const none = new Uint8Array();
  const [INVALID_ARGUMENT, INVALID_ENCODING, NOT_FOUND] = [0, 1, 6];
  assert.throws(() => classify('nobody', none, png(1), SIDE, 'tf', true),
    failsWith(new RegExp(`^${NOT_FOUND}: no model is called 'nobody'`)));
  assert.throws(() => classify('', Buffer.alloc(64), png(1), SIDE, 'tf', true),
    failsWith(new RegExp(`^${INVALID_ENCODING}: `)));
  assert.throws(() => classify('shapes', none, png(1), SIDE - 1, 'tf', true),
    failsWith(new RegExp(`^${INVALID_ARGUMENT}: .*95`)));
  assert.throws(() => classify('shapes', none, Buffer.from('?'), SIDE, 'tf', true), failsWith(/^image: /));
});
