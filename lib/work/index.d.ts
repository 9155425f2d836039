// The types of lib/work/index.js, `require('minnow/work')`.

import type { MobileNetLoadSyncOptions, ModelSource, Prediction } from '../index.js';

/** One of file, url and image. */
export interface Picture {
  /** A path, relative to the worker's `root` and inside of it. */
  file?: string;
  /** http or https; fetched as the server fetches: public addresses only, unless allowed. */
  url?: string;
  /** The bytes in base64. */
  image?: string;
}

/** What the data of a job are. */
export type PictureJob = (Picture | { pictures: readonly Picture[] }) & {
  /** Classes of a result, 1 to 1000. Default 5. */
  topK?: number;
};

/** What a job of one picture returns. */
export interface PictureResult {
  predictions: Prediction[];
  ms: { decode: number; infer: number };
}

/** A line of `output`, and the data of a job in the queue `results`. */
export interface ResultLine extends Partial<PictureResult> {
  job: string;
  /** Of a list's picture, from 0. */
  index?: number;
  file?: string;
  url?: string;
  error?: { code: string; message: string };
}

export interface QueueOptions {
  /** Its name, without ":". */
  queue: string;
  /** A redis:// URL, or the options of ioredis. Default 'redis://127.0.0.1:6379'. */
  connection?: string | object;
  /** Of the keys. Default 'bull'. */
  prefix?: string;
}

export interface WorkerOptions extends QueueOptions, MobileNetLoadSyncOptions {
  /** Default: the small model that comes with the package. */
  model?: ModelSource;
  /** Jobs at a time, 1 to 256. Default: the threads of the model. */
  concurrency?: number;
  /** A file that gets one ResultLine of JSON a line; one file a worker. */
  output?: string;
  /** A queue that gets every ResultLine as a job named "result". */
  results?: string;
  /** Where files of jobs must lie. Default: the working directory. */
  root?: string;
  /** "HOST" or "HOST:PORT" that pictures may be fetched from though they are not public. */
  allowHosts?: readonly string[];
  /** After this time without a sign of life of its worker a job goes to another. Default 30000. */
  lockMs?: number;
  /** End by itself when nothing waits or is in work. */
  untilEmpty?: boolean;
  /** Gets one JSON object a line. Default: standard error. */
  logStream?: { write(line: string): unknown };
}

export interface PictureWorker {
  /** Resolves once it has ended, with the numbers of jobs. */
  readonly ended: Promise<{ completed: number; failed: number }>;
  /** Lets the jobs in work finish and takes on no more. */
  close(): Promise<void>;
}

/** Rejects with ERR_NOT_FOUND where bullmq and ioredis are not installed. */
export function startWorker(options: WorkerOptions): Promise<PictureWorker>;

export interface AddOptions extends QueueOptions {
  /** Tries of each job. Default 5. */
  attempts?: number;
  /** Pause before the second try, doubled before each further one. Default 1000. */
  backoffMs?: number;
}

/** Adds a job for each, and says how many. */
export function addPictures(options: AddOptions, pictures: Iterable<PictureJob>): Promise<number>;
