// The types of lib/index.js and lib/index.mjs.

/** Stable codes of {@link MinnowError}. */
export type MinnowErrorCode =
  /** Values that are well typed but do not fit the model. */
  | 'ERR_INVALID_ARGUMENT'
  /** Bytes that are not a well-formed model. */
  | 'ERR_INVALID_MODEL'
  /** Bytes that are not a decodable JPEG or PNG. */
  | 'ERR_INVALID_IMAGE'
  /** Well formed, but not implemented. */
  | 'ERR_UNSUPPORTED'
  /** No such file, model or tensor. */
  | 'ERR_NOT_FOUND'
  /** An allocation failed, or a stated limit was passed. */
  | 'ERR_OUT_OF_MEMORY'
  /** The session is already running, or the server's queue is full. */
  | 'ERR_BUSY'
  /** Cancelled from inside; an AbortSignal gives its own reason instead. */
  | 'ERR_CANCELLED'
  /** A bug in minnow. */
  | 'ERR_INTERNAL'
  /** A WebAssembly guest broke its contract. */
  | 'ERR_GUEST'
  /** A WebAssembly guest trapped. */
  | 'ERR_GUEST_TRAP'
  /** A WebAssembly guest did not end in the time it had. */
  | 'ERR_GUEST_TIMEOUT'
  /** The object was closed, or the process is exiting. */
  | 'ERR_CLOSED'
  /** A URL that may not be fetched. */
  | 'ERR_FETCH_BLOCKED'
  /** A URL that could not be fetched. */
  | 'ERR_FETCH_FAILED'
  /** Downloaded bytes that are not the ones the catalog names. */
  | 'ERR_CHECKSUM';

/**
 * What went wrong in the engine. Wrong arguments are `TypeError` with code `ERR_INVALID_ARG_TYPE`
 * or `RangeError` with code `ERR_OUT_OF_RANGE` instead.
 */
export class MinnowError extends Error {
  constructor(message: string, code: MinnowErrorCode, options?: { cause?: unknown });
  readonly code: MinnowErrorCode;
}

export type DType =
  | 'f32' | 'f16' | 'f64'
  | 'u8' | 'i8' | 'u16' | 'i16' | 'i32' | 'u32' | 'i64' | 'u64'
  | 'bool';

/** f16 travels as the bits in a Uint16Array, bool as 0 and 1 in a Uint8Array. */
export type TensorData =
  | Float32Array | Float64Array
  | Uint8Array | Uint8ClampedArray | Int8Array
  | Uint16Array | Int16Array
  | Uint32Array | Int32Array
  | BigUint64Array | BigInt64Array;

/** real = scale * (integer - zeroPoint). */
export interface Quantization {
  /** One for the whole tensor, or one for each index of `axis`. */
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Outermost first; -1 where the model leaves a dimension open. */
  readonly shape: readonly number[];
  /** Where the network shows it, else ''. */
  readonly layout: 'NHWC' | 'NCHW' | '';
  /** What the integers of a quantised tensor stand for, where the model says so. */
  readonly quantization?: Quantization;
}

/** Row-major elements, and their shape unless at most one dimension is open. */
export type Feed = TensorData | { data: TensorData; shape?: readonly number[] };

export interface Tensor {
  data: TensorData;
  shape: number[];
  dtype: DType;
}

/**
 * A path, a catalog name, a `file:` URL, or the bytes of a model file. The path of an OpenVINO
 * `.xml` brings the `.bin` of the same name beside it.
 */
export type ModelFile = string | URL | Uint8Array | ArrayBufferLike;
/** Several files where a format has several: `[xml, bin]` of OpenVINO IR. */
export type ModelSource = ModelFile | readonly ModelFile[];

/** What a model file may ask for; beyond: ERR_OUT_OF_MEMORY, but for `nesting`. */
export interface LoadLimits {
  /** Dimensions of a tensor, 0 to 8; default 8. */
  rank?: number;
  /** Of a tensor, 1 to 2 ** 31, which is the default. */
  elements?: number;
  /** Operators of the graph in the file; default 16384. */
  nodes?: number;
  /** Levels within the file, 1 to 400, which is the default; beyond: ERR_INVALID_MODEL or ERR_UNSUPPORTED. */
  nesting?: number;
  /** Working memory of one run; default 1 GiB. */
  arenaBytes?: number;
  /** Milliseconds from the bytes to a network that can run; 0: no limit. Default 60000. */
  loadMs?: number;
}

