import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasPinChecksum } from '#src/config/text-values.js';
import { freshPin } from '#src/host/fresh-pin.js';
import { deviceAddressOf, pinOf } from '#src/host/operator-input.js';

test('a fresh PIN has eight digits and a valid checksum, and differs each time', () => {
  const pins = Array.from({ length: 200 }, freshPin);
  for (const pin of pins) {
    assert.match(pin, /^\d{8}$/);
    assert.ok(hasPinChecksum(pin), pin);
    assert.equal(pinOf(pin), pin);
  }
  // Two of 200 are equal once in 500 runs.
  assert.ok(new Set(pins).size >= 198);
});

test("an address is accepted in any usual form, and converted to wpa_supplicant's", () => {
  for (const text of ['42:AB:00:00:01:00', '42:ab:00:00:01:00 ', '42-ab-00-00-01-00', '42ab.0000.0100'])
    assert.equal(deviceAddressOf(text), '42:ab:00:00:01:00');
  for (const text of ['', '42:ab:00:00:01', '42:ab-00:00:01:00', '42:ab:00:00:01:00:00', 'any'])
    assert.throws(() => deviceAddressOf(text), { code: 'COMMAND_INVALID' }, text);
});

test('an invalid PIN is not quoted in the error', () => {
  for (const text of ['', '123', '12345', 'random', '1234567a'])
    assert.throws(
      () => pinOf(text),
      (error: { code?: string; message?: string }) =>
        error.code === 'COMMAND_INVALID' && (text === '' || !error.message?.includes(text)),
      text,
    );
});
