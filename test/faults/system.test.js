// Does the engine work, or say why not, where the system gives it little: memory, threads, CPUs,
// instructions, and a clock that jumps?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { runsClean, script, times } = require('../lib/support/child.js');
const { temporaryFolder } = require('../lib/support/pictures.js');
const {
  skipWithoutCommand, skipWithoutMounts, skipWithoutUser, unprivileged,
} = require('./support.js');

/** Soft limits of the running process itself: limit('--as', bytes). */
const LIMIT = `
  const fs = require('node:fs');
  const { execFileSync } = require('node:child_process');
  const limit = (option, value) =>
    execFileSync('prlimit', ['--pid', String(process.pid), option + '=' + value + ':']);
  const status = (name) =>
    Number(new RegExp(name + ':\\\\s+(\\\\d+)').exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
`;
const needsLimits = { skip: skipWithoutCommand('prlimit') };

/** A network of 14 MB and one of 1000 layers: few large pieces of memory, and many small ones. */
const NETWORKS = `
  const { bigNetwork, deepNetwork } = require('./test/faults/networks.js');
`;

/** Loads and classifies with `mebibytes` of address space to go; prints 'done' or a code. */
const hungry = (network, mebibytes) => `${LIMIT} ${NETWORKS}
  const { Model } = require('./lib/index.js');
  const bytes = ${network}();
  limit('--as', status('VmSize') * 1024 + ${mebibytes} * 2 ** 20);
  (async () => {
    const model = await Model.load(bytes, { threads: 2 });
    const [{ name, shape }] = model.inputs;
    const length = shape.reduce((product, dim) => product * Math.abs(dim), 1);
    await Promise.all([1, 2, 3].map(() => model.run({ [name]: new Float32Array(length) })));
    model.close();
    return 'done';
  })().catch((error) => error.code).then((word) => console.log(word));
`;

for (const network of ['bigNetwork', 'deepNetwork']) {
  test(`${network}: memory that runs out at any point is ERR_OUT_OF_MEMORY`, needsLimits, async (t) => {
    const step = times(16, 1);
    const outcomes = {};
    for (let mebibytes = 4; mebibytes <= 132; mebibytes += step) {
      const { code, signal, stdout, stderr } = await script(hungry(network, mebibytes));
      // Node itself ends the process where its own heap finds no memory.
      const nodes = /JavaScript heap|V8|node::|Fatal process out of memory/.test(stderr);
      const word = nodes ? 'Node gave up' : stdout.trim();
      outcomes[word] = (outcomes[word] ?? 0) + 1;
      if (nodes) continue;
      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' }, `${mebibytes} MiB`);
      assert.ok(['done', 'ERR_OUT_OF_MEMORY'].includes(word), word);
    }
    t.diagnostic(JSON.stringify(outcomes));
    assert.ok(outcomes.ERR_OUT_OF_MEMORY > 0 && outcomes.done > 0, JSON.stringify(outcomes));
  });
}

test('a run goes on after one that found no memory', needsLimits, async () => {
  const stdout = await runsClean(`${LIMIT} ${NETWORKS}
    const { Model } = require('./lib/index.js');
    const bytes = bigNetwork();
    const before = status('VmSize') * 1024;
    (async () => {
      limit('--as', before + 10 * 2 ** 20); // less than the copy of its bytes
      console.log(await Model.load(bytes).then(() => 'loaded', (error) => error.code));
      limit('--as', 'unlimited');
      console.log(await Model.load(bytes).then(() => 'loaded', (error) => error.code));
    })();
  `);
  assert.equal(stdout, 'ERR_OUT_OF_MEMORY\nloaded\n');
});

test('without a thread to be had, everything runs on the caller', {
  skip: needsLimits.skip || skipWithoutUser,
}, async () => {
  const stdout = await runsClean(`${LIMIT}
    const { MobileNet } = require('./lib/index.js');
    const { png } = require('./test/lib/support/pictures.js');
    fs.readFile('package.json', async () => { // libuv has its threads now
      limit('--nproc', 1);
      const before = status('Threads');
      const net = await MobileNet.load();
      const all = await net.classifyBatch([png(1), png(2), png(3)]);
      console.log(all.length, status('Threads') - before);
    });
  `, { within: unprivileged, env: { MINNOW_THREADS: '4' } });
  assert.equal(stdout, '3 0\n');
});

const ANSWER = `
  const { MobileNet } = require('./lib/index.js');
  const { png } = require('./test/lib/support/pictures.js');
  const addon = require('./lib/binding.js');
  MobileNet.load().then(async (net) => {
    const answers = await net.classifyBatch([1, 2, 3, 4].map((seed) => png(seed)));
    const labels = answers.map(([best]) => best.label).join();
    console.log(JSON.stringify({ ...addon.info(), formats: undefined, labels }));
  });
`;
const answer = async (options) => JSON.parse(await runsClean(ANSWER, options));

