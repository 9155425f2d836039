// The same package by require: the types must resolve from CommonJS, too. Compiled, not run.
import minnow = require('minnow');

export function labelOf(net: minnow.MobileNet, file: string): string {
  return net.classifySync(file, { topK: 1 })[0]?.label ?? '';
}

export const load = (): minnow.MobileNet => minnow.MobileNet.loadSync();
