// Does the command line teach, and tell wrong usage from failure?
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const test = require('node:test');
const { version } = require('../../../package.json');
const { CLI, cli } = require('../support/child.js');

test('--version says the version, on stdout', async () => {
  for (const flag of ['--version', '-V']) {
    const { code, stdout, stderr } = await cli([flag]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(stdout.startsWith(`minnow ${version} (Node.js `), stdout);
  }
});

test('--help lists the commands; the help of a command has its options and examples', async () => {
  const { code, stdout } = await cli(['--help']);
  assert.equal(code, 0);
  for (const command of Object.keys(require('../../../lib/cli/commands.js'))) {
    assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
    const { stdout: direct } = await cli([command, '--help']);
    const { stdout: indirect } = await cli(['help', command]);
    assert.equal(direct, indirect);
    assert.match(direct, /^Usage: minnow /);
    assert.match(direct, /^Examples:$/m);
    assert.match(direct, /^Exit codes: [^]*1 [^]*2 wrong usage$/m);
    for (const [, option] of direct.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)) {
      const { options } = require(`../../../lib/cli/${command}.js`);
      assert.ok(option === 'help' || option in options, option);
    }
    const { options } = require(`../../../lib/cli/${command}.js`);
    for (const option of Object.keys(options)) assert.ok(direct.includes(`--${option}`), option);
  }
});

test('wrong usage is exit code 2, with a hint on stderr and nothing on stdout', async () => {
  for (const args of [
    [], ['frobnicate'], ['bench', 'a', 'b'], ['bench', 'a', '--model', 'b'], ['completion'],
    ['completion', 'csh'], ['classify', 'x.png', '--resume'], ['classify'], ['classify', '--no-such-option', 'x.png'],
    ['classify', 'x.png', '--top', '0'], ['classify', 'x.png', '--top', 'many'],
    ['classify', 'x.png', '--threads', '1000'], ['classify', 'x.png', '--resize', 'fit'],
    ['classify', 'x.png', '--preprocess', 'y'], ['classify', 'x.png', '--precision', 'int4'],
    ['quantize'], ['quantize', 'shapes'], ['quantize', 'shapes', 'x.png'],
    ['quantize', 'shapes', '-', '--out', 'y'], ['quantize', 'shapes', 'x.png', '--out', 'y', '--range', 'z'],
    ['quantize', 'shapes', 'x.png', '--out', 'y', '--percentile', '40'],
    ['inspect'], ['inspect', 'a', 'b'], ['inspect', 'shapes', '--runs', '0'], ['toString'],
  ]) {
    const { code, stdout, stderr } = await cli(args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /minnow/);
  }
});

test('a misspelt command or option names the one that is meant, a strange one none', async () => {
  for (const [args, expected] of [
    [['clasify'], /^minnow: no command named 'clasify'; did you mean classify\?$/m],
    [['mod'], /did you mean models\?$/m],
    [['frobnicate'], /^minnow: no command named 'frobnicate'$/m],
    [['classify', 'x.png', '--jsno'], /^minnow classify: unknown option '--jsno'; did you mean --json\?$/m],
    [['inspect', 'shapes', '--prof'], /did you mean --profile\?$/m],
    [['inspect', 'shapes', '--zzzz'], /^minnow inspect: unknown option '--zzzz'$/m],
    [['inspect', 'shapes', '-z'], /^minnow inspect: unknown option '-z'$/m],
  ]) {
    assert.match((await cli(args)).stderr, expected);
  }
});

test('a reader that goes away ends the program quietly', async () => {
  const child = spawn(process.execPath, [CLI, 'inspect', 'shapes', '--graph'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual([code, stderr], [0, '']);
});
