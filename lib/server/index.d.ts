// The types of lib/server/index.js, `require('minnow/server')`.

import type { MobileNetLoadOptions, ModelSource } from '../index.js';

/** A model under a name and a version of its own. */
export interface ServedModel extends Omit<MobileNetLoadOptions, 'signal'> {
  /** Letters, digits, ".", "_" and "-". Default: the catalog's name, else the file's. */
  name?: string;
  /** Default '1'. The last one given of a name answers where none is asked for. */
  version?: string;
  /** Default: the small model that comes with the package. */
  source?: ModelSource;
}

export interface ServerOptions {
  /** Default '127.0.0.1'. */
  host?: string;
  /** Default 3000; 0 takes any free one. */
  port?: number;
  /** The first is the default. Default: the small model that comes with the package. */
  models?: ReadonlyArray<ModelSource | ServedModel>;
  /** As for MobileNet.load. */
  threads?: number;
  /** "HOST" or "HOST:PORT" that pictures may be fetched from though they are not public. */
  allowHosts?: readonly string[];
  /** Jobs that run at a time. Default: the threads of the first model. */
  concurrency?: number;
  /** Requests that may wait besides; more are answered with 503. Default 64. */
  queue?: number;
  /** Bytes of a request's body. Default 10 MiB. */
  bodyLimit?: number;
  /** Milliseconds until a request's headers must have come. Default 10000. */
  headersMs?: number;
  /** Milliseconds until all of a request must have come. Default 30000. */
  requestMs?: number;
  /** A body that takes longer gives its place to another request, when the queue is full. Default 2000. */
  uploadGraceMs?: number;
  /** Milliseconds that close() waits for requests in work. Default 10000. */
  drainMs?: number;
  logLevel?: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  /** Gets one JSON object a line. Default: standard error. */
  logStream?: { write(line: string): unknown };
}

export interface Server {
  readonly url: string;
  readonly port: number;
  /** The fastify instance, already listening. */
  readonly app: unknown;
  /** Answers what was accepted, then closes the models. */
  close(): Promise<void>;
}

/** Rejects with ERR_NOT_FOUND where the package fastify is not installed. */
export function startServer(options?: ServerOptions): Promise<Server>;
