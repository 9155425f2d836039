// Do the shells complete what the commands have?
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { CLI, cli } = require('../support/child.js');
const { temporaryFolder } = require('../support/pictures.js');

const has = (shell) => !spawnSync(shell, ['-c', 'true']).error;

/** What bash offers for the words of a command line, the last one being typed. */
async function complete(t, ...words) {
  const folder = temporaryFolder(t);
  const { stdout } = await cli(['completion', 'bash']);
  fs.writeFileSync(path.join(folder, 'completion'), stdout);
  fs.writeFileSync(path.join(folder, 'minnow'), `#!/bin/sh\nexec ${process.execPath} ${CLI} "$@"\n`, { mode: 0o755 });
  const program = `. ./completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _minnow; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const result = spawnSync('bash', ['-c', program, 'bash', 'minnow', ...words], {
    cwd: folder, encoding: 'utf8', env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  assert.equal(result.stderr, '');
  return result.stdout.trim().split('\n');
}

test('bash completes commands, options, values and models', { skip: !has('bash') && 'no bash' }, async (t) => {
  assert.deepEqual(await complete(t, 'cl'), ['classify']);
  assert.deepEqual(await complete(t, 'classify', '--pre'), ['--precision', '--preprocess']);
  assert.deepEqual(await complete(t, 'classify', '--resize', 'c'), ['crop']);
  assert.deepEqual(await complete(t, 'completion', 'z'), ['zsh']);
  assert.deepEqual(await complete(t, 'inspect', 'shap'), ['shapes']);
  assert.deepEqual(await complete(t, 'classify', '--model', 'shap'), ['shapes']);
  assert.deepEqual(await complete(t, 'help', 'insp'), ['inspect']);
});

for (const shell of ['zsh', 'fish']) {
  test(`${shell} accepts its script`, { skip: !has(shell) && `no ${shell}` }, async (t) => {
    const { code, stdout } = await cli(['completion', shell]);
    assert.equal(code, 0);
    const file = path.join(temporaryFolder(t), 'completion');
    fs.writeFileSync(file, stdout);
    const result = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    assert.deepEqual([result.status, result.stderr], [0, '']);
  });
}

test('every script has every option of every command', async () => {
  const commands = require('../../../lib/cli/commands.js');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await cli(['completion', shell]);
    for (const [name, load] of Object.entries(commands)) {
      assert.match(stdout, new RegExp(`\\b${name}\\b`));
      for (const option of Object.keys(load().options)) {
        assert.ok(stdout.includes(shell === 'fish' ? `-l ${option} ` : `--${option}`), option);
      }
    }
  }
});
