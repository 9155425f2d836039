// Does a browser get a page at / that people can use, and everyone else what they always got?
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const test = require('node:test');
const { MobileNet } = require('../../../lib/index.js');
const { artefact, openBrowser, skipWithoutBrowser } = require('../support/browser.js');
const { dataFile, skipWithout } = require('../support/data.js');
const { ask } = require('../support/http.js');
const { draw, png } = require('../support/pictures.js');
const { serve } = require('./support.js');

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const MODEL = 'models/mobilenet_v2_1.0_224_frozen.pb';
const LABELS = 'models/imagenet_labels_1001.txt';
const RETRIEVER = 'images/golden-retriever.jpeg';
const skip = skipWithoutBrowser;

/** A tab on the page; `complaints` gathers errors, and requests that leave the server. */
async function openPage(t, url, options = {}) {
  const browser = await openBrowser(t);
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('blob:')) complaints.push(request.url());
  });
  await page.goto(url);
  return { page, complaints };
}

/** Drops or pastes a file, as its own event with a DataTransfer. */
async function transfer(page, kind, bytes, name, type) {
  await page.evaluate(([event, base64, file, mime]) => {
    const data = new globalThis.DataTransfer();
    const parts = [Uint8Array.from(globalThis.atob(base64), (c) => c.charCodeAt(0))];
    data.items.add(new globalThis.File(parts, file, { type: mime }));
    const common = { bubbles: true, cancelable: true };
    const made = event === 'paste'
      ? new globalThis.ClipboardEvent('paste', { ...common, clipboardData: data })
      : new globalThis.DragEvent('drop', { ...common, dataTransfer: data });
    globalThis.document.getElementById('drop').dispatchEvent(made);
  }, [kind, bytes.toString('base64'), name, type]);
}

const answerOf = async (page) => {
  await page.waitForFunction(() => /%$/.test(globalThis.document.getElementById('status').textContent));
  return page.textContent('#best');
};

