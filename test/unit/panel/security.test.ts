import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAction } from '#src/panel/actions.js';
import { parseListen } from '#src/panel/panel.js';
import {
  hostsOf,
  isEveryAddress,
  isLoopback,
  refusal,
  SECURITY_HEADERS,
  TokenCheck,
  WRONG_TOKENS,
} from '#src/panel/security.js';

const HOSTS = hostsOf({ address: '127.0.0.1', port: 8649 });
const HOST = '127.0.0.1:8649';
const JSON_TYPE = { 'content-type': 'application/json' };

test('the names of the host are the address, and localhost for a loopback address', () => {
  assert.deepEqual([...HOSTS], [HOST, 'localhost:8649']);
  assert.deepEqual([...hostsOf({ address: '192.168.49.1', port: 8649 })], ['192.168.49.1:8649']);
  assert.deepEqual(
    [...hostsOf({ address: '::1', port: 80 })],
    ['[::1]', '[::1]:80', 'localhost', 'localhost:80'],
  );
  // As a browser writes it.
  assert.ok(hostsOf({ address: 'FD00:0::1', port: 8649 }).has('[fd00::1]:8649'));
});

test('a request is refused with another host, from another site, or with a body that a form can send', () => {
  const posted = { posted: true, opened: false };
  const read = { posted: false, opened: false };
  const page = { posted: false, opened: true };
  const status = (headers: object, kind: Parameters<typeof refusal>[2]) =>
    refusal(headers, HOSTS, kind)?.status ?? 200;
  for (const kind of [posted, read, page]) {
    for (const host of [
      undefined,
      '',
      'evil.example',
      'evil.example:8649',
      '127.0.0.1',
      `${HOST}.evil.example`,
    ])
      assert.equal(status(host === undefined ? JSON_TYPE : { ...JSON_TYPE, host }, kind), 421, host);
    assert.equal(status({ ...JSON_TYPE, host: 'LOCALHOST:8649' }, kind), 200);
  }
  for (const [headers, ofPost, ofRead, ofPage] of [
    [{}, 200, 200, 200],
    [{ origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }, 200, 200, 200],
    [{ origin: 'http://localhost:8649' }, 403, 403, 200],
    [{ origin: `https://${HOST}` }, 403, 403, 200],
    [{ origin: 'null' }, 403, 403, 200],
    [{ 'sec-fetch-site': 'none' }, 403, 200, 200],
    [{ 'sec-fetch-site': 'cross-site' }, 403, 403, 200],
    [{ 'sec-fetch-site': ['same-origin', 'cross-site'] }, 403, 403, 200],
  ] as const) {
    const all = { ...JSON_TYPE, host: HOST, ...headers };
    assert.deepEqual(
      [posted, read, page].map((kind) => status(all, kind)),
      [ofPost, ofRead, ofPage],
      JSON.stringify(headers),
    );
  }
  for (const type of [undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
    assert.equal(
      status({ host: HOST, ...(type === undefined ? {} : { 'content-type': type }) }, posted),
      415,
      type,
    );
  assert.equal(status({ host: HOST, 'content-type': 'application/json; charset=utf-8' }, posted), 200);
});

test('the security policy loads nothing from elsewhere and runs no text as code', () => {
  const policy = SECURITY_HEADERS['content-security-policy'];
  assert.match(policy, /^default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  for (const part of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"])
    assert.ok(policy.includes(part));
});

test('wrong tokens: five in a row, then one each ten seconds; each address for itself', () => {
  let now = 1_000_000;
  const token = 'the-right-token-of-16';
  const check = new TokenCheck(token, () => now);
  const wrong = (address = 'a') => check.check('Bearer wrong', address);
  const right = (address = 'a') => check.check(`Bearer ${token}`, address);
  assert.equal(check.check(undefined, 'a'), 'missing');
  assert.equal(check.check(token, 'a'), 'missing');
  assert.equal(check.check('Basic xyz', 'a'), 'missing');
  assert.equal(right(), 'right');
  for (let count = 0; count < WRONG_TOKENS; count++) assert.equal(wrong(), 'wrong');
  assert.deepEqual(wrong(), { retrySeconds: 10 });
  assert.deepEqual(right(), { retrySeconds: 10 }, 'the right one, too');
  assert.equal(right('b'), 'right');
  now += 9_000;
  assert.deepEqual(wrong(), { retrySeconds: 1 });
  now += 1_000;
  assert.equal(wrong(), 'wrong');
  assert.deepEqual(wrong(), { retrySeconds: 10 });
  now += 10_000;
  assert.equal(right(), 'right');
  for (let count = 0; count < WRONG_TOKENS; count++)
    assert.equal(wrong(), 'wrong', 'forgiven with the right one');
  // Many addresses do not fill the memory, and the latest stays known.
  for (let number = 0; number < 1_000; number++) wrong(`c${number}`);
  for (let count = 1; count < WRONG_TOKENS; count++) wrong('c999');
  assert.deepEqual(wrong('c999'), { retrySeconds: 10 });
});

test('only actions of the page are read', () => {
  const device = '42:00:00:00:01:00';
  for (const action of ['check', 'known', 'button', 'pin', 'stop'])
    assert.deepEqual(parseAction(JSON.stringify({ action, more: 1 })), { action });
  assert.deepEqual(parseAction(JSON.stringify({ action: 'forget', device: device.toUpperCase() })), {
    action: 'forget',
    device,
  });
  for (const pin of ['12345670', '1234-5670', '1234 5670'])
    assert.deepEqual(parseAction(JSON.stringify({ action: 'enterPin', device, pin })), {
      action: 'enterPin',
      device,
      pin: '12345670',
    });
  for (const body of [
    '',
    'null',
    '[]',
    '{"action":"quit"}',
    '{"action":"__proto__"}',
    '{"action":"forget"}',
    '{"action":"forget","device":"Ann"}',
    '{"action":"disconnect","device":["42:00:00:00:01:00"]}',
    `{"action":"enterPin","device":"${device}","pin":12345670}`,
    `{"action":"enterPin","device":"${device}","pin":"123456789"}`,
  ])
    assert.equal(parseAction(body), null, body);
});

test('the address to listen at', () => {
  assert.deepEqual(parseListen('127.0.0.1'), { address: '127.0.0.1', port: 8649 });
  assert.deepEqual(parseListen('192.168.49.1:80'), { address: '192.168.49.1', port: 80 });
  assert.deepEqual(parseListen('[::1]:8000'), { address: '::1', port: 8000 });
  assert.deepEqual(parseListen('::1'), { address: '::1', port: 8649 });
  assert.deepEqual(parseListen('[fe80::1]'), { address: 'fe80::1', port: 8649 });
  for (const wrong of [
    '',
    'localhost',
    ':80',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '0.0.0.0',
    '::',
    '[::]:80',
    '0:0:0:0:0:0:0:0',
  ])
    assert.throws(() => parseListen(wrong), { code: 'USAGE' }, wrong);
});

test('all addresses of the machine are refused in every form, and no other address is', () => {
  const every = [
    '0.0.0.0',
    '::',
    '::0.0.0.0',
    '::ffff:0.0.0.0',
    '::ffff:0:0',
    '0::ffff:0000:0',
    '0:0::0',
    '::%lo',
    '::FFFF:0.0.0.0',
  ];
  for (const address of every) {
    for (const text of address.includes(':')
      ? [address, `[${address}]`, `[${address}]:80`]
      : [address, `${address}:80`])
      assert.throws(
        () => parseListen(text),
        { code: 'USAGE', message: /expected one address, got all of them/ },
        text,
      );
  }
  for (const address of ['0.0.0.1', '::1', '::ffff:127.0.0.1', '1::', 'fe80::', '::ffff:0:0:0'])
    assert.equal(parseListen(address.includes(':') ? `[${address}]` : address).address, address);
});

test('any address whose bytes are zero is every address, however it is written', () => {
  const groups = fc.array(fc.constantFrom('0', '00', '000', '0000'), { minLength: 8, maxLength: 8 });
  const left = fc.nat(7).chain((from) => fc.tuple(fc.constant(from), fc.integer({ min: from + 1, max: 8 })));
  fc.assert(
    fc.property(groups, fc.boolean(), left, (zeros, mapped, [from, to]) => {
      const parts = mapped ? zeros.map((zero, at) => (at === 5 ? 'FffF' : zero)) : zeros;
      // Some zeros may be left out.
      const gap = mapped ? Math.min(to, 5) : to;
      const short =
        gap > from ? `${parts.slice(0, from).join(':')}::${parts.slice(gap).join(':')}` : parts.join(':');
      for (const address of [parts.join(':'), short]) {
        assert.equal(isEveryAddress(address), true, address);
        assert.equal(isLoopback(address), false, address);
      }
    }),
  );
});

test('addresses of this machine alone, in every form', () => {
  for (const address of [
    '127.0.0.1',
    '127.1.2.3',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
  ])
    assert.equal(isLoopback(address), true, address);
  for (const address of ['126.0.0.1', '192.168.49.1', '::2', 'fe80::1', '::ffff:10.0.0.1'])
    assert.equal(isLoopback(address), false, address);
});
