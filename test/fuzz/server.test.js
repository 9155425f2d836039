// Can any JSON body make the server fail inside, or the action give what the protocol does not
// have? MINNOW_FUZZ_ROUNDS: how many of each (150), MINNOW_FUZZ_SEED.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { MobileNet } = require('../../lib/index.js');
const { ActionContainer } = require('../../lib/server/action.js');
const { classifyAction } = require('../../lib/server/classify-action.js');
const { ask } = require('../lib/support/http.js');
const { png } = require('../lib/support/pictures.js');
const { fuzzing, mutateJson, mutateText } = require('../lib/support/random.js');
const { serve } = require('../lib/server/support.js');

const PICTURE = png(1).toString('base64');
const BODIES = [
  { id: '1', parameters: { top: 3, binary_data_output: false },
    inputs: [{ name: 'image', shape: [1], datatype: 'BYTES', data: [PICTURE] }],
    outputs: [{ name: 'label', parameters: { binary_data: false } }] },
  { id: 'x', inputs: [{ name: 'input', shape: [1, 3, 2, 2], datatype: 'FP32',
    data: [[[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9], [10, 11]]]],
    parameters: { binary_data_size: 0 } }], outputs: [{ name: 'logits' }] },
];

test('a body that is almost right is answered or is the client\'s fault', async (t) => {
  const { random, count } = fuzzing(t, 'MINNOW_FUZZ_ROUNDS', 150);
  const { url } = await serve(t, { logLevel: 'silent' });
  const seen = {};
  for (let round = 0; round < count; round++) {
    const body = mutateText(BODIES[random(BODIES.length)], random);
    const { status, text } = await ask(`${url}/v2/models/shapes/infer`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body,
    });
    assert.ok(status < 500, `${status} ${text}\n${body.slice(0, 2000)}`);
    assert.equal(typeof JSON.parse(text), 'object');
    seen[status] = (seen[status] ?? 0) + 1;
  }
  assert.ok(seen[200] > 0 && seen[400] > 0, JSON.stringify(seen));
});

test('what was found before stays mended', async (t) => {
  const net = await MobileNet.load();
  t.after(() => net.close());
  const action = classifyAction(net, async () => Buffer.from(PICTURE, 'base64'));
  const headers = { 'content-type': { toString: 1 } };
  const { statusCode, body } = await action({ __ow_method: 'post', __ow_headers: headers, __ow_body: 'http://x' });
  assert.equal(statusCode, 200);
  assert.equal(body.predictions.length, 5);
});

test('an activation that is almost right ends as the action protocol says', async (t) => {
  const { random, count } = fuzzing(t, 'MINNOW_FUZZ_ROUNDS', 150);
  const net = await MobileNet.load();
  t.after(() => net.close());
  const silent = { write: (text, done) => done?.() };
  const action = classifyAction(net, async () => Buffer.from(PICTURE, 'base64'));
  const init = { value: { name: 'a', main: 'main', code: '', binary: false } };
  const runs = [
    { value: { image: PICTURE, topK: 2 }, activation_id: '1', deadline: '2' },
    { value: { __ow_method: 'post', __ow_headers: { 'content-type': 'application/json' },
      __ow_body: JSON.stringify({ url: 'http://x' }), __ow_query: 'topK=1' } },
  ];
  for (let round = 0; round < count; round++) {
    const container = new ActionContainer({ main: action }, { streams: [silent, silent] });
    const began = await container.init(mutateJson(init, random));
    assert.ok([200, 403, 502].includes(began.status), String(began.status));
    const request = mutateJson(runs[random(runs.length)], random);
    const { status, body } = began.status === 200
      ? await container.run(request)
      : await container.both({ init: init.value, activation: {}, value: request.value });
    assert.ok([200, 403, 502].includes(status), `${status} ${JSON.stringify(request).slice(0, 500)}`);
    assert.equal(typeof body, 'object');
    if (status === 502) assert.match(body.error, /^(An error has occurred|The action did)/);
    // Nothing but what the client sent wrong: no bug shows as a TypeError.
    assert.doesNotMatch(body.error ?? '', /is not a function|Cannot (read|convert)|undefined/);
  }
});
