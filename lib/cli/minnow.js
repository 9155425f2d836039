#!/usr/bin/env node
// The command line: finds the command, runs it, turns its outcome into an exit code.
'use strict';

const { parseArgs } = require('node:util');
const COMMANDS = require('./commands.js');
const { CliError, UsageError } = require('./errors.js');
const { nearest } = require('./suggest.js');
const { failOnClosedPipe, printable } = require('./terminal.js');

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

function overview() {
  const rows = Object.entries(COMMANDS).map(([name, load]) => `  ${name.padEnd(11)} ${load().summary}`);
  return [
    'minnow: fast image classification on the CPU',
    '',
    'Usage: minnow COMMAND [ARGUMENTS]',
    '       minnow COMMAND --help',
    '',
    'Commands:',
    ...rows,
    '',
    'Options:',
    '  -h, --help     this text, or that of a command',
    '  -V, --version  version of minnow and of Node.js',
    '',
    'Try: minnow classify photo.jpg',
    '',
    'Environment:',
    '  MINNOW_MODELS   folders with models, looked at first',
    '  MINNOW_CACHE    folder of downloaded models (default: $XDG_CACHE_HOME/minnow or ~/.cache/minnow)',
    '  MINNOW_THREADS  threads to use (default: the CPUs that the process may use)',
    '  MINNOW_ISA      highest instruction set to use: portable, avx2, avx512, avx512vnni,',
    '                  avx512vbmi, amx',
    '  NO_COLOR        when set, no colours',
    '',
    'Exit codes: 0 all good, 1 something failed, 2 wrong usage',
    '',
  ].join('\n');
}

function version() {
  return `minnow ${require('../../package.json').version} (Node.js ${process.versions.node})\n`;
}

/** "Unknown option '--jsn'" with the option that was meant, or the message as it is. */
function explain(error, options) {
  const unknown = /^Unknown option '--?([^'=]+)/.exec(error.message)?.[1];
  if (error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || unknown === undefined) return error.message;
  const meant = nearest(unknown, Object.keys(options));
  return `unknown option '${unknown.length > 1 ? '--' : '-'}${unknown}'` +
    (meant === null ? '' : `; did you mean --${meant}?`);
}

/** Parses the arguments of a command; what util.parseArgs refuses is a UsageError. */
function parse(command, args) {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(explain(error, options));
  }
}

async function runCommand(name, args) {
  const command = COMMANDS[name]();
  try {
    const { values, positionals } = parse(command, args);
    if (values.help) {
      process.stdout.write(command.help);
      return EXIT_OK;
    }
    return await command.run(values, positionals);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`minnow ${name}: ${error.message}\nTry: minnow ${name} --help\n`);
      return EXIT_USAGE;
    }
    if (!(error instanceof CliError) && typeof error?.code !== 'string') throw error;
    process.stderr.write(`minnow ${name}: ${error.message}\n`);
    return EXIT_FAILED;
  }
}

/**
 * @param {string[]} args without node and the script
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  failOnClosedPipe();
  const [name, ...rest] = args;
  if (name === '--version' || name === '-V') {
    process.stdout.write(version());
    return EXIT_OK;
  }
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    process.stdout.write(overview());
    return EXIT_OK;
  }
  if (name === 'help') return main([rest[0], '--help']);
  if (name !== undefined && Object.hasOwn(COMMANDS, name)) return runCommand(name, rest);
  if (name === undefined) {
    process.stderr.write(`minnow: no command\n\n${overview()}`);
    return EXIT_USAGE;
  }
  const meant = nearest(name, Object.keys(COMMANDS));
  const hint = meant === null ? '' : `; did you mean ${meant}?`;
  process.stderr.write(`minnow: no command named '${printable(name)}'${hint}\nTry: minnow --help\n`);
  return EXIT_USAGE;
}

module.exports = { main };

if (require.main === module) {
  main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
