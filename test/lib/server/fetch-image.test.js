// Does the server fetch pictures only from where a stranger may send it?
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { isPublic } = require('../../../lib/server/addresses.js');
const { makeFetchImage } = require('../../../lib/server/fetch-image.js');
const { host } = require('../support/http.js');
const { png } = require('../support/pictures.js');

const PICTURE = png(1);
const code = (wanted) => ({ code: wanted });

/** A resolver with fixed answers, one a call; the last one stays. */
function resolver(...answers) {
  let calls = 0;
  const lookup = (hostname, options, callback) => {
    const list = answers[Math.min(calls++, answers.length - 1)];
    const all = list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    process.nextTick(callback, null, options.all ? all : all[0].address, all[0].family);
  };
  return { lookup, calls: () => calls };
}

const blockedAddresses = [
  '0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1',
  '172.31.255.255', '192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.19.0.1',
  '198.51.100.7', '203.0.113.9', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255', '::', '::1',
  '::7f00:1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe', '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '100::1', '2001::1', '2001:db8::1', '2002:7f00:1::', 'fc00::1',
  'fd12:3456::1', 'fe80::1', 'ff02::1', 'not an address', '',
];
for (const address of blockedAddresses) {
  test(`address '${address}' is not public`, () => assert.equal(isPublic(address), false));
}
for (const address of ['8.8.8.8', '93.184.215.14', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8']) {
  test(`address ${address} is public`, () => assert.equal(isPublic(address), true));
}

const literals = [
  'http://127.0.0.1/', 'http://2130706433/', 'http://0x7f.1/', 'http://017700000001/', 'http://127.1/',
  'http://127\u30020\u30020\u30021/', 'http://0/', 'http://[::1]/', 'http://[::]/', 'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/', 'http://[64:ff9b::127.0.0.1]/', 'http://[64:ff9b::a9fe:a9fe]/',
  'http://169.254.169.254/latest/meta-data/', 'http://0xa9fea9fe/', 'https://10.0.0.1/', 'http://[fe80::1]/',
  'http://[fd00:ec2::254]/', 'http://user@127.0.0.1/', 'http://user:secret@example.org/a.png',
  'ftp://example.org/a.png', 'file:///etc/passwd', 'data:image/png;base64,AAAA', 'http://example.org:22/',
  'http://example.org:6379/',
];
for (const url of literals) {
  test(`${url} is blocked without a connection or a lookup`, async () => {
    const { lookup, calls } = resolver(['127.0.0.1']);
    await assert.rejects(makeFetchImage({ lookup })(url), code('ERR_FETCH_BLOCKED'));
    assert.equal(calls(), 0);
  });
}

test('text that is no URL, or too long, is an argument error', async () => {
  const fetchImage = makeFetchImage();
  for (const text of ['', 'golden retriever', '/etc/passwd', `http://example.org/${'a'.repeat(2048)}`]) {
    await assert.rejects(fetchImage(text), code('ERR_INVALID_ARGUMENT'));
  }
});

test('a name is judged by what it resolves to: all of it', async () => {
  for (const addresses of [['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['::1'], ['64:ff9b::7f00:1']]) {
    const { lookup } = resolver(addresses);
    const fetching = makeFetchImage({ lookup })('http://innocent.example/a.png');
    await assert.rejects(fetching, (error) => {
      assert.equal(error.code, 'ERR_FETCH_BLOCKED');
      assert.match(error.message, /innocent\.example.*--allow-host/);
      return true;
    });
  }
});

test('a redirect to a name is judged by the one lookup that its connection uses, too', async (t) => {
  const { lookup, calls } = resolver(['127.0.0.1']);
  const opened = await host(t, (request, response) => {
    response.writeHead(302, { location: `http://rebound.example/` }).end();
  });
  const fetchImage = makeFetchImage({ lookup, allowHosts: [`127.0.0.1:${opened.port}`] });
  await assert.rejects(fetchImage(opened.url), code('ERR_FETCH_BLOCKED'));
  assert.equal(calls(), 1, 'no second lookup that could answer otherwise');
});

for (const target of ['http://169.254.169.254/latest/', 'http://[::ffff:a9fe:a9fe]/', 'file:///etc/passwd', 'http://127.0.0.1:1/']) {
  test(`a redirect to ${target} is blocked`, async (t) => {
    const { url, port } = await host(t, (request, response) => {
      response.writeHead(301, { location: target }).end();
    });
    const fetchImage = makeFetchImage({ allowHosts: [`127.0.0.1:${port}`] });
    await assert.rejects(fetchImage(url), code('ERR_FETCH_BLOCKED'));
  });
}

test('three redirects are followed, relative ones too, and a fourth is not', async (t) => {
  const { url } = await host(t, (request, response) => {
    const left = Number(request.url.slice(1));
    if (left === 0) response.end(PICTURE);
    else response.writeHead(307, { location: `/${left - 1}` }).end();
  });
  const fetchImage = makeFetchImage({ allowHosts: ['127.0.0.1'] });
  assert.deepEqual(await fetchImage(`${url}/3`), PICTURE);
  await assert.rejects(fetchImage(`${url}/4`), code('ERR_FETCH_FAILED'));
});

test('an allowed host is open on any port, or on the one that was named', async (t) => {
  const { url, port } = await host(t, (request, response) => response.end(PICTURE));
  const named = url.replace('127.0.0.1', 'localhost');
  assert.deepEqual(await makeFetchImage({ allowHosts: ['127.0.0.1'] })(url), PICTURE);
  assert.deepEqual(await makeFetchImage({ allowHosts: [`127.0.0.1:${port}`] })(url), PICTURE);
  assert.deepEqual(await makeFetchImage({ allowHosts: ['LOCALHOST'] })(named), PICTURE);
  const other = makeFetchImage({ allowHosts: ['127.0.0.1:1', 'localhost'] });
  await assert.rejects(other(url), code('ERR_FETCH_BLOCKED'));
});

test('allowHosts takes hosts, not URLs or patterns', () => {
  for (const text of ['http://a/', 'a/b', 'user@a', '', 'a:x']) {
    assert.throws(() => makeFetchImage({ allowHosts: [text] }), code('ERR_OUT_OF_RANGE'));
  }
  makeFetchImage({ allowHosts: ['::1', '[::1]:8080', 'a.example', 'a.example:80'] });
});

test('what is neither JPEG nor PNG is refused while it still comes', async (t) => {
  const { url } = await host(t, (request, response) => {
    response.setHeader('content-type', 'image/png');
    response.write('<!doctype html><title>secret</title>'); // and never ends
  });
  const fetchImage = makeFetchImage({ allowHosts: ['127.0.0.1'] });
  await assert.rejects(fetchImage(url), (error) => {
    assert.equal(error.code, 'ERR_INVALID_IMAGE');
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('a picture may not be larger than the limit, said or unsaid', async (t) => {
  const { url } = await host(t, (request, response) => {
    if (request.url === '/said') response.setHeader('content-length', 5000);
    response.write(PICTURE.subarray(0, 100));
    response.write(Buffer.alloc(4900));
    response.end();
  });
  const fetchImage = makeFetchImage({ allowHosts: ['127.0.0.1'], maxBytes: 4096 });
  for (const path of ['/said', '/unsaid']) {
    await assert.rejects(fetchImage(url + path), code('ERR_OUT_OF_MEMORY'));
  }
});

test('a host that hangs, in resolving, before or within the body, is given up', async (t) => {
  const { url } = await host(t, (request, response) => {
    if (request.url === '/body') response.write(PICTURE.subarray(0, 100));
  });
  const fetchImage = makeFetchImage({ allowHosts: ['127.0.0.1'], timeoutMs: 100, lookup: () => {} });
  for (const target of [`${url}/body`, `${url}/headers`, 'http://slow.example/']) {
    await assert.rejects(fetchImage(target), /not done within/);
  }
});

test('a body that breaks off, and a status that is not 200, are failures', async (t) => {
  const { url } = await host(t, (request, response) => {
    if (request.url === '/status') response.writeHead(404).end('<html>inside</html>');
    else {
      response.setHeader('content-length', PICTURE.length);
      response.write(PICTURE.subarray(0, 100), () => response.destroy());
    }
  });
  const fetchImage = makeFetchImage({ allowHosts: ['127.0.0.1'] });
  for (const path of ['/broken', '/status']) {
    await assert.rejects(fetchImage(url + path), (error) => {
      assert.equal(error.code, 'ERR_FETCH_FAILED');
      assert.doesNotMatch(error.message, /inside/);
      return true;
    });
  }
});

test('the caller can give up, with their own reason', async (t) => {
  const { url } = await host(t, () => {});
  const reason = new Error('enough');
  const fetchImage = makeFetchImage({ allowHosts: ['127.0.0.1'] });
  await assert.rejects(fetchImage(url, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const fetching = fetchImage(url, controller.signal);
  controller.abort(reason);
  await assert.rejects(fetching, reason);
});