test('one CPU is enough, and is found', { skip: skipWithoutCommand('taskset') }, async () => {
  const { labels } = await answer();
  const [first] = /\d+/.exec(/Cpus_allowed_list:\s+(.*)/.exec(fs.readFileSync('/proc/self/status'))[1]);
  const alone = await answer({ within: ['taskset', '--cpu-list', first] });
  assert.deepEqual([alone.threads, alone.labels], [1, labels]);
});

test('without AVX the answers are the same', async () => {
  const { labels } = await answer();
  for (const isa of ['portable', 'avx2', 'no such thing']) {
    const slow = await answer({ env: { MINNOW_ISA: isa } });
    assert.equal(slow.labels, labels);
    if (isa === 'portable') assert.equal(slow.isa, 'portable');
  }
});

/** A control group with these files, seen as the only one; a container sees its own so. */
function controlGroup(t, controller, settings) {
  const top = fs.existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? '/sys/fs/cgroup'
    : path.join('/sys/fs/cgroup', controller);
  const folder = path.join(top, `minnow-test-${process.pid}`);
  fs.mkdirSync(folder);
  t.after(() => fs.rmdirSync(folder));
  const file = Object.keys(settings).find((name) => fs.existsSync(path.join(folder, name)));
  if (file === undefined) return null;
  fs.writeFileSync(path.join(folder, file), settings[file]);
  const enter = `echo $$ >${folder}/cgroup.procs && mount --bind ${folder} ${top} && exec "$0" "$@"`;
  return ['unshare', '--mount', 'sh', '-c', enter];
}

const needsGroups = {
  skip: skipWithoutMounts || (() => {
    try {
      fs.accessSync('/sys/fs/cgroup', fs.constants.W_OK);
      return false;
    } catch {
      return 'control groups may not be made here';
    }
  })(),
};

test('the quota of a control group bounds the threads', needsGroups, async (t) => {
  const within = controlGroup(t, 'cpu', { 'cpu.max': '100000 100000', 'cpu.cfs_quota_us': '100000' });
  if (within === null) return t.skip('no cpu controller');
  const { labels } = await answer();
  const { threads, labels: found } = await answer({ within });
  return assert.deepEqual([threads, found], [1, labels]);
});

test('a control group of 192 MiB is enough for all of a day\'s work', needsGroups, async (t) => {
  const bytes = String(192 << 20);
  const within = controlGroup(t, 'memory', { 'memory.max': bytes, 'memory.limit_in_bytes': bytes });
  if (within === null) return t.skip('no memory controller');
  const stdout = await runsClean(`
    const { MobileNet } = require('./lib/index.js');
    const { large, png } = require('./test/lib/support/pictures.js');
    (async () => {
      for (let i = 0; i < ${times(5, 100)}; i++) {
        const net = await MobileNet.load();
        await net.classifyBatch(Array.from({ length: 40 }, (_, j) => (j % 10 ? png(j) : large(2000))));
        net.close();
      }
      console.log('done');
    })();
  `, { within });
  return assert.equal(stdout, 'done\n');
});

test('a clock that jumps disturbs neither time limits nor measured times', {
  skip: skipWithoutCommand('faketime'),
}, async (t) => {
  const stamp = path.join(temporaryFolder(t), 'now');
  fs.writeFileSync(stamp, '@2030-06-01 00:00:00');
  const library = ['x86_64-linux-gnu', 'aarch64-linux-gnu', '.']
    .map((folder) => path.join('/usr/lib', folder, 'faketime/libfaketime.so.1')).find((file) => fs.existsSync(file));
  const stdout = await runsClean(`
    const fs = require('node:fs');
    const { MobileNet, runGuest } = require('./lib/index.js');
    const { makeFetchImage } = require('./lib/server/fetch-image.js');
    const { op, program } = require('./test/wasm/support/module.js');
    const { png } = require('./test/lib/support/pictures.js');
    const years = new Set();
    let year = 2030;
    const jump = () => {
      years.add(new Date().getFullYear());
      year = year === 2030 ? 1999 : 2030;
      fs.writeFileSync(${JSON.stringify(stamp)}, '@' + year + '-06-01 00:00:00');
    };
    const timer = setInterval(jump, 20);
    (async () => {
      const hangs = makeFetchImage({ timeoutMs: 500, lookup: () => {} })('http://slow.example/');
      const guest = runGuest(program(() => [op.forever]), { timeout: 500 });
      const ends = Promise.allSettled([hangs, guest]);
      const net = await MobileNet.load();
      for (let i = 0; i < 20; i++) {
        for await (const { ms } of net.classifyStream([png(i)])) {
          if (!(ms.total >= 0 && ms.total < 60_000)) throw new Error(JSON.stringify(ms));
        }
      }
      const codes = await ends;
      clearInterval(timer);
      console.log(codes.map(({ reason }) => reason.code).join(), [...years].sort().join());
    })();
  `, { env: {
    LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: stamp, FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  } });
  assert.equal(stdout, 'ERR_FETCH_FAILED,ERR_GUEST_TIMEOUT 1999,2030\n');
});
