// Does a model reach the cache whole and checked, or not at all?
'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { listEntries, resolveModel } = require('../../lib/models.js');
const { pull } = require('../../lib/pull.js');
const { CLI, ROOT, cli } = require('./support/child.js');
const { host } = require('./support/http.js');
const { png, temporaryFolder } = require('./support/pictures.js');

const SHAPES = path.join(ROOT, 'models', 'shapes', 'shapes.onnx');
const WEIGHTS = fs.readFileSync(SHAPES);
const digest = (bytes, algorithm = 'sha256') => crypto.createHash(algorithm).update(bytes).digest('hex');
const code = (wanted) => ({ code: wanted });

/**
 * A catalog with one model, `net`, an empty cache, and a folder with the model's file.
 * @returns {{cache: string, folder: string, mirror: string, env: object}}
 */
function world(t, download = {}, bytes = WEIGHTS) {
  const root = temporaryFolder(t);
  const [catalog, cache, mirror] = ['catalog', 'cache', 'mirror'].map((name) => path.join(root, name));
  fs.mkdirSync(path.join(catalog, 'net'), { recursive: true });
  fs.mkdirSync(mirror);
  fs.writeFileSync(path.join(mirror, 'net.onnx'), bytes);
  const downloads = [{
    url: 'http://models.invalid/some/where/net.onnx', bytes: WEIGHTS.length, sha256: digest(WEIGHTS), ...download,
  }];
  const entry = { name: 'net', file: 'net.onnx', format: 'onnx', preprocess: 'tf', downloads };
  fs.writeFileSync(path.join(catalog, 'net', 'model.json'), JSON.stringify(entry));
  const env = { MINNOW_MODELS: catalog, MINNOW_CACHE: cache };
  const before = { ...process.env };
  Object.assign(process.env, env);
  t.after(() => {
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  return { cache, folder: path.join(cache, 'net'), mirror, env };
}

/** A mirror that knows ranges, like static file servers; `wish` may spoil an answer. */
async function mirrorHost(t, bytes = WEIGHTS, wish = () => null) {
  const requests = [];
  const found = await host(t, (request, response) => {
    requests.push({ url: request.url, range: request.headers.range });
    if (wish({ request, response, count: requests.length, bytes })) return;
    const etag = `"${digest(bytes).slice(0, 8)}"`;
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const start = range && request.headers['if-range'] === etag ? Number(range[1]) : 0;
    response.setHeader('etag', etag);
    response.setHeader('content-length', bytes.length - start);
    if (start > 0) response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
    response.writeHead(start > 0 ? 206 : 200).end(bytes.subarray(start));
  });
  return { ...found, requests };
}

/** Sends the first `length` bytes and breaks the connection. */
function breakOff({ response, bytes }, length) {
  response.setHeader('etag', `"${digest(bytes).slice(0, 8)}"`);
  response.setHeader('content-length', bytes.length);
  response.write(bytes.subarray(0, length), () => setImmediate(() => response.destroy()));
  return true;
}

/** What a reader of the cache sees: finished files only; none where nothing was begun. */
function finished(folder) {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names.filter((name) => !/\.(part|tag)$|^\.lock$/.test(name)).sort();
}
const isThere = () => listEntries().some(({ name, dir }) => name === 'net' && dir.includes('cache'));

test('from a folder: the files, the entry, and the model is found by its name', async (t) => {
  const { folder, mirror } = world(t);
  assert.throws(() => resolveModel('net'), (error) => {
    assert.equal(error.code, 'ERR_NOT_FOUND');
    assert.match(error.message, /minnow pull net/);
    return true;
  });
  const { fresh, received } = await pull('net', { from: mirror });
  assert.deepEqual([fresh, received[0].known], [true, true]);
  assert.deepEqual(fs.readdirSync(folder).sort(), ['model.json', 'net.onnx']);
  assert.deepEqual(resolveModel('net').parts, [path.join(folder, 'net.onnx')]);
  assert.equal((await pull('net', { from: '/nowhere' })).fresh, false);
});

test('from a mirror over HTTP, by the last part of the name, with progress', async (t) => {
  const { folder } = world(t);
  const { url, requests } = await mirrorHost(t);
  const seen = [];
  await pull('net', { from: `${url}/deep`, onProgress: (state) => seen.push(state) });
  assert.deepEqual(requests, [{ url: '/deep/net.onnx', range: undefined }]);
  assert.deepEqual(fs.readFileSync(path.join(folder, 'net.onnx')), WEIGHTS);
  assert.deepEqual(fs.readdirSync(folder).sort(), ['model.json', 'net.onnx']);
  assert.deepEqual(seen.at(-1), { file: 'net.onnx', loaded: WEIGHTS.length, total: WEIGHTS.length });
  assert.ok(seen.every(({ loaded }, i) => i === 0 || loaded >= seen[i - 1].loaded));
});

test('a connection that breaks is made again where it ended', async (t) => {
  const { folder } = world(t);
  const { url, requests } = await mirrorHost(t, WEIGHTS, (context) =>
    context.count < 3 && context.count === 1 && breakOff(context, 500_000));
  await pull('net', { from: url, retryMs: 1 });
  assert.equal(requests.length, 2);
  const [, from] = /^bytes=(\d+)-$/.exec(requests[1].range);
  assert.ok(Number(from) > 0 && Number(from) <= 500_000);
  assert.deepEqual(fs.readFileSync(path.join(folder, 'net.onnx')), WEIGHTS);
});

test('a download that is interrupted is resumed by the next one; the cache shows nothing before', async (t) => {
  const { folder } = world(t);
  let working = false;
  const { url, requests } = await mirrorHost(t, WEIGHTS, (context) =>
    !working && breakOff(context, 300_000 + context.count));
  await assert.rejects(pull('net', { from: url, retryMs: 1 }), code('ERR_FETCH_FAILED'));
  assert.equal(requests.length, 4);
  assert.deepEqual([finished(folder), isThere()], [[], false]);
  working = true;
  await pull('net', { from: url });
  assert.match(requests.at(-1).range, /^bytes=[1-9]\d*-$/);
  assert.deepEqual(fs.readFileSync(path.join(folder, 'net.onnx')), WEIGHTS);
});

test('a process killed in the middle leaves nothing half-written, and the next resumes', async (t) => {
  const { folder, env } = world(t);
  let stuck = true;
  const { url, requests } = await mirrorHost(t, WEIGHTS, ({ response, bytes }) => {
    if (!stuck) return false;
    response.setHeader('etag', `"${digest(bytes).slice(0, 8)}"`);
    response.setHeader('content-length', bytes.length);
    response.write(bytes.subarray(0, 400_000));
    return true;
  });
  const child = spawn(process.execPath, [CLI, 'pull', 'net', '--from', url], { env: { ...process.env, ...env } });
  const part = path.join(folder, 'net.onnx.part');
  while (!((fs.statSync(part, { throwIfNoEntry: false })?.size ?? 0) > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await assert.rejects(pull('net', { from: url }), code('ERR_BUSY'));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual([finished(folder), isThere()], [[], false]);
  stuck = false;
  await pull('net', { from: url });
  assert.match(requests.at(-1).range, /^bytes=[1-9]\d*-$/);
  assert.deepEqual(fs.readdirSync(folder).sort(), ['model.json', 'net.onnx']);
});

test('a part of another version of the file is not gone on with', async (t) => {
  const { folder } = world(t);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'net.onnx.part'), Buffer.alloc(1000));
  fs.writeFileSync(path.join(folder, 'net.onnx.part.tag'), '"old"');
  const { url, requests } = await mirrorHost(t);
  await pull('net', { from: url });
  assert.deepEqual(requests.map(({ range }) => range), ['bytes=1000-']);
  assert.deepEqual(fs.readFileSync(path.join(folder, 'net.onnx')), WEIGHTS);
});

test('a part that went bad is found out by the checksum and fetched anew, once', async (t) => {
  const { folder } = world(t);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'net.onnx.part'), Buffer.alloc(1000));
  fs.writeFileSync(path.join(folder, 'net.onnx.part.tag'), `"${digest(WEIGHTS).slice(0, 8)}"`);
  const { url, requests } = await mirrorHost(t);
  await pull('net', { from: url });
  assert.deepEqual(requests.map(({ range }) => range), ['bytes=1000-', undefined]);
  assert.deepEqual(fs.readFileSync(path.join(folder, 'net.onnx')), WEIGHTS);
});

