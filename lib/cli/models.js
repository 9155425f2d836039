// `minnow models`: which models are there, and which can be pulled?
'use strict';

const { isComplete, listEntries } = require('../models.js');
const { is } = require('../validate.js');
const { UsageError } = require('./errors.js');
const { printable, table } = require('./terminal.js');

const options = { json: { type: 'boolean' } };

const help = `Usage: minnow models [OPTIONS]

Lists the models of the catalog: those of $MINNOW_MODELS, of the cache, and of the package. What is
not here yet comes with 'minnow pull NAME'.

Options:
      --json   one JSON object a line: {"name","here","bytes","top1","format","folder","description"}
  -h, --help   this text

Examples:
  minnow models
  minnow models --json | jq -r 'select(.here) | .name'

Exit codes: 0 listed, 1 a model.json is malformed and left out, 2 wrong usage
`;

function factsOf(entry) {
  const downloads = Array.isArray(entry.downloads) ? entry.downloads : [entry];
  const bytes = downloads.map((download) => download?.bytes);
  const sum = bytes.every(is.integer) ? bytes.reduce((total, one) => total + one, 0) : null;
  return {
    name: entry.name,
    here: isComplete(entry),
    bytes: sum,
    top1: entry.accuracy?.top1 ?? null,
    format: entry.format ?? null,
    folder: entry.dir,
    description: entry.description ?? '',
  };
}

function rowOf({ name, here, bytes, top1, description }) {
  const size = bytes === null ? '? MB' : `${(bytes / 1e6).toFixed(1)} MB`;
  const accuracy = top1 === null ? '' : `${(100 * top1).toFixed(1)} %`;
  return [printable(name), here ? 'here' : 'to pull', size, accuracy, printable(description)];
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  if (operands.length > 0) throw new UsageError(`unexpected argument '${operands[0]}'`);
  let code = 0;
  const facts = listEntries((error) => {
    process.stderr.write(`minnow models: ${printable(error.message)}\n`);
    code = 1;
  }).map(factsOf);
  const text = values.json
    ? facts.map((fact) => `${JSON.stringify(fact)}\n`).join('')
    : table([['NAME', 'STATE', 'SIZE', 'TOP-1', 'WHAT'], ...facts.map(rowOf)], [2, 3]);
  process.stdout.write(text);
  return code;
}

module.exports = { summary: 'list the models of the catalog', options, help, run };
