import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, property, string } from 'fast-check';
import { ndefMessage } from '#src/commands/ndef.js';
import { readAttributes, readNdef } from '../../fakes/ndef-reader.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** The payload of a tag for the network "SSID" with the password "password", by NFC Tools: stackoverflow.com/q/59606625. */
const BY_NFC_TOOLS = hex(
  '100E002F 1026000101 10450004 53534944 1003 0002 0022 100F00020008 10270008 70617373776F7264 10200006 FFFFFFFFFFFF',
);

/** A whole message for "guestNetwork", by SparkFun (docs.sparkfun.com, ST25DV64KC Arduino Library, example 9). */
const BY_SPARKFUN = hex(
  'DA175700 6170706C69636174696F6E2F766E642E7766612E777363 100E0053 1026000101 1045000C 67756573744E6574776F726B ' +
    '100300020020 100F00020008 10270010 677565737450617373776F7264313233 10200006 000000000000 ' +
    '10490006 00372A020101 10490006 00372A000120',
);

const VERSION_2 = '1049 0006 00372A 00 01 20';

/** What stands in a configuration token, as the message of a tag has it. */
function tokenIn(message: Buffer): { readonly token: ReadonlyMap<number, Buffer>; readonly payload: Buffer } {
  const [record] = readNdef(message);
  assert.ok(record);
  assert.deepEqual([record.format, record.type], [2, 'application/vnd.wfa.wsc']);
  const token = readAttributes(record.payload);
  assert.equal([...token.keys()][0], 0x100e, 'Android does not skip what comes before the credential');
  return { token: readAttributes(token.get(0x100e) ?? Buffer.alloc(0)), payload: record.payload };
}

test('the payload is that of a published example, for WPA2 alone and with the version', () => {
  const { payload } = tokenIn(ndefMessage({ ssid: 'SSID', passphrase: 'password', panel: null }));
  const expected = Buffer.from(BY_NFC_TOOLS);
  // The published tag is for WPA and WPA2 (0x0022). Android reads both; a group has WPA2 only.
  assert.equal(expected.readUInt16BE(21), 0x0022);
  expected.writeUInt16BE(0x0020, 21);
  assert.equal(payload.toString('hex'), Buffer.concat([expected, hex(VERSION_2)]).toString('hex'));
});

test('the reader of these tests reads another published example in the same way', () => {
  const theirs = tokenIn(BY_SPARKFUN).token;
  const message = ndefMessage({ ssid: 'guestNetwork', passphrase: 'guestPassword123', panel: null });
  const { token: ours, payload } = tokenIn(message);
  for (const attribute of [0x1026, 0x1045, 0x1003, 0x100f, 0x1027])
    assert.deepEqual(ours.get(attribute), theirs.get(attribute), attribute.toString(16));
  assert.ok(BY_SPARKFUN.subarray(-10).equals(hex(VERSION_2)) && payload.subarray(-10).equals(hex(VERSION_2)));
});

test('the panel is a second record, with http:// as one byte', () => {
  const message = ndefMessage({ ssid: 'S', passphrase: 'password', panel: 'http://192.168.49.1:8649/' });
  const [, uri, ...more] = readNdef(message);
  assert.deepEqual(more, []);
  assert.ok(uri);
  assert.deepEqual([uri.format, uri.type], [1, 'U']);
  assert.equal(uri.payload.toString('latin1'), '\u0003192.168.49.1:8649/');
});

test('any name and passphrase come back as they were, within the length that is promised', () => {
  const ssids = string({ unit: 'grapheme' }).filter((text) => Buffer.byteLength(text) <= 32 && text !== '');
  const passphrases = string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 63 });
  check(
    property(ssids, passphrases, (ssid, passphrase) => {
      const message = ndefMessage({ ssid, passphrase, panel: null });
      const { token } = tokenIn(message);
      assert.equal(token.get(0x1045)?.toString(), ssid);
      assert.equal(token.get(0x1027)?.toString(), passphrase);
      assert.ok(message.length <= 170);
    }),
  );
  const longest = { ssid: 'x'.repeat(32), passphrase: 'p'.repeat(63), panel: null };
  assert.equal(ndefMessage(longest).length, 170);
});