/** What a picture may ask for, besides its pixels; beyond: ERR_OUT_OF_MEMORY. */
export interface PictureLimits {
  /** Of a JPEG; default 100. */
  scans?: number;
  /** Of a PNG; default 100000. */
  chunks?: number;
}

export interface LoadSyncOptions {
  /** Threads of one run at most, 1 to 256. Default: the CPUs the process may use, or $MINNOW_THREADS. */
  threads?: number;
  /** 'fp32': a quantised network is computed in floats. Default: as it is. Others: ERR_UNSUPPORTED. */
  precision?: 'fp32' | 'fp16' | 'int8';
  /** 'tensorflow', 'onnx', …: when the first bytes do not show it. */
  format?: string;
  /** true or a folder of this user's: keep the compiled model there. Default: $MINNOW_PREPACKED, else false. */
  cache?: boolean | string;
  limits?: LoadLimits;
}

export interface LoadOptions extends LoadSyncOptions {
  /** Rejects with its reason. */
  signal?: AbortSignal;
}

export interface OperatorProfile {
  name: string;
  op: string;
  /** The kernel chosen, e.g. 'gemm_f32_14x32_avx512'. */
  kernel: string;
  /** Shape of the first output. */
  output: string;
  macs: number;
  /** Milliseconds; the median of the runs. */
  ms: number;
  /** 2 * macs / time. */
  gflops: number;
  /** Of the peak; 0 where that is not measured (int8 without VNNI, or with AMX). */
  peakShare: number;
}

export interface Profile {
  totalMs: number;
  threads: number;
  /** The CPU's multiply-adds at best, measured before: GFLOP/s of all threads; 0: not measured. */
  peak: { f32: number; int8: number };
  operators: OperatorProfile[];
}

export interface ModelDescription {
  format: string;
  output: 'probabilities' | 'logits';
  inputs: TensorInfo[];
  outputs: TensorInfo[];
  /** Multiply-accumulates of one run with a batch of one. */
  macs: number;
  weightBytes: number;
  /** Working memory of one run. */
  arenaBytes: number;
  /** Instruction set in use. */
  isa: string;
  threads: number;
  /** What the load did with the prepacked model. */
  cache: 'none' | 'read' | 'written';
  /** Text, before and after the passes. */
  graphs: { imported: string; optimized: string };
}

/** A catalog's model.json, as far as minnow reads it. */
export interface CatalogEntry {
  name: string;
  /** The folder it lies in. */
  dir: string;
  files: string[];
  format?: string;
  labels?: string;
  preprocess?: PreprocessName | PreprocessOptions;
  resize?: ResizeMode;
  [field: string]: unknown;
}

/** A compiled network. Weights are shared by all runs; runs may overlap. */
export class Model {
  private constructor();
  /** Loads on minnow's own threads. Bytes are copied. */
  static load(source?: ModelSource, options?: LoadOptions): Promise<Model>;
  /** Loads on the calling thread. Bytes are borrowed for the call. */
  static loadSync(source?: ModelSource, options?: LoadSyncOptions): Model;

  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly format: string;
  /** Threads of one run at most. */
  readonly threads: number;
  /** The model.json that the model was found by. */
  readonly catalogEntry: CatalogEntry | null;
  readonly closed: boolean;

  describe(): ModelDescription;
  /** On minnow's own threads. Feeds are copied; `out` arrays, by name, are written when it ends. */
  run(
    feeds: Readonly<Record<string, Feed>>,
    options?: { out?: Readonly<Record<string, TensorData>>; signal?: AbortSignal },
  ): Promise<Record<string, Tensor>>;
  /** Runs on the calling thread. Feeds are borrowed for the call. */
  runSync(
    feeds: Readonly<Record<string, Feed>>,
    options?: { out?: Readonly<Record<string, TensorData>> },
  ): Record<string, Tensor>;
  /** Times every operator on the calling thread; `runs` 1 to 1000, default 10. */
  profile(feeds?: Readonly<Record<string, Feed>>, options?: { runs?: number }): Profile;
  /** Later calls throw ERR_CLOSED; runs in flight finish. */
  close(): void;
  [Symbol.dispose](): void;
}

export type PreprocessName = 'tf' | 'unit' | 'imagenet' | 'caffe-bgr' | 'none';
export type ResizeMode = 'stretch' | 'crop';

/** tensor = (pixel * scale - mean) / std, pixel in 0..255. */
export interface PreprocessOptions {
  /** Default 1. */
  scale?: number;
  /** Default [0, 0, 0]; in the order of the tensor's channels. */
  mean?: readonly [number, number, number];
  /** Default [1, 1, 1]. */
  std?: readonly [number, number, number];
  /** Default 'rgb'. */
  order?: 'rgb' | 'bgr';
  /** Default: the model's. */
  layout?: 'NHWC' | 'NCHW';
}

