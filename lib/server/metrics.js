// What does the server count, and how does Prometheus read it (text format 0.0.4)?
'use strict';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function escape(value) {
  return String(value).replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
}

function labelText(labels) {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

/** A family of samples that differ in their labels. */
class Family {
  samples = new Map();

  constructor(name, help, type) {
    this.name = name;
    this.help = help;
    this.type = type;
  }

  /** The sample of these labels, made by `make` at first. */
  sample(labels, make) {
    const key = labelText(labels);
    let found = this.samples.get(key);
    if (found === undefined) this.samples.set(key, (found = { labels, ...make() }));
    return found;
  }

  lines() {
    return [...this.samples.values()].map(
      ({ labels, value }) => `${this.name}${labelText(labels)} ${value}`,
    );
  }
}

class Counter extends Family {
  constructor(name, help) {
    super(name, help, 'counter');
  }

  /** @param {Object<string, string|number>} [labels] */
  inc(labels = {}) {
    this.sample(labels, () => ({ value: 0 })).value++;
  }
}

/** Values that are set. */
class Values extends Family {
  constructor(name, help) {
    super(name, help, 'gauge');
  }

  /** @param {number} value; @param {Object<string, string|number>} [labels] */
  set(value, labels = {}) {
    this.sample(labels, () => ({ value: 0 })).value = value;
  }
}

/** A value that is looked up when it is asked for. */
class Gauge extends Family {
  #read;

  constructor(name, help, read) {
    super(name, help, 'gauge');
    this.#read = read;
  }

  lines() {
    return [`${this.name} ${this.#read()}`];
  }
}

class Histogram extends Family {
  constructor(name, help) {
    super(name, help, 'histogram');
  }

  /** @param {number} seconds; @param {Object<string, string|number>} [labels] */
  observe(seconds, labels = {}) {
    const sample = this.sample(labels, () => ({ counts: BUCKETS.map(() => 0), sum: 0, count: 0 }));
    const bucket = BUCKETS.findIndex((limit) => seconds <= limit);
    if (bucket >= 0) sample.counts[bucket]++;
    sample.sum += seconds;
    sample.count++;
  }

  lines() {
    return [...this.samples.values()].flatMap(({ labels, counts, sum, count }) => {
      let below = 0;
      const rows = BUCKETS.map((limit, i) => {
        below += counts[i];
        return `${this.name}_bucket${labelText({ ...labels, le: limit })} ${below}`;
      });
      rows.push(`${this.name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`);
      rows.push(`${this.name}_sum${labelText(labels)} ${sum}`);
      rows.push(`${this.name}_count${labelText(labels)} ${count}`);
      return rows;
    });
  }
}

/** @param {Family[]} families */
function textOf(families) {
  const blocks = families.map((family) => [
    `# HELP ${family.name} ${family.help}`,
    `# TYPE ${family.name} ${family.type}`,
    ...family.lines(),
  ]);
  return `${blocks.flat().join('\n')}\n`;
}

/**
 * The server's metrics.
 * @param {import('./work-queue.js').WorkQueue} queue
 */
function makeMetrics(queue) {
  const families = {
    requests: new Counter('minnow_http_requests_total', 'Answers, by route and status.'),
    errors: new Counter('minnow_errors_total', 'Answers that are errors, by code.'),
    dropped: new Counter('minnow_slow_uploads_dropped_total', 'Requests dropped for others.'),
    duration: new Histogram('minnow_http_request_duration_seconds', 'From headers to answer.'),
    decode: new Histogram('minnow_decode_seconds', 'Bytes of a picture to input tensor.'),
    inference: new Histogram('minnow_inference_seconds', 'Input tensor to result.'),
    fetch: new Histogram('minnow_fetch_seconds', 'Fetching a picture from its URL.'),
    depth: new Gauge('minnow_queue_depth', 'Requests taken on that wait.', () => queue.depth),
    running: new Gauge('minnow_running', 'Jobs that run.', () => queue.running),
    capacity: new Gauge('minnow_queue_capacity', 'Requests taken on at most.', () => queue.capacity),
    memory: new Gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()),
    uptime: new Gauge('process_uptime_seconds', 'Age of the process.', () => process.uptime()),
  };
  const text = () => textOf(Object.values(families));
  return { ...families, text };
}

module.exports = { Counter, Gauge, Histogram, Values, makeMetrics, textOf };