test('a corrupted file is refused, over HTTP and from a folder, and leaves nothing', async (t) => {
  const bad = Buffer.from(WEIGHTS);
  bad[1000] ^= 1;
  const { folder, mirror } = world(t, {}, bad);
  const { url } = await mirrorHost(t, bad);
  for (const from of [url, mirror]) {
    await assert.rejects(pull('net', { from }), (error) => {
      assert.equal(error.code, 'ERR_CHECKSUM');
      assert.ok(error.message.includes(digest(WEIGHTS)) && error.message.includes(digest(bad)));
      return true;
    });
    assert.deepEqual(fs.readdirSync(folder), []);
  }
});

test('sha384, and a file of the wrong length', async (t) => {
  const { mirror } = world(t, { sha256: undefined, sha384: digest(WEIGHTS, 'sha384') });
  assert.equal((await pull('net', { from: mirror })).received[0].algorithm, 'sha384');
  const { url } = await mirrorHost(t, WEIGHTS.subarray(0, 1000));
  await assert.rejects(pull('net', { from: url, force: true }), code('ERR_CHECKSUM'));
  fs.writeFileSync(path.join(mirror, 'net.onnx'), WEIGHTS.subarray(0, 1000));
  await assert.rejects(pull('net', { from: mirror, force: true }), code('ERR_CHECKSUM'));
  assert.deepEqual(fs.readFileSync(resolveModel('net').parts[0]), WEIGHTS, 'the one that was there stays');
});