test('a browser gets the page with a policy that lets in nothing from elsewhere', async (t) => {
  const { url } = await serve(t);
  const answer = await ask(url, { headers: { accept: BROWSER } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(answer.headers.vary, 'accept');
  const policy = answer.headers['content-security-policy'];
  assert.match(policy, /^default-src 'none'; script-src 'self'; /);
  assert.doesNotMatch(policy, /unsafe|http|\*/);
  const named = [...answer.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file);
  assert.deepEqual([...new Set(named)].sort(), ['page.css', 'page.mjs', 'page.svg']);
  for (const file of named) {
    const part = await ask(`${url}/${file}`);
    assert.equal(part.status, 200);
    assert.equal(part.headers['x-content-type-options'], 'nosniff');
    assert.doesNotMatch(part.text, /https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  }
  assert.equal((await ask(url, { method: 'HEAD', headers: { accept: BROWSER } })).status, 200);
});

test('who asks something, or does not accept HTML, gets an answer and no page', async (t) => {
  const { url } = await serve(t);
  const accept = BROWSER;
  const picture = { body: png(1), headers: { accept } };
  const plain = /^text\/plain/;
  for (const [target, options, status, type] of [
    [url, {}, 400, plain],
    [url, { headers: { accept: '*/*' } }, 400, plain],
    [url, { headers: { accept: 'text/html;q=0, */*' } }, 400, plain],
    [url, { ...picture, method: 'GET' }, 200, plain],
    [url, { ...picture, method: 'POST' }, 200, plain],
    [url, { method: 'POST', headers: { accept } }, 400, plain],
    [`${url}/?url=http://127.0.0.1/`, { headers: { accept } }, 403, plain],
  ]) {
    const answer = await ask(target, options);
    assert.equal(answer.status, status);
    assert.match(answer.headers['content-type'], type);
  }
});

test('the page is served though the queue is full', async (t) => {
  const { url, app } = await serve(t, { concurrency: 1, queue: 0 });
  const socket = require('node:net').connect(app.server.address().port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n');
  const refused = () => ask(url, { method: 'POST', body: 'x' }).then(({ status }) => status === 503);
  while (!(await refused()));
  assert.equal((await ask(url, { headers: { accept: BROWSER } })).status, 200);
  socket.destroy();
});

for (const kind of ['drop', 'paste']) {
  test(`a picture that is ${kind === 'drop' ? 'dropped' : 'pasted'} is named`, { skip }, async (t) => {
    const { url } = await serve(t);
    const { page, complaints } = await openPage(t, url);
    await transfer(page, kind, png(3, 200), 'shape.png', 'image/png');
    assert.equal(await answerOf(page), draw(3, 200).label);
    const rows = await page.locator('#classes li').allTextContents();
    assert.equal(rows.length, 5);
    assert.match(rows[0], new RegExp(`^${draw(3).label}\\d+\\.\\d %$`));
    for (const id of ['decode', 'infer', 'total']) assert.match(await page.textContent(`#${id}`), /^\d+\.\d ms$/);
    assert.match(await page.getAttribute('#picture', 'alt'), /shape\.png/);
    assert.deepEqual(complaints, []);
  });
}

test('the keyboard alone reaches the file input and the picker; answers are announced', { skip }, async (t) => {
  const { url } = await serve(t, { models: [{ name: 'one' }, { name: 'two', preprocess: 'unit' }] });
  const { page, complaints } = await openPage(t, url);
  await page.waitForSelector('#model:visible');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => globalThis.document.activeElement.id), 'file');
  const choosing = page.waitForEvent('filechooser');
  await page.keyboard.press('Space');
  await (await choosing).setFiles({ name: 'a.png', mimeType: 'image/png', buffer: png(1) });
  const answer = page.getByRole('status');
  await answer.filter({ hasText: /%$/ }).waitFor();
  const probability = async () => (await answer.textContent()).split(', ').at(-1);
  const of = (preprocess) => MobileNet.loadSync('shapes', { preprocess }).classifySync(png(1))[0];
  assert.equal(await probability(), `${(100 * of('tf').probability).toFixed(1)} %`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => globalThis.document.activeElement.id), 'model');
  const asked = page.waitForResponse((response) => response.url().includes('model=two'));
  await page.keyboard.press('ArrowDown');
  assert.equal((await (await asked).json()).model, 'two');
  await page.waitForFunction((label) => globalThis.document.getElementById('best').textContent === label,
    of('unit').label);
  assert.equal(await page.evaluate(() => globalThis.document.activeElement.id), 'model', 'the focus stays');
  assert.deepEqual(complaints, []);
});

test('a file that is no picture is an alert, and the next picture clears it', { skip }, async (t) => {
  const { url } = await serve(t);
  const { page } = await openPage(t, url);
  await transfer(page, 'drop', Buffer.from('hello'), 'a.txt', 'text/plain');
  const alert = page.getByRole('alert');
  await alert.filter({ hasText: /JPEG/ }).waitFor();
  assert.equal(await page.isVisible('#result'), false);
  await transfer(page, 'drop', png(1), 'a.png', 'image/png');
  await answerOf(page);
  assert.equal(await alert.textContent(), '');
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing to complain about, ${colorScheme}`, { skip }, async (t) => {
    const { url } = await serve(t, { models: [{ name: 'one' }, { name: 'two' }] });
    // The policy keeps the checker out, too.
    const { page } = await openPage(t, url, { colorScheme, bypassCSP: true });
    await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
    const check = () => page.evaluate(() => globalThis.axe.run());
    for (const step of ['empty', 'answered']) {
      if (step === 'answered') {
        await transfer(page, 'drop', png(2, 300), 'a.png', 'image/png');
        await answerOf(page);
      }
      const { violations, passes } = await check();
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], step);
      assert.ok(passes.length > 10);
    }
    await page.screenshot({ path: artefact(`page-${colorScheme}.png`), fullPage: true });
  });
}

test('a photograph that is dropped is a golden retriever', {
  skip: skip || skipWithout(MODEL, LABELS, RETRIEVER),
}, async (t) => {
  const models = [{ name: 'mobilenet', source: dataFile(MODEL), labels: dataFile(LABELS) }, 'shapes'];
  const { url } = await serve(t, { models });
  const { page, complaints } = await openPage(t, url, { viewport: { width: 1000, height: 800 } });
  await transfer(page, 'drop', fs.readFileSync(dataFile(RETRIEVER)), 'golden-retriever.jpeg', 'image/jpeg');
  assert.equal(await answerOf(page), 'golden retriever');
  assert.equal(await page.evaluate(() => {
    const { naturalWidth, complete } = globalThis.document.getElementById('picture');
    return complete && naturalWidth > 0;
  }), true);
  await page.screenshot({ path: artefact('page-photograph.png'), fullPage: true });
  assert.deepEqual(complaints, []);
});
