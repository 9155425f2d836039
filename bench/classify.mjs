// How fast is a picture turned into labels, file bytes in, top 5 out, beside sharp + ONNX Runtime?
//
//   node bench/classify.mjs [IMAGE]... [--model FILE.onnx] [--threads 2] [--rounds 20]
//     [--json F] [--markdown F] [--svg F]
//
// Without images: those of $MINNOW_TEST_DATA (default ../shared/data), with its MobileNetV2. The
// peer decodes and resizes with sharp (its JPEG shrink-on-load is on) and normalises in JavaScript.
// A ratio of x2 says that the peer takes twice as long.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { alternate } from '../lib/bench/measure.js';
import { classifiers } from './support/classifiers.mjs';
import { MOBILENET, demand, imageFiles, threadsText } from './support/data.mjs';
import { RESULT_OPTIONS, textOf, writeResults } from './support/results.mjs';

/** Pixels of a JPEG or PNG, from its header. */
function megapixels(bytes) {
  if (bytes[0] === 0x89) return (bytes.readUInt32BE(16) * bytes.readUInt32BE(20)) / 1e6;
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return (bytes.readUInt16BE(at + 5) * bytes.readUInt16BE(at + 7)) / 1e6;
    }
  }
  return NaN;
}

async function compare(file, contenders, rounds) {
  const bytes = fs.readFileSync(file);
  const answers = [];
  for (const { classify } of contenders) answers.push((await classify(bytes))[0]);
  const runs = contenders.map(({ name, classify }) => ({ name, run: () => classify(bytes) }));
  const size = megapixels(bytes);
  return {
    name: `${path.basename(file)}, ${size.toFixed(2)} MP`,
    megapixels: size,
    answers: answers.map(({ index, probability }) => ({ index, probability })),
    rows: await alternate(runs, { rounds }),
  };
}

/**
 * @param {{files?: string[], model?: string, threads?: number, rounds?: number}} [options]
 * @returns {Promise<object>} a section of results
 */
export async function benchPictures(options = {}) {
  const { files = imageFiles(), model = MOBILENET, threads = 2, rounds = 30 } = options;
  const contenders = await classifiers({ model, threads });
  const groups = [];
  for (const file of files) groups.push(await compare(file, contenders, rounds));
  for (const { close } of contenders) await close();
  const note = `bytes to top 5, ${path.basename(model)}, ${threadsText(threads)}`;
  return { name: 'Pictures', unit: 'ms a picture', note, groups };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...RESULT_OPTIONS,
      model: { type: 'string', default: MOBILENET },
      threads: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '30' },
    },
  });
  const files = positionals.length > 0 ? positionals : imageFiles();
  demand(values.model, ...files);
  const section = await benchPictures({
    files,
    model: values.model,
    threads: Number(values.threads),
    rounds: Number(values.rounds),
  });
  console.log(textOf(section));
  writeResults([section], values);
}
