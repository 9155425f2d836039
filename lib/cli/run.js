// `minnow run`: a WASI program with wasi-nn, as if it were a command.
'use strict';

const { runGuest } = require('../index.js');
const { UsageError } = require('./errors.js');
const { wholeNumber } = require('./options.js');

const options = {
  dir: { type: 'string', multiple: true },
  env: { type: 'string', multiple: true },
  'nn-model': { type: 'string', multiple: true },
  threads: { type: 'string', short: 't' },
  timeout: { type: 'string' },
  'max-memory': { type: 'string' },
};

const help = `Usage: minnow run GUEST.wasm [OPTIONS] [-- ARGS...]

Runs a WASI (preview 1) program that may import wasi_ephemeral_nn, on this process's standard
streams. GUEST.wasm is a file or, where there is none of that name, a guest that comes with minnow:
infer.wasm or classify-nn.wasm.

Options:
      --dir HOST[::GUEST]     a folder that the program may use, under the name GUEST
      --env NAME=VALUE        an environment variable of the program
      --nn-model NAME=MODEL   what load_by_name finds: a file or a catalog name
  -t, --threads N             threads of one inference at most
      --timeout SECONDS       ends a program that still runs then
      --max-memory MIB        what the program's memory may grow to
  -h, --help                  this text

Examples:
  minnow run classify-nn.wasm --dir . -- model.onnx photo.jpg labels.txt
  minnow run guest.wasm --nn-model net=model.onnx -- net

Exit codes: the program's; 1 it cannot run, traps or is ended, 2 wrong usage
`;

/** ["NAME=VALUE"] as an object. */
function pairs(list, name) {
  return Object.fromEntries(
    (list ?? []).map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`--${name} takes NAME=VALUE, not '${text}'`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** ["HOST::GUEST", "HOST"] as preopens of node:wasi. */
function folders(list) {
  return Object.fromEntries(
    (list ?? []).map((text) => {
      const at = text.lastIndexOf('::');
      const [host, guest] = at < 0 ? [text, text] : [text.slice(0, at), text.slice(at + 2)];
      if (host === '' || guest === '') throw new UsageError(`--dir takes HOST[::GUEST], not '${text}'`);
      return [guest, host];
    }),
  );
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands the guest, then its arguments
 * @returns {Promise<number>} the guest's exit code
 */
async function run(values, operands) {
  const [guest, ...args] = operands;
  if (guest === undefined) throw new UsageError('give a .wasm file');
  const threads = wholeNumber(values, 'threads', 1, 256);
  const seconds = wholeNumber(values, 'timeout', 1, 2_000_000);
  const mebibytes = wholeNumber(values, 'max-memory', 0, 4096);
  const { exitCode } = await runGuest(guest, {
    args,
    env: pairs(values.env, 'env'),
    preopens: folders(values.dir),
    models: pairs(values['nn-model'], 'nn-model'),
    wasiNn: threads === undefined ? {} : { threads },
    stdio: 'inherit',
    timeout: seconds && seconds * 1000,
    maxMemory: mebibytes && mebibytes * 2 ** 20,
  });
  return exitCode;
}

module.exports = { summary: 'run a WebAssembly program with wasi-nn', options, help, run };
