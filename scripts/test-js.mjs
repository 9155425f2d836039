// Runs the Node tests (test/**/*.test.js and .mjs, or those given): node test-js.mjs [FILE...]
// MINNOW_TAP=FILE also writes the results there and ends with a summary.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

function findTests(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : findTests(full);
      return /\.test\.m?js$/.test(entry.name) ? [path.relative(root, full)] : [];
    })
    .sort();
}

const files = process.argv.length > 2 ? process.argv.slice(2) : findTests(path.join(root, 'test'));
const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
if (process.env.MINNOW_TAP) {
  reporters.push('--test-reporter=tap', `--test-reporter-destination=${process.env.MINNOW_TAP}`);
}
const result = spawnSync(process.execPath, ['--test', ...reporters, ...files], {
  cwd: root,
  stdio: 'inherit',
});
if (process.env.MINNOW_TAP) {
  const report = path.join(root, 'scripts', 'report-tests.mjs');
  spawnSync(process.execPath, [report, process.env.MINNOW_TAP], { stdio: 'inherit' });
}
process.exit(result.status ?? 1);
