// A program that uses every part of the published types as a user of the package writes it. It is
// compiled, not run; @ts-expect-error marks what the types must refuse.
import { WASI } from 'node:wasi';
import minnow, { MinnowError, MobileNet, Model, WasiNN, quantize, readGuest, runGuest } from 'minnow';
import type {
  Feed, GuestError, GuestInstance, MinnowErrorCode, Prediction, Tensor, WasiNNBackend,
} from 'minnow';

export async function classify(bytes: Buffer, signal: AbortSignal): Promise<string[]> {
  const net = await MobileNet.load('model.onnx', {
    threads: 2,
    precision: 'fp32',
    cache: '/tmp/prepacked',
    labels: ['cat', 'dog'],
    preprocess: { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1], order: 'rgb', layout: 'NCHW' },
    resize: 'crop',
    signal,
  });
  const best: Prediction[] = await net.classify(bytes, { topK: 5, signal });
  const pixels = { data: new Uint8ClampedArray(12), width: 2, height: 2, channels: 3 } as const;
  const more: Prediction[][] = await net.classifyBatch(['a.jpg', new URL('file:///b.png'), pixels]);
  for await (const result of net.classifyStream(['a.jpg'], { concurrency: 4 })) {
    if (result.error) console.error(result.file, result.error.message);
    else best.push(...result.predictions);
  }
  // @ts-expect-error a number is no picture
  net.classifySync(7);
  // @ts-expect-error what is in force cannot be assigned
  net.preprocess.width = 96;
  net.close();
  return [...best, ...more.flat()].map(({ label, probability }) => `${label} ${probability}`);
}

export async function run(feed: Feed): Promise<Tensor | undefined> {
  const model = await Model.load(['model.xml', new Uint8Array(8)]);
  const names: string[] = model.inputs.map((input) => input.name);
  const out = new Float32Array(1000);
  const result = await model.run({ [names[0] ?? 'input']: feed }, { out: { output: out } });
  const slowest = model.profile().operators.toSorted((a, b) => b.ms - a.ms)[0];
  const { cache, graphs } = model.describe();
  console.log(slowest?.kernel, cache === 'read', graphs.optimized);
  // @ts-expect-error models come from load
  new Model();
  model[Symbol.dispose]();
  return result['output'];
}

export async function integers(pictures: AsyncIterable<string>): Promise<[Uint8Array, number]> {
  const { model, report } = await quantize('model.onnx', [{ image: 'a.jpg', label: 'cat' }, 'b.png'], {
    range: 'percentile', percentile: 99.9, equalize: true, biasCorrection: 'auto', calibration: 50,
  });
  await quantize(model, pictures);
  // @ts-expect-error there is no such range
  await quantize(model, pictures, { range: 'best' });
  return [model, report.agreement + (report.quantizedTop1 ?? 0)];
}

export function host(instance: GuestInstance): number {
  const copying: WasiNNBackend = {
    name: 'copying',
    load: ([part]) => part === undefined ? null : {
      inputs: [{ dtype: 'f32', shape: [-1] }],
      outputs: [{ dtype: 'f32', shape: [-1] }],
      createContext: () => ({ compute: (feeds) => feeds }),
    },
  };
  const nn = new WasiNN({
    models: { a: 'shapes', b: { source: new Uint8Array(8), inputLayout: 'nhwc' } },
    limits: { graphs: 1 },
    errnoSet: '2020',
    backends: ['minnow', copying],
  });
  const wasi = new WASI({ version: 'preview1' });
  const imports: object = { ...wasi.getImportObject(), ...nn.getImportObject() };
  // @ts-expect-error there is no such encoding
  new WasiNN({ models: { a: { source: 'x', encoding: 'caffe' } } });
  console.log(imports, nn.describe(0).inputs[0]?.shape, nn.lastError, nn.usage.bytes);
  return nn.start(wasi, instance);
}

export async function guest(signal: AbortSignal): Promise<string> {
  try {
    const bytes: Uint8Array = readGuest('classify-nn.wasm');
    // @ts-expect-error no guest of minnow
    readGuest('other.wasm');
    const { exitCode, stdout } = await runGuest(bytes, {
      args: ['x'], preopens: { '/data': '.' }, wasiNn: { threads: 1 }, signal,
    });
    return `${exitCode} ${stdout}`;
  } catch (error) {
    return (error as GuestError).stderr;
  }
}

export function codeOf(error: unknown): MinnowErrorCode | undefined {
  return error instanceof MinnowError ? error.code : undefined;
}

// @ts-expect-error codes are a closed list
export const wrong: MinnowErrorCode = 'ERR_SOMETHING';

export const sameClass: typeof Model = minnow.Model;
