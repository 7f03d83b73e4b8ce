import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFrame } from '#src/wpa/channel.js';

const frame = (text: string) => parseFrame(Buffer.from(text));
const reply = (text: string) => ({ kind: 'reply', text });

describe('events', () => {
  test('a datagram with a level in angle brackets is an event', () => {
    assert.deepEqual(frame('<3>AP-ENABLED '), {
      kind: 'event',
      level: 3,
      interface: null,
      text: 'AP-ENABLED ',
    });
  });

  test('on the global socket an event begins with the interface', () => {
    assert.deepEqual(frame('IFNAME=p2p-wlan0-0 <2>AP-STA-CONNECTED 46:00:00:00:01:00'), {
      kind: 'event',
      level: 2,
      interface: 'p2p-wlan0-0',
      text: 'AP-STA-CONNECTED 46:00:00:00:01:00',
    });
  });

  test('newlines in a raw device name stay in the event', () => {
    const event = frame('<3>WPS-ENROLLEE-SEEN a b c [two\nlines]');
    assert.equal(event.kind, 'event');
    assert.equal(event.text, 'WPS-ENROLLEE-SEEN a b c [two\nlines]');
  });

  test('an event may be empty', () => {
    assert.deepEqual(frame('<3>'), { kind: 'event', level: 3, interface: null, text: '' });
  });

  test('UTF-8 is decoded and other bytes are replaced', () => {
    const data = Buffer.concat([
      Buffer.from("<3>name='Gr\u00fc\u00dfe"),
      Buffer.from([0xff]),
      Buffer.from("'"),
    ]);
    assert.equal(parseFrame(data).text, "name='Grüße\ufffd'");
  });
});

describe('replies', () => {
  test('an empty datagram is a reply', () => {
    assert.deepEqual(parseFrame(Buffer.alloc(0)), reply(''));
  });

  const REPLIES = [
    'OK\n',
    'FAIL\n',
    'PONG\n',
    'UNKNOWN COMMAND\n',
    '12345670',
    'wpa_state=COMPLETED\n',
    // A reply may begin similarly; only a single digit in brackets, with or without IFNAME= before it, marks an event.
    '<long response: 5000 bytes>',
    '<33>x',
    '<a>x',
    '<',
    'IFNAME=wlan0',
    'IFNAME= <3>x',
    'IFNAME=wlan0 OK',
    'x<3>AP-ENABLED ',
    ' <3>AP-ENABLED ',
  ];
  for (const text of REPLIES) test(JSON.stringify(text), () => assert.deepEqual(frame(text), reply(text)));
});
