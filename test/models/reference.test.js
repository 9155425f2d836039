// Do whole networks give the reference outputs, on every instruction set and number of threads?
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const test = require('node:test');
const addon = require('../../lib/binding.js');
const { node } = require('../lib/support/child.js');
const { skipWithout } = require('../lib/support/data.js');
const { CASES } = require('./support/cases.js');

const ISAS = ['portable', 'avx2', 'avx512', 'avx512vnni', 'avx512vbmi', 'amx'];
const THREADS = [1, 2, 7];

const best = process.env.MINNOW_ISA ? addon.info().isa : ISAS.at(-1);
const levels = ISAS.slice(0, ISAS.indexOf(best) + 1);

for (const isa of levels) {
  CASES.forEach(({ name, model, input, output }, index) => {
    const skip = skipWithout(model, input, output);
    test(`${name} matches its reference on ${isa}, bit-equal for ${THREADS} threads`, { skip }, async (t) => {
      const program = path.join(__dirname, 'support', 'cases.js');
      const env = { MINNOW_ISA: isa, MINNOW_THREADS: String(Math.max(...THREADS)) };
      const { code, stdout, stderr } = await node([program, THREADS.join(','), String(index)], { env });
      assert.equal(code, 0, stderr);
      const rows = stdout.trim().split('\n').map((line) => JSON.parse(line));
      assert.equal(rows.length, THREADS.length);
      const { difference, limit } = rows[0];
      t.diagnostic(`largest difference ${difference.toExponential(2)}, allowed ${limit.toExponential(2)}`);
      assert.ok(difference <= limit, `${difference} > ${limit}`);
      for (const { threads, hash } of rows) assert.equal(hash, rows[0].hash, `${threads} threads`);
    });
  });
}