test('without a checksum in the catalog, that is said, with the one of what came', async (t) => {
  const { mirror, env } = world(t, { sha256: undefined, bytes: undefined });
  const [{ known, digest: found }] = (await pull('net', { from: mirror })).received;
  assert.deepEqual([known, found], [false, digest(WEIGHTS)]);
  const { code: exit, stderr } = await cli(['pull', 'net', '--from', mirror, '--force'], { env });
  assert.equal(exit, 0);
  assert.ok(stderr.includes(`no checksum for net.onnx; what came has sha256 ${digest(WEIGHTS)}`));
});

test('offline nothing is asked of the network', async (t) => {
  const { mirror, env } = world(t);
  const { url, requests } = await mirrorHost(t);
  await assert.rejects(pull('net', { from: url, offline: true }), code('ERR_FETCH_BLOCKED'));
  await assert.rejects(pull('net', { offline: true }), /--from DIR/);
  assert.deepEqual(requests, []);
  assert.equal((await cli(['pull', 'net'], { env: { ...env, MINNOW_OFFLINE: '1' } })).code, 1);
  await pull('net', { from: mirror, offline: true });
  assert.equal((await pull('net', { offline: true })).fresh, false);
});

test('what is not there is not found: a name, a file, a page; other failures are told apart', async (t) => {
  const { mirror } = world(t);
  for (const name of ['other', '../net', 'shapes', '']) {
    await assert.rejects(pull(name, { from: mirror }), code('ERR_NOT_FOUND'));
  }
  await assert.rejects(pull('net', { from: path.join(mirror, 'deeper') }), code('ERR_NOT_FOUND'));
  const missing = await mirrorHost(t, WEIGHTS, ({ response }) => response.writeHead(404).end('no'));
  await assert.rejects(pull('net', { from: missing.url, retryMs: 1 }), /status 404/);
  assert.equal(missing.requests.length, 1, 'asking again would not help');
  const down = await mirrorHost(t, WEIGHTS, ({ response }) => response.writeHead(503).end('later'));
  await assert.rejects(pull('net', { from: down.url, retryMs: 1 }), /status 503/);
  assert.equal(down.requests.length, 4);
});

test('an abort ends the download with its reason', async (t) => {
  const { folder } = world(t);
  const reason = new Error('enough');
  const controller = new AbortController();
  const { url } = await mirrorHost(t, WEIGHTS, ({ response, bytes }) => {
    response.setHeader('content-length', bytes.length);
    response.write(bytes.subarray(0, 1000));
    controller.abort(reason);
    return true;
  });
  await assert.rejects(pull('net', { from: url, signal: controller.signal }), reason);
  assert.deepEqual(finished(folder), []);
});

/** A .tgz as tar makes it, and an entry that takes two of its files. */
function archiveWorld(t, { members, flags = [], spoil = (bytes) => bytes }) {
  const root = temporaryFolder(t);
  const inside = path.join(root, 'inside');
  const long = path.join('a'.repeat(80), 'b'.repeat(80));
  fs.mkdirSync(path.join(inside, long), { recursive: true });
  fs.writeFileSync(path.join(inside, 'net.onnx'), WEIGHTS);
  fs.writeFileSync(path.join(inside, 'ckpt.data'), Buffer.alloc(100_000, 7));
  fs.writeFileSync(path.join(inside, long, 'deep.txt'), 'deep');
  fs.symlinkSync('/etc/passwd', path.join(inside, 'link'));
  const archive = path.join(root, 'net.tgz');
  execFileSync('tar', [...flags, '-czf', archive, '-C', inside, '.']);
  fs.writeFileSync(archive, spoil(fs.readFileSync(archive)));
  const bytes = fs.readFileSync(archive);
  const extract = members ?? { 'net.onnx': 'net.onnx', [path.join(long, 'deep.txt')]: 'deep.txt' };
  const made = world(t, {
    url: 'http://models.invalid/net.tgz', bytes: bytes.length, sha256: digest(bytes), extract,
  });
  fs.copyFileSync(archive, path.join(made.mirror, 'net.tgz'));
  return made;
}

for (const format of ['gnu', 'posix', 'ustar']) {
  test(`an archive as tar --format=${format} makes it gives the files that are named, and no others`, async (t) => {
    const { folder, mirror } = archiveWorld(t, { flags: [`--format=${format}`] });
    await pull('net', { from: mirror });
    assert.deepEqual(fs.readdirSync(folder).sort(), ['deep.txt', 'model.json', 'net.onnx']);
    assert.deepEqual(fs.readFileSync(path.join(folder, 'net.onnx')), WEIGHTS);
    assert.equal(fs.readFileSync(path.join(folder, 'deep.txt'), 'utf8'), 'deep');
  });
}

