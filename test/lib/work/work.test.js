// Does a worker do every job of its queue, whatever befalls the job or the worker?
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MobileNet } = require('../../../lib/index.js');
const { addPictures, startWorker } = require('../../../lib/work/index.js');
const { until } = require('../server/support.js');
const { CLI, ROOT, bareCli, cli, node } = require('../support/child.js');
const { host } = require('../support/http.js');
const { png, temporaryFolder } = require('../support/pictures.js');
const { skipWithoutRedis, startRedis } = require('../support/redis.js');

const skip = skipWithoutRedis;
const QUEUE = 'pictures';
const net = MobileNet.loadSync();
const SILENT = { write() {} };
const expected = (seed, topK = 5) => net.classifySync(png(seed), { topK });
const linesOf = (file) => fs.readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line));

/** A queue on a Redis of its own, and a folder with `count` pictures, named by their seeds. */
async function setUp(t, count = 0) {
  const connection = await startRedis(t);
  const folder = temporaryFolder(t);
  for (let seed = 1; seed <= count; seed++) fs.writeFileSync(path.join(folder, `${seed}.png`), png(seed));
  const { Queue } = require('bullmq');
  const queue = new Queue(QUEUE, { connection: { url: connection } });
  t.after(() => queue.close());
  const output = path.join(folder, 'results.ndjson');
  const start = (options = {}) =>
    startWorker({ queue: QUEUE, connection, root: folder, logStream: SILENT, ...options });
  const drain = async (options) => (await start({ untilEmpty: true, ...options })).ended;
  return { connection, folder, queue, output, start, drain };
}

test('files, URLs and base64 are classified; results go to the job, a file and a queue', { skip }, async (t) => {
  const { connection, folder, queue, output, drain } = await setUp(t, 2);
  const images = await host(t, (request, response) => response.end(png(3)));
  const pictures = [
    { file: '1.png' }, { file: path.join(folder, '2.png'), topK: 2 }, { url: `${images.url}/a.png` },
    { image: png(4).toString('base64') },
  ];
  assert.equal(await addPictures({ queue: QUEUE, connection }, pictures), 4);
  const allowHosts = ['127.0.0.1'];
  assert.deepEqual(await drain({ output, results: 'results', allowHosts }), { completed: 4, failed: 0 });
  const wanted = [expected(1), expected(2, 2), expected(3), expected(4)];
  for (const [i, predictions] of wanted.entries()) {
    const { returnvalue } = await queue.getJob(`${i + 1}`);
    assert.deepEqual(returnvalue.predictions, predictions);
    assert.ok(returnvalue.ms.decode >= 0 && returnvalue.ms.infer > 0);
  }
  const lines = linesOf(output).toSorted((a, b) => a.job - b.job);
  assert.deepEqual(lines.map(({ job, file, url, predictions }) => ({ job, file, url, predictions })), [
    { job: '1', file: '1.png', url: undefined, predictions: wanted[0] },
    { job: '2', file: path.join(folder, '2.png'), url: undefined, predictions: wanted[1] },
    { job: '3', file: undefined, url: `${images.url}/a.png`, predictions: wanted[2] },
    { job: '4', file: undefined, url: undefined, predictions: wanted[3] },
  ]);
  const { Queue } = require('bullmq');
  const results = new Queue('results', { connection: { url: connection } });
  t.after(() => results.close());
  const jobs = (await results.getJobs()).map(({ name, data }) => ({ name, data }));
  assert.deepEqual(jobs.toSorted((a, b) => a.data.job - b.data.job), lines.map((data) => ({ name: 'result', data })));
});

test('a list is one job with progress, and a bad picture in it does not fail it', { skip }, async (t) => {
  const { queue, output, drain } = await setUp(t, 2);
  const pictures = [{ file: '1.png' }, { image: 'aGVsbG8=' }, { file: '2.png' }];
  const job = await queue.add('list', { pictures, topK: 1 });
  assert.deepEqual(await drain({ output }), { completed: 1, failed: 0 });
  const { returnvalue, progress } = await queue.getJob(job.id);
  assert.deepEqual(progress, { done: 3, total: 3 });
  const shown = returnvalue.results.map(({ index, predictions, error }) => [index, predictions ?? error.code]);
  assert.deepEqual(shown, [[0, expected(1, 1)], [1, 'ERR_INVALID_IMAGE'], [2, expected(2, 1)]]);
  assert.deepEqual(linesOf(output), returnvalue.results.map((result) => ({ job: job.id, ...result })));
});

