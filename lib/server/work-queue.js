// How much work does the server take on, and how much of it runs at a time?
'use strict';

const { MinnowError } = require('../errors.js');

/**
 * A bounded queue. A request is admitted before its body is read, or refused; what is admitted
 * then runs its jobs at most `concurrency` at a time, first come, first served.
 */
class WorkQueue {
  #concurrency;
  #capacity;
  #admitted = 0;
  #running = 0;
  #waiting = [];

  /**
   * @param {number} concurrency jobs that run at a time
   * @param {number} depth requests that may wait besides
   */
  constructor(concurrency, depth) {
    this.#concurrency = concurrency;
    this.#capacity = concurrency + depth;
  }

  get capacity() {
    return this.#capacity;
  }

  get isFull() {
    return this.#admitted >= this.#capacity;
  }

  get running() {
    return this.#running;
  }

  /** Requests that are admitted and have no job running. */
  get depth() {
    return Math.max(0, this.#admitted - this.#running);
  }

  /**
   * @returns {() => void} to be called once the request has ended; more calls do nothing
   * @throws {MinnowError} ERR_BUSY when the queue is full
   */
  admit() {
    if (this.isFull) {
      throw new MinnowError(`the queue of ${this.#capacity} requests is full`, 'ERR_BUSY');
    }
    this.#admitted++;
    let released = false;
    return () => {
      if (!released) this.#admitted--;
      released = true;
    };
  }

  /**
   * Runs a job when its turn comes.
   * @template T
   * @param {AbortSignal} signal a job that still waits is dropped
   * @param {() => Promise<T>} job
   * @returns {Promise<T>}
   */
  async run(signal, job) {
    signal.throwIfAborted();
    if (this.#running >= this.#concurrency) await this.#turn(signal);
    else this.#running++;
    try {
      signal.throwIfAborted();
      return await job();
    } finally {
      this.#next();
    }
  }

  /** Resolves holding a place: the one who ends hands it on. */
  #turn(signal) {
    return new Promise((resolve, reject) => {
      const waiter = {};
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      waiter.start = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #next() {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#running--;
    else waiter.start();
  }
}

module.exports = { WorkQueue };
