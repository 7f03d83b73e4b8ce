import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasPinChecksum } from '#src/config/text-values.js';
import { deviceAddressOf, freshPin, pinOf } from '#src/host/operator-input.js';

test('a fresh PIN has eight digits, is a valid one, and is never the same', () => {
  const pins = Array.from({ length: 200 }, freshPin);
  for (const pin of pins) {
    assert.match(pin, /^\d{8}$/);
    assert.ok(hasPinChecksum(pin), pin);
    assert.equal(pinOf(pin), pin);
  }
  // Two of 200 are alike once in 500 times.
  assert.ok(new Set(pins).size >= 198);
});

test("an address is taken in any usual spelling, and kept in wpa_supplicant's", () => {
  for (const text of ['42:AB:00:00:01:00', '42:ab:00:00:01:00 ', '42-ab-00-00-01-00', '42ab.0000.0100'])
    assert.equal(deviceAddressOf(text), '42:ab:00:00:01:00');
  for (const text of ['', '42:ab:00:00:01', '42:ab-00:00:01:00', '42:ab:00:00:01:00:00', 'any'])
    assert.throws(() => deviceAddressOf(text), { code: 'COMMAND_INVALID' }, text);
});

test('a PIN that is none is not told again', () => {
  for (const text of ['', '123', '12345', 'random', '1234567a'])
    assert.throws(
      () => pinOf(text),
      (error: { code?: string; message?: string }) =>
        error.code === 'COMMAND_INVALID' && (text === '' || !error.message?.includes(text)),
      text,
    );
});
