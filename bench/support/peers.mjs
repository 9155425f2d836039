// The contenders that are installed under bench/peers.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../peers/', import.meta.url));

/** onnxruntime-node, or null where it is not installed. */
export function onnxRuntime() {
  try {
    return require('onnxruntime-node');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return null;
  }
}

/** How to get them. */
export const HOW_TO_INSTALL = 'npm install --ignore-scripts --prefix bench/peers';
