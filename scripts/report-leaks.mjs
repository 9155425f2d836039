// What the sanitizers wrote about the addon: node report-leaks.mjs FOLDER
// Exits with 1 where there is an error, or where the addon asked for memory that is lost. What Node
// and V8 asked for is theirs, though the addon called them.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const RUNTIMES = /\/lib(asan|ubsan|stdc\+\+|c|gcc_s)\.so/;

const folder = process.argv[2];
const reports = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
const isOfLeaks = (text) => text.includes('ERROR: LeakSanitizer');
const errors = reports.filter((text) => !isOfLeaks(text) && /ERROR: |runtime error: /.test(text));

/** Whether the addon is what called malloc or operator new. */
function isOurs(block) {
  const frames = block.split('\n').filter((line) => /^\s+#\d+ /.test(line));
  return frames.find((frame) => !RUNTIMES.test(frame))?.includes('/minnow.node') === true;
}

const leaks = reports.filter(isOfLeaks).flatMap((text) => text.split('\n\n'))
  .filter((block) => /^(Direct|Indirect) leak of /.test(block.trimStart()));
const ours = leaks.filter(isOurs);
for (const text of [...new Set([...errors, ...ours])].slice(0, 10)) console.log(`${text}\n`);
console.log(`sanitizers: ${errors.length} errors, ${ours.length} leaks of the addon ` +
  `(${leaks.length - ours.length} of Node) in ${reports.length} reports`);
process.exit(errors.length + ours.length > 0 ? 1 : 0);
