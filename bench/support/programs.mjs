// Programs of bench/src, as `npm run bench:native` or a release build with benches leaves them.
import fs from 'node:fs';
import path from 'node:path';

import { ROOT } from './data.mjs';

const FOLDERS = ['out/bench/bench/src', 'out/release/bench/src'];

/** The path of a program, or null where it is not built. */
export function programOf(name) {
  const files = FOLDERS.map((folder) => path.join(ROOT, folder, name));
  return files.find(fs.existsSync) ?? null;
}