/** What is in force. */
export interface Preprocess {
  readonly name: PreprocessName | 'custom';
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly order: 'rgb' | 'bgr';
  readonly layout: 'NHWC' | 'NCHW';
  readonly resize: ResizeMode;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly source: 'option' | 'catalog' | 'format default';
}

export interface MobileNetLoadSyncOptions extends LoadSyncOptions {
  /** A file with one label a line, a list, or the name of a catalog model. */
  labels?: string | URL | readonly string[];
  /**
   * Default: the catalog's, else 'tf' for tensorflow and tflite, 'imagenet' for onnx and pytorch,
   * pixels as they are in BGR for openvino.
   */
  preprocess?: PreprocessName | PreprocessOptions;
  /** 'stretch' (default): the whole picture; 'crop': the centred square of 87.5 %. */
  resize?: ResizeMode;
  /** Pixels of the input, where the model leaves them open; default 224. */
  width?: number;
  height?: number;
  /** Larger pictures are refused before decoding. Default 100 million. */
  maxPixels?: number;
  /** What files may ask for; beyond: ERR_OUT_OF_MEMORY. */
  limits?: LoadLimits & PictureLimits;
}

export interface MobileNetLoadOptions extends MobileNetLoadSyncOptions {
  signal?: AbortSignal;
}

/** Row-major HWC, 8 bits: grey, RGB or RGBA. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  /** Default: data.length / (width * height). */
  channels?: 1 | 3 | 4;
}

/** A path, a `file:` URL, the bytes of a JPEG or PNG, or pixels. */
export type ImageSource = string | URL | Uint8Array | ArrayBufferLike | Pixels;

export interface Prediction {
  index: number;
  /** "class 208" where the network has no labels. */
  label: string;
  /** 0 to 1. */
  probability: number;
}

export interface ClassifyOptions {
  /** How many classes, best first; default 5. */
  topK?: number;
  /** Rejects with its reason. */
  signal?: AbortSignal;
}

export interface StreamOptions extends ClassifyOptions {
  /** Pictures in work at a time, 1 to 256; default: the threads of the model. */
  concurrency?: number;
}

/** Milliseconds. */
export interface Timing {
  /** Bytes to input tensor. */
  decode: number;
  /** Input tensor to predictions. */
  infer: number;
  /** All of it, with reading and waiting. */
  total: number;
}

export type StreamResult =
  | { index: number; file?: string; predictions: Prediction[]; ms: Timing; error?: undefined }
  | { index: number; file?: string; error: Error; predictions?: undefined; ms?: undefined };

/** A network that says what is in a picture. */
export class MobileNet {
  private constructor();
  /** Default model: 'shapes', the small one that comes with the package. */
  static load(model?: ModelSource, options?: MobileNetLoadOptions): Promise<MobileNet>;
  static loadSync(model?: ModelSource, options?: MobileNetLoadSyncOptions): MobileNet;

  /** The network inside; closed with this object. */
  readonly model: Model;
  /** One label a class, or null. */
  readonly labels: string[] | null;
  readonly preprocess: Preprocess;
  readonly closed: boolean;

  /** Decodes and runs on minnow's own threads; never blocks the event loop. */
  classify(image: ImageSource, options?: ClassifyOptions): Promise<Prediction[]>;
  classifySync(image: ImageSource, options?: { topK?: number }): Prediction[];
  /** In the order of the images; rejects with the first error by that order. */
  classifyBatch(images: readonly ImageSource[], options?: ClassifyOptions): Promise<Prediction[][]>;
  /** In order; a picture that cannot be classified gives `error` and does not end the stream. */
  classifyStream(
    images: Iterable<ImageSource> | AsyncIterable<ImageSource>,
    options?: StreamOptions,
  ): AsyncGenerator<StreamResult, void, undefined>;
  /** Later calls throw ERR_CLOSED; work in flight finishes. */
  close(): void;
  [Symbol.dispose](): void;
}

/** An image, or one with its right class: the index, or the label. */
export type QuantizeExample = ImageSource | { image: ImageSource; label?: number | string };

