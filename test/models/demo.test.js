// Does the demo work on what comes with minnow, where no test data is?
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const test = require('node:test');
const { ROOT, node } = require('../lib/support/child.js');

test('without test data the demo names shapes that it has just drawn', async () => {
  const env = { MINNOW_TEST_DATA: '/nowhere' };
  const { code, stdout, stderr } = await node([path.join(ROOT, 'test.js')], { env });
  assert.deepEqual([code, stderr], [0, '']);
  const blocks = [...stdout.matchAll(
    /predicting on file {2}\d+-(\w+)\.png\ninference time: {2}\d+ ms\nprediction: {2}(\w+)\n/g,
  )];
  assert.equal(blocks.length, 8);
  const right = blocks.filter(([, drawn, predicted]) => drawn === predicted).length;
  assert.ok(right >= 6, stdout);
});
