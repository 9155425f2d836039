// `minnow pull`: a model of the catalog into the cache.
'use strict';

const { pull } = require('../pull.js');
const { UsageError } = require('./errors.js');
const { printable } = require('./terminal.js');

const NARROWEST = 40;
const MIB = 1 << 20;
const REDRAW_MS = 100;

const options = {
  from: { type: 'string' },
  offline: { type: 'boolean' },
  force: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
};

const help = `Usage: minnow pull NAME... [OPTIONS]

Downloads models of the catalog into the cache ($MINNOW_CACHE, or $XDG_CACHE_HOME/minnow, or
~/.cache/minnow) and prints their folders. A download that was interrupted is resumed; a file gets
its name when it is whole and its checksum is right. The names are those of 'minnow models'.

Options:
      --from SOURCE  a folder, or the URL of a mirror, with files of the same names
      --offline      no network: only what --from a folder has ($MINNOW_OFFLINE=1 does the same)
      --force        again, even if it is there
  -q, --quiet        no progress
  -h, --help         this text

Examples:
  minnow pull mobilenet_v2_1.0_224 && minnow classify photo.jpg --model mobilenet_v2_1.0_224
  minnow pull mobilenetv2-7 --from /mnt/models
  minnow pull mobilenetv2-7 --from https://mirror.example.org/models/

Exit codes: 0 all models are there, 1 one could not be pulled, 2 wrong usage
`;

/** A bar on stderr that counts bytes; silent where stderr is no terminal. */
class ByteProgress {
  #stream;
  #last = 0;

  constructor(stream = process.stderr) {
    this.#stream = stream;
  }

  update({ file, loaded, total }) {
    const now = performance.now();
    if (!this.#stream.isTTY || (loaded !== total && now - this.#last < REDRAW_MS)) return;
    this.#last = now;
    const columns = Math.max(this.#stream.columns ?? 80, NARROWEST);
    const width = Math.floor(columns / 3);
    const share = total > 0 ? Math.min(loaded / total, 1) : 0;
    const filled = Math.round(share * width);
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
    const sizes = total === undefined
      ? `${(loaded / MIB).toFixed(1)} MiB`
      : `${(loaded / MIB).toFixed(1)}/${(total / MIB).toFixed(1)} MiB`;
    this.#stream.write(`\r\u001b[2K${`${bar} ${sizes} ${printable(file)}`.slice(0, columns - 1)}`);
  }

  clear() {
    if (this.#last > 0) this.#stream.write('\r\u001b[2K');
    this.#last = 0;
  }
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  if (operands.length === 0) throw new UsageError('no model given; minnow models lists them');
  const progress = new ByteProgress();
  const offline = values.offline === true || /^(1|true|yes)$/i.test(process.env.MINNOW_OFFLINE ?? '');
  for (const name of operands) {
    try {
      const { folder, received } = await pull(name, {
        from: values.from,
        force: values.force,
        offline,
        onProgress: values.quiet ? undefined : (state) => progress.update(state),
      });
      progress.clear();
      for (const { file, algorithm, digest, known, error } of received) {
        if (known) continue;
        const note = error === undefined
          ? `the catalog has no checksum for ${file}; what came has ${algorithm} ${digest}`
          : `without labels: ${error.message}`;
        process.stderr.write(`minnow pull: ${note}\n`);
      }
      process.stdout.write(`${folder}\n`);
    } finally {
      progress.clear();
    }
  }
  return 0;
}

module.exports = { ByteProgress, summary: 'download a model of the catalog', options, help, run };
