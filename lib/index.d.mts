// The types of lib/index.mjs: those of lib/index.js, and a default export of them all.
import * as minnow from './index.js';

export * from './index.js';
export default minnow;