export interface QuantizeOptions extends MobileNetLoadOptions {
  /** How the range of an activation is chosen: a part of the values (default), least squared error, all. */
  range?: 'mse' | 'percentile' | 'minmax';
  /** Percent of the values inside, for 'percentile'; above 50, at most 100. Default 99.999. */
  percentile?: number;
  /** Cross-layer equalisation. Default 'auto': where it helps on the calibration pictures. */
  equalize?: boolean | 'auto';
  /** Biases make up for how rounding weights shifts the mean of a channel. Default 'auto'. */
  biasCorrection?: boolean | 'auto';
  /** Pictures to calibrate with at most, 1 to 10000; default 100. Never more than half of 20 or more. */
  calibration?: number;
}

export interface QuantizeReport {
  /** Pictures that gave the ranges, and pictures that the rest of the report is about. */
  calibrated: number;
  tested: number;
  /** Whether those are different pictures. */
  heldOut: boolean;
  /** Part of the tested pictures for which both networks have the same best class, 0 to 1. */
  agreement: number;
  /** Tested pictures that came with their class. */
  labelled: number;
  /** Part of those that the float network, and the quantised one, have right; null without any. */
  floatTop1: number | null;
  quantizedTop1: number | null;
  /** Decibels, of the logits on the calibration pictures. */
  signalToNoiseDb: number;
  equalized: boolean;
  biasCorrected: boolean;
  /** Convolutions and fully connected layers in integers. */
  products: number;
  /** Operators that stay real: 'NAME (Op)'. */
  realOperators: string[];
  /** Length of the file. */
  bytes: number;
  /** What happened to the pixels, and must happen to them before the quantised network. */
  preprocess: Preprocess;
}

/**
 * Quantises a float image network after training, from pictures like those it is for. `model` is
 * an ONNX file: 8-bit weights with one scale an output channel, 8-bit activations.
 */
export function quantize(
  model: ModelSource,
  images: Iterable<QuantizeExample> | AsyncIterable<QuantizeExample>,
  options?: QuantizeOptions,
): Promise<{ model: Uint8Array; report: QuantizeReport }>;

/** Of a graph that a guest loaded. */
export interface GraphDescription {
  /** 'minnow', 'onnxruntime', or a backend's own name. */
  backend: string;
  format: string;
  inputs: TensorInfo[];
  outputs: TensorInfo[];
}

/** 'auto': in the order that the dims say. */
export type InputLayout = 'auto' | 'nchw' | 'nhwc';
export type WasiNNEncoding =
  | 'openvino' | 'onnx' | 'tensorflow' | 'pytorch' | 'tensorflowlite' | 'autodetect';

export interface NamedModel {
  source: ModelSource;
  /** Default 'autodetect'. */
  encoding?: WasiNNEncoding;
  inputLayout?: InputLayout;
}

/** A tensor on its way to or from a backend. */
export interface BackendTensor {
  data: TensorData;
  shape: number[];
}

export interface BackendContext {
  /** In the order of the graph's inputs and outputs. Synchronous. */
  compute(feeds: BackendTensor[]): BackendTensor[];
  close?(): void;
}

export interface BackendGraph {
  format?: string;
  /** Memory, counted against the guest's limit. */
  bytes?: number;
  inputs: ReadonlyArray<{ name?: string; dtype: DType; shape: readonly number[]; layout?: string }>;
  outputs: ReadonlyArray<{ name?: string; dtype: DType; shape: readonly number[] }>;
  createContext(): BackendContext;
  close?(): void;
}

/** Runs graphs for guests. Synchronous, on the guest's thread. */
export interface WasiNNBackend {
  name: string;
  /** null: not a format of this backend. After ERR_UNSUPPORTED the next backend is asked. */
  load(
    parts: Uint8Array[],
    encoding: string,
    target: 'cpu' | 'gpu' | 'tpu' | 'auto',
  ): BackendGraph | null;
}

export interface WasiNNOptions {
  /** What load_by_name finds; loaded by the constructor. */
  models?: Readonly<Record<string, ModelSource | NamedModel>>;
  /** Live at a time. Default: 64 graphs, 256 contexts, 1 GiB of weights and working memory. */
  limits?: LoadLimits & { graphs?: number; contexts?: number; bytes?: number };
  /** In which order guests give the bytes of images, whatever dims they name. Default 'auto'. */
  inputLayout?: InputLayout;
  /** load for gpu or tpu fails instead of running on the CPU. Default false. */
  strictTarget?: boolean;
  /** Error codes that the guest knows: 0 to 3, 0 to 5, 0 to 8. Default '2023'. */
  errnoSet?: '2020' | '2022' | '2023';
  /** Asked in this order; default ['minnow']. 'onnxruntime' needs the package onnxruntime-node. */
  backends?: ReadonlyArray<'minnow' | 'onnxruntime' | WasiNNBackend>;
  /** Threads of one inference at most, 1 to 256. */
  threads?: number;
}

