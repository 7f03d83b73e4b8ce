import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frequencyIn, includesFrequency } from '#src/wpa/frequency.js';

test('freq= stands alone between the other options', () => {
  assert.equal(frequencyIn('ht40 freq=5180 vht'), '5180');
  assert.equal(frequencyIn('freq=acs'), 'acs');
  assert.equal(frequencyIn('ht40'), null);
  assert.equal(frequencyIn('xfreq=5180'), null);
  assert.equal(frequencyIn(null), null);
});

test('a band has the channels of that band alone: 6 GHz begins with channel 2 at 5935 MHz', () => {
  const channels = [2412, 2484, 5180, 5885, 5935, 5955];
  const among = (wanted: string) => channels.filter((frequency) => includesFrequency(wanted, frequency));
  assert.deepEqual(among('2'), [2412, 2484]);
  assert.deepEqual(among('5'), [5180, 5885]);
  assert.deepEqual(among('acs'), channels);
  assert.deepEqual(among('5180'), [5180]);
});
