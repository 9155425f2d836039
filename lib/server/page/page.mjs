// What the page does: sends a picture to the server that it came from, and shows the answer.

const TOP = 5;

const at = (id) => document.getElementById(id);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const milliseconds = (ms) => `${ms.toFixed(1)} ms`;

let asking = new AbortController();
let picture = null;

/** The models that take pictures, as `{name, version}`, the default one first. */
async function listModels() {
  const { models } = await (await fetch('v2/models')).json();
  const all = models.flatMap(({ name, versions }) =>
    versions.toReversed().map((version) => ({ name, version, only: versions.length === 1 })));
  const takesPictures = async ({ name, version }) => {
    const path = `v2/models/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
    return 'parameters' in (await (await fetch(path)).json());
  };
  const takes = await Promise.all(all.map(takesPictures));
  return all.filter((model, i) => takes[i]);
}

async function fillPicker() {
  const models = await listModels();
  const choices = models.map(({ name, version, only }) => {
    const option = document.createElement('option');
    option.value = new URLSearchParams({ model: name, version }).toString();
    option.textContent = only ? name : `${name}, version ${version}`;
    return option;
  });
  at('model').replaceChildren(...choices);
  at('models').hidden = choices.length < 2;
}

function makeRow({ label, probability }) {
  const row = document.createElement('li');
  const parts = ['name', 'share', 'track'].map((kind) => {
    const part = document.createElement(kind === 'track' ? 'div' : 'span');
    part.className = kind;
    return part;
  });
  parts[0].textContent = label;
  parts[1].textContent = percent(probability);
  const fill = document.createElement('div');
  fill.className = 'fill';
  fill.style.width = `${100 * probability}%`;
  parts[2].append(fill);
  row.append(...parts);
  return row;
}

function show(file, { predictions, ms }, total) {
  const [best] = predictions;
  if (at('picture').src) URL.revokeObjectURL(at('picture').src);
  at('picture').src = URL.createObjectURL(file);
  at('picture').alt = `The picture asked about: ${file.name || 'without a name'}`;
  at('best').textContent = best.label;
  at('classes').replaceChildren(...predictions.map(makeRow));
  at('decode-bar').style.flexGrow = ms.decode;
  at('infer-bar').style.flexGrow = ms.infer;
  at('decode').textContent = milliseconds(ms.decode);
  at('infer').textContent = milliseconds(ms.infer);
  at('total').textContent = milliseconds(total);
  at('result').hidden = false;
  at('status').textContent = `${best.label}, ${percent(best.probability)}`;
}

/** The server's answer about a picture; throws an Error with what it says is wrong. */
async function send(file, signal) {
  const query = new URLSearchParams(at('model').value);
  query.set('top', TOP);
  const headers = { accept: 'application/json', 'content-type': 'application/octet-stream' };
  const response = await fetch(`?${query}`, { method: 'POST', headers, body: file, signal });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Asks about the picture in force; a later question ends an earlier one. */
async function ask() {
  if (picture === null) return;
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  at('error').textContent = '';
  at('status').textContent = 'Looking at the picture';
  try {
    const begun = performance.now();
    const answer = await send(picture, signal);
    if (!signal.aborted) show(picture, answer, performance.now() - begun);
  } catch (error) {
    if (signal.aborted) return;
    at('status').textContent = '';
    at('result').hidden = true;
    at('error').textContent = error.message;
  }
}

/** Takes the first file of a file list or a transfer, where there is one. */
function take(files) {
  if (files.length === 0) return;
  picture = files[0];
  ask();
}

at('file').addEventListener('change', () => take(at('file').files));
at('model').addEventListener('change', ask);
at('ask').addEventListener('submit', (event) => event.preventDefault());
document.addEventListener('paste', (event) => take(event.clipboardData.files));
for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    at('drop').classList.toggle('over', kind === 'dragenter' || kind === 'dragover');
    if (kind === 'drop') take(event.dataTransfer.files);
  });
}
fillPicker().catch((error) => {
  at('error').textContent = `The list of models cannot be had: ${error.message}`;
});
