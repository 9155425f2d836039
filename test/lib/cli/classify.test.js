// Does `minnow classify` give the results, formats and exit codes that it documents?
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { MobileNet } = require('../../../lib/index.js');
const { CLI, cli } = require('../support/child.js');
const { png, temporaryFolder } = require('../support/pictures.js');

const net = MobileNet.loadSync();

/** a.png, sub/b.PNG, sub/notes.txt */
function folderOf(t) {
  const folder = temporaryFolder(t);
  fs.mkdirSync(path.join(folder, 'sub'));
  fs.writeFileSync(path.join(folder, 'a.png'), png(1));
  fs.writeFileSync(path.join(folder, 'sub', 'b.PNG'), png(2));
  fs.writeFileSync(path.join(folder, 'sub', 'notes.txt'), 'no picture');
  return folder;
}

const jsonLines = (text) => text.trimEnd().split('\n').map((line) => JSON.parse(line));

test('--json gives one object a line, in the order of the arguments', async (t) => {
  const folder = folderOf(t);
  const files = [path.join(folder, 'sub', 'b.PNG'), path.join(folder, 'a.png')];
  const { code, stdout, stderr } = await cli(['classify', '--json', '--top', '2', ...files]);
  assert.deepEqual([code, stderr], [0, '']);
  const objects = jsonLines(stdout);
  assert.deepEqual(objects.map(({ file }) => file), files);
  assert.deepEqual(objects[0].predictions, net.classifySync(png(2), { topK: 2 }));
  assert.deepEqual(Object.keys(objects[0]), ['file', 'predictions', 'ms']);
  assert.deepEqual(Object.keys(objects[0].ms), ['decode', 'infer', 'total']);
  assert.ok(Object.values(objects[0].ms).every((ms) => ms >= 0));
});

test('a bad picture is an error object and exit code 1; the others are classified', async (t) => {
  const folder = folderOf(t);
  const files = ['sub/notes.txt', 'a.png', 'missing.png'].map((name) => path.join(folder, name));
  const { code, stdout } = await cli(['classify', '--json', ...files]);
  assert.equal(code, 1);
  const objects = jsonLines(stdout);
  assert.deepEqual(Object.keys(objects[0]), ['file', 'error']);
  assert.equal(objects[0].error.code, 'ERR_INVALID_IMAGE');
  assert.equal(objects[1].predictions.length, 5);
  assert.equal(objects[2].error.code, 'ERR_NOT_FOUND');
});

test('folders are walked by name, below too, for pictures only', async (t) => {
  const folder = folderOf(t);
  const { code, stdout } = await cli(['classify', '--json', folder]);
  assert.equal(code, 0);
  const found = jsonLines(stdout).map(({ file }) => path.relative(folder, file));
  assert.deepEqual(found, ['a.png', path.join('sub', 'b.PNG')]);
});

test('a folder without pictures is a failure with a message', async (t) => {
  const { code, stdout, stderr } = await cli(['classify', temporaryFolder(t)]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /no images in /);
});

test('- reads standard input, once', async () => {
  const { code, stdout } = await cli(['classify', '--json', '-', '-'], { input: png(3) });
  assert.equal(code, 0);
  const objects = jsonLines(stdout);
  assert.equal(objects.length, 1);
  assert.equal(objects[0].file, '-');
  assert.deepEqual(objects[0].predictions, net.classifySync(png(3)));
});

test('the table names file, classes and probabilities, without colours in a pipe', async (t) => {
  const folder = folderOf(t);
  const { stdout, stderr } = await cli(['classify', '-k', '3', path.join(folder, 'a.png')], {
    env: { NO_COLOR: '' },
  });
  const [best] = net.classifySync(png(1));
  assert.equal(stderr, '');
  assert.equal(stdout.trimEnd().split('\n').length, 4);
  assert.match(stdout, new RegExp(`a\\.png .*decode .* ms, infer .* ms\n +\\d+\\.\\d % .* ${best.label} `));
  assert.ok(!stdout.includes('\u001b'));
});

test('control characters of a file name do not reach the terminal', async () => {
  const { stdout } = await cli(['classify', 'x\u001b[31m.png']);
  assert.ok(!stdout.includes('\u001b'));
});

test('--model, --labels, --preprocess and --resize reach the network', async (t) => {
  const folder = folderOf(t);
  const labels = path.join(folder, 'labels.txt');
  fs.writeFileSync(labels, Array.from({ length: 10 }, (_, i) => `label ${i}`).join('\n'));
  const model = path.join(__dirname, '..', '..', '..', 'models', 'shapes', 'shapes.onnx');
  const args = ['--model', model, '--labels', labels, '--preprocess', 'unit', '--resize', 'crop'];
  const { stdout } = await cli(['classify', '--json', ...args, path.join(folder, 'a.png')]);
  const own = MobileNet.loadSync(model, { labels, preprocess: 'unit', resize: 'crop' });
  assert.deepEqual(jsonLines(stdout)[0].predictions, own.classifySync(png(1)));
});

test('a model that can not be loaded is exit code 1 and a message', async (t) => {
  const picture = path.join(folderOf(t), 'a.png');
  for (const args of [['--model', 'no-such'], ['--model', picture], ['--precision', 'int8']]) {
    const { code, stdout, stderr } = await cli(['classify', picture, ...args]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^minnow classify: load: /);
  }
});

