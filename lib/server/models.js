// Which models does the server serve, under which names and versions?
'use strict';

const path = require('node:path');
const { MinnowError } = require('../errors.js');
const { MobileNet } = require('../mobilenet.js');
const { Model } = require('../model.js');
const { is, wrongType } = require('../validate.js');

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const DEFAULT_VERSION = '1';

/** A name for a model that was given none: the catalog's, else the file's. */
function nameFor(source) {
  if (source === undefined) return 'shapes';
  const file = Array.isArray(source) ? source[0] : source;
  if (!is.string(file) && !is.url(file)) return 'model';
  const base = path.basename(is.url(file) ? file.pathname : file);
  const name = base.replace(/\.(pb|onnx|tflite|xml|pt|pth)$/i, '').replace(/[^A-Za-z0-9._-]/g, '-');
  return NAME.test(name) ? name : 'model';
}

/** One element of `models`: a source, or {name, version, source, ...options of MobileNet.load}. */
function checkSpec(spec) {
  const plain = is.object(spec) && !is.url(spec) && !is.bytes(spec) && !is.buffer(spec);
  const full = plain ? spec : { source: spec };
  const { name = nameFor(full.source), version = DEFAULT_VERSION, source, ...options } = full;
  for (const [key, value] of Object.entries({ name, version: String(version) })) {
    if (!is.string(value) || !NAME.test(value)) {
      throw wrongType('letters, digits, ".", "_" and "-"', `${key} of a model`, value);
    }
  }
  return { name, version: String(version), source, options };
}

/** A classifier where the network is one, else tensors only. */
async function loadOne({ name, version, source, options }) {
  try {
    const net = await MobileNet.load(source, options);
    return { name, version, net, model: net.model };
  } catch (error) {
    if (error?.code !== 'ERR_UNSUPPORTED') throw error;
    const { threads, precision, format } = options;
    const model = await Model.load(source, { threads, precision, format });
    return { name, version, net: null, model };
  }
}

/** Loaded models by name and version; the last version given of a name is its default. */
class ServedModels {
  #byName = new Map();

  /**
   * @param {Array} specs see checkSpec; the first is the default model
   * @param {object} shared options of MobileNet.load for all of them
   * @returns {Promise<ServedModels>}
   */
  static async load(specs, shared) {
    const served = new ServedModels();
    try {
      for (const spec of specs.map(checkSpec)) {
        served.#add(await loadOne({ ...spec, options: { ...shared, ...spec.options } }));
      }
    } catch (error) {
      served.close();
      throw error;
    }
    return served;
  }

  #add(loaded) {
    const versions = this.#byName.get(loaded.name) ?? new Map();
    if (versions.has(loaded.version)) {
      loaded.model.close();
      throw new MinnowError(
        `load: two models named ${loaded.name} with version ${loaded.version}`, 'ERR_INVALID_ARGUMENT',
      );
    }
    versions.set(loaded.version, loaded);
    this.#byName.set(loaded.name, versions);
  }

  /** @returns {Array<{name: string, versions: string[]}>} in the order given */
  list() {
    return [...this.#byName].map(([name, versions]) => ({ name, versions: [...versions.keys()] }));
  }

  /**
   * @param {string} [name] default: the first model
   * @param {string} [version] default: the last one given
   * @returns {{name: string, version: string, net: MobileNet|null, model: Model}}
   * @throws {MinnowError} ERR_NOT_FOUND
   */
  get(name = this.#byName.keys().next().value, version = undefined) {
    const versions = this.#byName.get(name);
    const wanted = version ?? [...(versions?.keys() ?? [])].at(-1);
    const found = versions?.get(wanted);
    if (found !== undefined) return found;
    const what = version === undefined ? `named ${name}` : `named ${name} with version ${version}`;
    throw new MinnowError(`no model ${what}`, 'ERR_NOT_FOUND');
  }

  close() {
    for (const versions of this.#byName.values()) {
      for (const { net, model } of versions.values()) (net ?? model).close();
    }
  }
}

module.exports = { ServedModels };