test('what may pass is tried again after a pause, what will not fails at once; both give a result', { skip },
  async (t) => {
    const { connection, queue, output, drain } = await setUp(t);
    const asked = {};
    const images = await host(t, (request, response) => {
      asked[request.url] = (asked[request.url] ?? 0) + 1;
      if (request.url === '/late' && asked['/late'] === 3) return response.end(png(1));
      return response.writeHead(500).end();
    });
    const bad = [{ image: 'aGVsbG8=' }, { url: 'http://127.0.0.1:1/' }, { file: 'none.png' }];
    const pictures = [{ url: `${images.url}/late` }, { url: `${images.url}/never` }, ...bad];
    await addPictures({ queue: QUEUE, connection, attempts: 3, backoffMs: 20 }, pictures);
    await queue.add('picture', { nothing: true });
    const allowHosts = [`127.0.0.1:${images.port}`];
    assert.deepEqual(await drain({ output, allowHosts }), { completed: 1, failed: 5 });
    assert.deepEqual(asked, { '/late': 3, '/never': 3 });
    const tries = await Promise.all([1, 2, 3, 4, 5, 6].map(async (id) => (await queue.getJob(`${id}`)).attemptsMade));
    assert.deepEqual(tries, [3, 3, 1, 1, 1, 1]);
    const codes = linesOf(output).toSorted((a, b) => a.job - b.job).map(({ error }) => error?.code);
    assert.deepEqual(codes, [undefined, 'ERR_FETCH_FAILED', 'ERR_INVALID_IMAGE', 'ERR_FETCH_BLOCKED',
      'ERR_NOT_FOUND', 'ERR_INVALID_ARGUMENT']);
  });

test('files outside of the root are refused, by name and by link', { skip }, async (t) => {
  const { connection, folder, output, drain } = await setUp(t);
  const outside = temporaryFolder(t);
  fs.writeFileSync(path.join(outside, 'a.png'), png(1));
  fs.symlinkSync(path.join(outside, 'a.png'), path.join(folder, 'link.png'));
  fs.mkdirSync(path.join(folder, 'folder.png'));
  const files = [path.join(outside, 'a.png'), `../${path.basename(outside)}/a.png`, 'link.png', 'folder.png', '/etc/no'];
  await addPictures({ queue: QUEUE, connection }, files.map((file) => ({ file })));
  assert.deepEqual(await drain({ output }), { completed: 0, failed: 5 });
  const errors = linesOf(output).toSorted((a, b) => a.job - b.job).map(({ error }) => error);
  for (const i of [0, 1, 2, 4]) assert.match(errors[i].message, /outside of the folder/);
  assert.equal(errors[3].code, 'ERR_INVALID_ARGUMENT');
});

