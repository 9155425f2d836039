// What `import … from 'minnow'` gives: the same objects as require('minnow').
import minnow from './index.js';

export const {
  MobileNet,
  Model,
  quantize,
  WasiNN,
  runGuest,
  readGuest,
  writeGuestMemory,
  getPrediction,
  createWasiNnComponentImports,
  MinnowError,
} = minnow;
export default minnow;
