// Does a crowd get answers or refusals, and nothing else: of one process, and of the server?
'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const test = require('node:test');
const { runsClean, times } = require('../lib/support/child.js');
const { png } = require('../lib/support/pictures.js');
const { ask } = require('../lib/support/http.js');
const { serveProcess } = require('../lib/server/support.js');

const REQUESTS = times(2000, 10_000);
const SOCKETS = 500;
const PICTURE = png(1);

test(`${REQUESTS} classifications queued at once all end, the cancelled ones too`, async () => {
  const stdout = await runsClean(`
    const { MobileNet } = require('./lib/index.js');
    const { png } = require('./test/lib/support/pictures.js');
    MobileNet.load().then(async (net) => {
      const [image, controller] = [png(1), new AbortController()];
      const expected = JSON.stringify(net.classifySync(image));
      const all = Array.from({ length: ${REQUESTS} }, (_, i) =>
        net.classify(image, i % 10 ? undefined : { signal: controller.signal }));
      setTimeout(() => controller.abort(), 20);
      const counts = { same: 0, cancelled: 0 };
      for (const { value, reason } of await Promise.allSettled(all)) {
        if (reason?.name === 'AbortError') counts.cancelled++;
        else if (JSON.stringify(value) === expected) counts.same++;
      }
      net.close();
      console.log(counts.same + counts.cancelled, counts.same >= ${REQUESTS * 0.9}, counts.cancelled > 0);
    });
  `);
  assert.equal(stdout, `${REQUESTS} true true\n`);
});

test(`${REQUESTS} requests on ${SOCKETS} connections get 200 or 503`, async (t) => {
  const { child, url, ended } = await serveProcess(t);
  const agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS });
  const statuses = {};
  await Promise.all(Array.from({ length: REQUESTS }, async () => {
    const { status } = await ask(url, { method: 'POST', body: PICTURE, agent });
    statuses[status] = (statuses[status] ?? 0) + 1;
  }));
  agent.destroy();
  t.diagnostic(JSON.stringify(statuses));
  const { 200: good = 0, 503: refused = 0 } = statuses;
  assert.deepEqual([good > 0, good + refused], [true, REQUESTS]);
  assert.equal((await ask(url, { method: 'POST', body: PICTURE })).status, 200);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, { code: 0, signal: null });
});