/** `minnow work` as a process. */
function workProcess(t, { connection, folder }, args) {
  const common = ['work', '--queue', QUEUE, '--redis', connection, '--root', folder];
  const child = spawn(process.execPath, [CLI, ...common, ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  child.said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (child.said += text));
  return child;
}

test('a worker killed by SIGKILL in mid-run loses nothing', { skip }, async (t) => {
  const count = 120;
  const { connection, folder, queue, start } = await setUp(t, count);
  const held = [];
  const images = await host(t, (request, response) => void held.push(response));
  const files = Array.from({ length: count }, (_, i) => ({ file: `${i + 1}.png` }));
  // Two jobs hang, so that the worker is surely at something when it dies.
  const hanging = [{ url: `${images.url}/a` }, { url: `${images.url}/b` }];
  await addPictures({ queue: QUEUE, connection }, [...files.slice(0, 40), ...hanging, ...files.slice(40)]);
  const outputs = ['killed', 'second'].map((name) => path.join(folder, `${name}.ndjson`));
  const args = ['--output', outputs[0], '--concurrency', '4', '--lock-seconds', '1', '--allow-host', '127.0.0.1'];
  const killed = workProcess(t, { connection, folder }, args);
  await until(() => held.length === 2);
  await until(async () => (await queue.getCompletedCount()) > 40);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const before = await queue.getJobCounts('completed', 'active', 'waiting');
  assert.ok(before.active >= 2, 'the worker died at work');
  images.server.removeAllListeners('request').on('request', (request, response) => response.end(png(1)));

  const options = { output: outputs[1], untilEmpty: true, lockMs: 300, allowHosts: ['127.0.0.1'] };
  const { failed } = await (await start(options)).ended;
  assert.equal(failed, 0);
  assert.equal(await queue.getCompletedCount(), count + 2);
  const lines = outputs.flatMap(linesOf);
  const jobs = new Set(lines.map(({ job }) => job));
  assert.equal(jobs.size, count + 2, 'every job has its result');
  const twice = lines.length - jobs.size;
  assert.ok(twice <= before.active, 'only what was in work may come twice');
  for (const { file, predictions } of lines) {
    if (file) assert.deepEqual(predictions, expected(parseInt(file, 10)));
  }
  t.diagnostic(`${before.completed} done when killed, ${before.active} in work; ${twice} results came twice`);
});

test('SIGTERM lets what is in work finish, and takes on nothing more', { skip }, async (t) => {
  const { connection, folder, queue, output } = await setUp(t);
  const held = [];
  const images = await host(t, (request, response) => void held.push(response));
  const pictures = Array.from({ length: 6 }, (_, i) => ({ url: `${images.url}/${i}` }));
  await addPictures({ queue: QUEUE, connection }, pictures);
  const args = ['--output', output, '--concurrency', '2', '--allow-host', '127.0.0.1'];
  const child = workProcess(t, { connection, folder }, args);
  await until(() => held.length === 2);
  child.kill('SIGTERM');
  const ended = once(child, 'exit');
  await until(() => child.said.includes('"ending"'));
  for (const response of held) response.end(png(1));
  assert.deepEqual(await ended, [0, null]);
  assert.equal(held.length, 2);
  assert.equal(linesOf(output).length, 2);
  assert.deepEqual(await queue.getJobCounts('completed', 'active', 'waiting'), { completed: 2, active: 0, waiting: 4 });
});

test('a torn last line is cut off, whole ones stay', { skip }, async (t) => {
  const { connection, output, drain } = await setUp(t, 1);
  fs.writeFileSync(output, '{"job":"0"}\n{"job":"torn');
  await addPictures({ queue: QUEUE, connection }, [{ file: '1.png' }]);
  await drain({ output });
  assert.deepEqual(linesOf(output).map(({ job }) => job), ['0', '1']);
});

test('a job that its workers die at is given up, with a result', { skip }, async () => {
  const { makeProcessor } = require('../../../lib/work/processor.js');
  const { UnrecoverableError } = require('bullmq');
  const delivered = [];
  const process = makeProcessor({
    net, read: async () => png(1), UnrecoverableError, deliver: async (job, lines) => void delivered.push(...lines),
  });
  const job = { data: { file: 'a.png' }, attemptsMade: 0, opts: { attempts: 5 } };
  await process({ ...job, stalledCounter: 10 });
  await assert.rejects(process({ ...job, stalledCounter: 11 }), UnrecoverableError);
  assert.equal(delivered.length, 2);
  assert.match(delivered[1].error.message, /11 workers died/);
});

test('the command line adds folders and URLs, works them off, and says how it went', { skip }, async (t) => {
  const { connection, folder } = await setUp(t, 3);
  const queue = ['work', '--queue', QUEUE, '--redis', connection];
  const added = await cli([...queue, '--add', folder, 'http://127.0.0.1/a.png']);
  assert.deepEqual([added.code, added.stdout], [0, '4 jobs added to pictures\n']);
  const done = await cli([...queue, '--root', folder, '--output', '-x.ndjson', '--until-empty'], { cwd: folder });
  assert.equal(done.code, 2, 'an output that looks like an option');
  const worked = await cli([...queue, '--root', folder, '--output', 'x.ndjson', '--until-empty'], { cwd: folder });
  assert.equal(worked.code, 1, 'one URL was blocked');
  const logs = worked.stderr.trim().split('\n').map((line) => JSON.parse(line));
  const { msg, completed, failed } = logs.at(-1);
  assert.deepEqual([msg, completed, failed], ['ended', 3, 1]);
  assert.equal(linesOf(path.join(folder, 'x.ndjson')).length, 4);
});

test('the example of the documentation runs', { skip }, async (t) => {
  const { connection, folder } = await setUp(t, 1);
  const page = fs.readFileSync(path.join(ROOT, 'docs', 'work.md'), 'utf8');
  const [, example] = /^```javascript\n([\s\S]*?)^```$/m.exec(page);
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(ROOT, path.join(folder, 'node_modules', 'minnow'));
  fs.copyFileSync(path.join(folder, '1.png'), path.join(folder, 'photo.png'));
  const text = example.replace('redis://127.0.0.1:6379', connection);
  const { code, stderr } = await node(['-e', text], { cwd: folder });
  assert.equal(code, 0, stderr);
  const [line] = linesOf(path.join(folder, 'labels.ndjson'));
  assert.deepEqual(line.predictions, expected(1));
});

test('wrong arguments are refused', async () => {
  for (const args of [[], ['--queue', 'a', 'extra'], ['--queue', 'a', '--add'], ['--queue', 'a', '--concurrency', '0']]) {
    assert.equal((await cli(['work', ...args])).code, 2, args.join(' '));
  }
  for (const options of [undefined, {}, { queue: 'a:b' }, { queue: '' }, { queue: 'a', concurrency: 0 },
    { queue: 'a', lockMs: 1 }, { queue: 'a', output: 1 }, { queue: 'a', connection: 6379 }]) {
    await assert.rejects(startWorker(options), { code: /^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/ });
  }
  const adding = addPictures({ queue: 'a', connection: 'redis://127.0.0.1:1' }, [{ nothing: true }]);
  await assert.rejects(adding, { code: 'ERR_INVALID_ARGUMENT' });
});

test('without bullmq there is a remedy, not a stack', async (t) => {
  const { code, stderr } = await bareCli(t, ['work', '--queue', 'a']);
  assert.equal(code, 1);
  assert.match(stderr, /need the packages bullmq and ioredis.*\n.*npm install bullmq@6 ioredis@5/);
});