test('--html writes one self-contained page that runs no script and hides no markup', async (t) => {
  const folder = folderOf(t);
  const odd = path.join(folder, '<b onclick=x>&.png');
  fs.writeFileSync(odd, png(4));
  const page = path.join(folder, 'report.html');
  const missing = path.join(folder, 'missing.png');
  const { code } = await cli(['classify', path.join(folder, 'a.png'), odd, missing, '--html', page]);
  assert.equal(code, 1);
  const html = fs.readFileSync(page, 'utf8');
  assert.match(html, /^<!doctype html>/);
  assert.equal(html.match(/<article>/g).length, 3);
  assert.equal(html.match(/src="data:image\/png;base64,/g).length, 2);
  assert.ok(html.includes('&lt;b onclick=x&gt;&amp;.png'));
  assert.ok(!/<script|<b |style=|https?:|<link/.test(html));
  assert.match(html, /ERR_NOT_FOUND/);
  const [, style] = /<style>([^]*?)<\/style>/.exec(html);
  const hash = require('node:crypto').createHash('sha256').update(style).digest('base64');
  assert.ok(html.includes(`default-src 'none'; img-src data:; style-src 'sha256-${hash}'`));
});

test('--html shows large pictures small, in their proportions', async (t) => {
  const folder = temporaryFolder(t);
  const large = path.join(folder, 'large.png');
  fs.writeFileSync(large, png(1, 600));
  const page = path.join(folder, 'report.html');
  assert.equal((await cli(['classify', large, '--html', page])).code, 0);
  const [, base64] = /src="data:image\/png;base64,([^"]+)"/.exec(fs.readFileSync(page, 'utf8'));
  const bytes = Buffer.from(base64, 'base64');
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [160, 160]);
  assert.ok(bytes.length < fs.statSync(large).size / 3);
  assert.equal(net.classifySync(bytes)[0].label, net.classifySync(png(1, 600))[0].label);
});

test('a page that can not be written is a failure', async (t) => {
  const folder = folderOf(t);
  const { code, stderr } = await cli([
    'classify', path.join(folder, 'a.png'), '--html', path.join(folder, 'no', 'where.html'),
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /ENOENT/);
});

/** Three pictures, a broken one, and where the results go. */
function jobOf(t) {
  const folder = temporaryFolder(t);
  fs.mkdirSync(path.join(folder, 'in'));
  for (const seed of [1, 2, 3]) fs.writeFileSync(path.join(folder, 'in', `${seed}.png`), png(seed));
  fs.writeFileSync(path.join(folder, 'in', 'bad.png'), 'no picture');
  return { input: path.join(folder, 'in'), output: path.join(folder, 'out.ndjson') };
}

const filesIn = (output) => jsonLines(fs.readFileSync(output, 'utf8')).map(({ file }) => path.basename(file));

test('--output has the lines of --json; stdout stays empty and stderr sums up', async (t) => {
  const { input, output } = jobOf(t);
  const { code, stdout, stderr } = await cli(['classify', input, '--output', output]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^minnow classify: 3 classified, 1 failed: /);
  assert.deepEqual(filesIn(output), ['1.png', '2.png', '3.png', 'bad.png']);
  assert.deepEqual(jsonLines(fs.readFileSync(output, 'utf8'))[0].predictions, net.classifySync(png(1)));
});

test('--resume skips what is there, and tries errors and half a line again', async (t) => {
  const { input, output } = jobOf(t);
  await cli(['classify', input, '--output', output]);
  const [first, second, , bad] = fs.readFileSync(output, 'utf8').split('\n');
  const marked = JSON.stringify({ ...JSON.parse(first), mark: 'kept' });
  fs.writeFileSync(output, `${bad}\n${marked}\nnot json\n${second.slice(0, -9)}`);
  fs.writeFileSync(path.join(input, 'bad.png'), png(4));
  const { code, stderr } = await cli(['classify', input, '--output', output, '--resume']);
  assert.equal(code, 0);
  assert.match(stderr, /: 3 classified, 0 failed, 1 there before: /);
  assert.deepEqual(filesIn(output), ['1.png', '2.png', '3.png', 'bad.png']);
  assert.equal(jsonLines(fs.readFileSync(output, 'utf8'))[0].mark, 'kept');
});

test('a last line that is whole but for its newline counts as half', async (t) => {
  const { input, output } = jobOf(t);
  await cli(['classify', input, '--output', output]);
  const lines = fs.readFileSync(output, 'utf8').split('\n');
  fs.writeFileSync(output, lines.slice(0, 2).join('\n'));
  const { stderr } = await cli(['classify', input, '--output', output, '--resume']);
  assert.match(stderr, /: 2 classified, 1 failed, 1 there before: /);
});

test('--resume begins anew where no file is; without it a file is begun anew', async (t) => {
  const { input, output } = jobOf(t);
  await cli(['classify', input, '--output', output, '--resume']);
  await cli(['classify', input, '--output', output]);
  assert.equal(filesIn(output).length, 4);
});

test('a job that is killed goes on where it was, with every picture once', async (t) => {
  const { input, output } = jobOf(t);
  for (let i = 4; i < 200; i++) fs.writeFileSync(path.join(input, `${i}.png`), png(i));
  const args = [CLI, 'classify', input, '--output', output, '--resume', '--threads', '1'];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  while (!(fs.existsSync(output) && fs.statSync(output).size > 2000)) await sleep(2);
  child.kill('SIGKILL');
  await once(child, 'close');
  const { code } = await cli(args.slice(1));
  assert.equal(code, 1);
  const names = filesIn(output);
  assert.equal(new Set(names).size, 200);
  assert.equal(names.length, 200);
});
