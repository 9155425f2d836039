// Loads a model's files cut and changed: node broken-copies.js FILE... prints what came of each copy.
'use strict';

const fs = require('node:fs');
const { MinnowError, Model } = require('../../../lib/index.js');

/** [what was done to the parts, 'loaded' or the code or the error] for a dozen changes. */
function* outcomesOf(files) {
  const whole = files.map((file) => fs.readFileSync(file));
  const load = (parts) => {
    try {
      Model.loadSync(parts).close();
      return 'loaded';
    } catch (error) {
      return error instanceof MinnowError ? error.code : String(error.stack);
    }
  };
  for (let part = 0; part < whole.length; part++) {
    const { length } = whole[part];
    const changed = (bytes) => whole.map((other, i) => (i === part ? bytes : other));
    for (let step = 1; step < 8; step++) {
      const at = Math.floor((length * step) / 8);
      yield [`cut to ${at}`, load(changed(whole[part].subarray(0, at)))];
      const flipped = Buffer.from(whole[part]);
      // The first bytes and the last have what describes the rest.
      for (const place of [step * 13, length - step * 13, at]) flipped[place] ^= 1 << step;
      yield [`flips around ${at}`, load(changed(flipped))];
    }
  }
}

const outcomes = [...outcomesOf(process.argv.slice(2))];
console.log(JSON.stringify({ outcomes, resident: process.resourceUsage().maxRSS * 1024 }));