/** Like a WebAssembly.Memory: the types do without the DOM's. */
export interface GuestMemory {
  readonly buffer: ArrayBufferLike;
}

/** Like a WebAssembly.Instance. */
export interface GuestInstance {
  readonly exports: object;
}

/** The host of wasi-nn for one guest. */
export class WasiNN {
  constructor(options?: WasiNNOptions);
  /** The twelve functions, to be merged with the imports of node:wasi. */
  getImportObject(): { wasi_ephemeral_nn: Record<string, (...args: number[]) => number> };
  /** Call it before the guest runs. */
  initialize(instance: GuestInstance, options?: { memory?: GuestMemory }): void;
  /** initialize, then wasi.start(instance); the guest's exit code. */
  start(
    wasi: { start(instance: any): unknown },
    instance: GuestInstance,
    options?: { memory?: GuestMemory },
  ): number;
  /** The text behind the last error code; '' before. */
  readonly lastError: string;
  /** What the guest holds. */
  readonly usage: { graphs: number; contexts: number; bytes: number };
  readonly closed: boolean;
  /** By the guest's handle, or a name of `models`. */
  describe(graph: number | string): GraphDescription;
  /** Imports called afterwards give runtime_error. */
  close(): void;
  [Symbol.dispose](): void;
}

export interface RunGuestOptions {
  /** After the program's name. */
  args?: readonly string[];
  /** Default: empty. */
  env?: Readonly<Record<string, string>>;
  /** Folders by the guest's name for them. */
  preopens?: Readonly<Record<string, string>>;
  models?: WasiNNOptions['models'];
  /** Further options of WasiNN; backends by name only. */
  wasiNn?: Omit<WasiNNOptions, 'models' | 'backends'> & {
    backends?: ReadonlyArray<'minnow' | 'onnxruntime'>;
  };
  stdin?: string | Uint8Array;
  /** 'inherit': the process's own streams. Default 'capture'. */
  stdio?: 'capture' | 'inherit';
  /** Ends the guest; rejects with its reason. */
  signal?: AbortSignal;
  /** Milliseconds, from 1, until the guest is ended with ERR_GUEST_TIMEOUT. Default: none. */
  timeout?: number;
  /** Bytes, in pages of 65536, that its memory may grow to. Default: as the module says. */
  maxMemory?: number;
}

export interface GuestResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Of the guest's WasiNN. */
  lastError: string;
}

/** What runGuest rejects with: ERR_GUEST_TRAP, ERR_GUEST_TIMEOUT, or what kept it from running. */
export interface GuestError extends MinnowError {
  readonly stdout: string;
  readonly stderr: string;
  readonly lastError: string;
}

/** Gives the bytes of a guest that comes with minnow; not shared, as WebAssembly's types want. */
export function readGuest(
  name: 'infer.wasm' | 'classify-nn.wasm',
): Uint8Array & { readonly buffer: ArrayBuffer };

/** Runs a WASI program in a Worker, with wasi-nn. */
export function runGuest(
  guest: string | URL | Uint8Array,
  options?: RunGuestOptions,
): Promise<GuestResult>;

/** Copies bytes into memory that the guest's `alloc` gives; they belong to the guest. */
export function writeGuestMemory(
  bytes: ArrayBufferView | ArrayBufferLike,
  instance: GuestInstance,
): { ptr: number; len: number };

/**
 * Asks a guest that exports `alloc` and `infer_from_ptrs` what is in a picture: the label of the
 * best class, or its index (from 0) without labels.
 */
export function getPrediction(
  modelBytes: ArrayBufferView | ArrayBufferLike,
  imageBytes: ArrayBufferView | ArrayBufferLike,
  instance: GuestInstance,
): { index: number };
export function getPrediction(
  modelBytes: ArrayBufferView | ArrayBufferLike,
  imageBytes: ArrayBufferView | ArrayBufferLike,
  instance: GuestInstance,
  labels: string | URL | readonly string[],
): string;

export interface WasiNnComponentOptions {
  /** What load-by-name finds; loaded at once. */
  models?: Readonly<Record<string, ModelSource>>;
  /** Live at a time. Default: 64 graphs, 256 execution contexts. */
  limits?: LoadLimits & { graphs?: number; contexts?: number };
  /** Threads of one inference at most, 1 to 256. */
  threads?: number;
}

/** Imports of a component for wasi:nn@0.2.0-rc-2024-10-28 that jco transpiled with --instantiation. */
export function createWasiNnComponentImports(
  options?: WasiNnComponentOptions,
): Record<string, Record<string, any>>;
