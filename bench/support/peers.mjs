// The contenders that are installed under bench/peers.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../peers/', import.meta.url));

const HOW_TO_INSTALL = 'npm install --ignore-scripts --prefix bench/peers';

/** A peer by its package name, or null where it is not installed. */
export function peer(name) {
  try {
    return require(name);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return null;
  }
}

/** What a bench says when a peer is missing. */
export function missing(name) {
  return `${name} is not installed; to compare: ${HOW_TO_INSTALL}\n`;
}
