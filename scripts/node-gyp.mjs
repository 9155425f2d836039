// Where are npm's node-gyp and the headers of this Node.js?
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/**
 * npm tells its scripts where its own node-gyp is; a script that was started without npm is started
 * again by npm, and this process ends with it.
 * @param {string} script name of the npm script that runs the caller
 * @param {string} root of the checkout
 * @returns {string} path of node-gyp.js
 */
export function nodeGyp(script, root) {
  const found = process.env.npm_config_node_gyp;
  if (found) return found;
  const again = spawnSync('npm', ['run', '--silent', script], { cwd: root, stdio: 'inherit' });
  return process.exit(again.status ?? 1);
}

/** The folder for node-gyp's --nodedir where the headers lie beside node, or null: a download. */
export function headersFolder() {
  if (process.env.npm_config_nodedir) return process.env.npm_config_nodedir;
  const prefix = path.join(path.dirname(process.execPath), '..');
  const files = ['node_api.h', 'common.gypi'];
  return files.every((file) => existsSync(path.join(prefix, 'include', 'node', file))) ? prefix : null;
}