test('an archive that lacks a file, is broken, or whose entry reaches out of the folder is refused', async (t) => {
  for (const [options, wanted] of [
    [{ members: { 'other.onnx': 'net.onnx' } }, 'ERR_INVALID_MODEL'],
    [{ members: { link: 'net.onnx' } }, 'ERR_INVALID_MODEL'],
    [{ members: { 'net.onnx': '../net.onnx' } }, 'ERR_INVALID_MODEL'],
    [{ members: { 'net.onnx': '/tmp/net.onnx' } }, 'ERR_INVALID_MODEL'],
    [{ spoil: (bytes) => bytes.subarray(0, 50_000) }, 'ERR_INVALID_MODEL'],
    [{ spoil: () => Buffer.from('no archive') }, 'ERR_INVALID_MODEL'],
  ]) {
    const { folder, mirror } = archiveWorld(t, options);
    await assert.rejects(pull('net', { from: mirror }), code(wanted));
    assert.deepEqual(finished(folder), []);
  }
});

/** The world's entry with labels of its own source; `there`: whether the mirror has them. */
function labelledWorld(t, there) {
  const { folder, mirror } = world(t);
  const file = path.join(process.env.MINNOW_MODELS, 'net', 'model.json');
  const entry = JSON.parse(fs.readFileSync(file));
  entry.labels = 'labels.txt';
  entry.labels_download = { url: 'https://example.org/words.txt', as: 'labels.txt' };
  fs.writeFileSync(file, JSON.stringify(entry));
  if (there) fs.writeFileSync(path.join(mirror, 'words.txt'), 'background\ncat\n');
  return { folder, mirror };
}

test('labels come with a model that names their source', async (t) => {
  const { folder, mirror } = labelledWorld(t, true);
  const { received } = await pull('net', { from: mirror });
  assert.equal(fs.readFileSync(path.join(folder, 'labels.txt'), 'utf8'), 'background\ncat\n');
  assert.equal(received.at(-1).known, false);
});

test('a model comes without labels where their source has none', async (t) => {
  const { folder, mirror } = labelledWorld(t, false);
  const { received } = await pull('net', { from: mirror });
  assert.equal(received.at(-1).error.code, 'ERR_NOT_FOUND');
  assert.equal(JSON.parse(fs.readFileSync(path.join(folder, 'model.json'))).labels, undefined);
  assert.equal((await pull('net', { from: mirror })).fresh, false);
});

test('minnow pull prints the folder, and what is pulled classifies', async (t) => {
  const { folder, env } = world(t);
  const { url } = await mirrorHost(t);
  const { code: exit, stdout, stderr } = await cli(['pull', 'net', '--from', url], { env });
  assert.deepEqual([exit, stdout, stderr], [0, `${folder}\n`, '']);
  const listed = (await cli(['models', '--json'], { env })).stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(listed.find(({ name }) => name === 'net').here, true);
  assert.equal(listed.find(({ name }) => name === 'mobilenetv2-7').here, false);
  const classified = await cli(['classify', '--json', '--model', 'net', '-'], { env, input: png(1) });
  assert.equal(classified.code, 0);
});

test('the commands check their arguments', async (t) => {
  const { env } = world(t);
  assert.equal((await cli(['pull'], { env })).code, 2);
  assert.equal((await cli(['models', 'extra'], { env })).code, 2);
  const { code: exit, stderr } = await cli(['pull', 'no-such'], { env });
  assert.equal(exit, 1);
  assert.match(stderr, /no model named no-such/);
});

test('every entry of the package is well formed: names, sizes, checksums, https, licence, labels', () => {
  const models = path.join(ROOT, 'models');
  const names = fs.readdirSync(models).filter((name) => fs.existsSync(path.join(models, name, 'model.json')));
  assert.ok(names.length >= 10);
  for (const name of names) {
    const entry = JSON.parse(fs.readFileSync(path.join(models, name, 'model.json')));
    assert.equal(entry.name, name);
    for (const key of ['description', 'license', 'source', 'format', 'preprocess', 'labels', 'input']) {
      assert.ok(entry[key], `${name}: ${key}`);
    }
    for (const download of entry.downloads ?? []) {
      assert.match(download.url, /^https:\/\/[\w.]+\/[\w./-]+$/);
      assert.match(download.sha256 ?? download.sha384, /^([0-9a-f]{64}|[0-9a-f]{96})$/);
      const outputs = download.extract ? Object.values(download.extract) : [path.posix.basename(download.url)];
      assert.ok(outputs.includes(entry.file), name);
    }
  }
});
