import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frequencyText } from '#src/commands/status-lines.js';

test('the channel of a frequency, and its band', () => {
  const known: readonly (readonly [number, string])[] = [
    [2412, 'channel 1 (2.4 GHz)'],
    [2437, 'channel 6 (2.4 GHz)'],
    [2472, 'channel 13 (2.4 GHz)'],
    [2484, 'channel 14 (2.4 GHz)'],
    [5180, 'channel 36 (5 GHz)'],
    [5745, 'channel 149 (5 GHz)'],
    [5935, 'channel 2 (6 GHz)'],
    [5955, 'channel 1 (6 GHz)'],
    [7115, 'channel 233 (6 GHz)'],
    [58_320, 'channel 1 (60 GHz)'],
    [60_480, 'channel 2 (60 GHz)'],
  ];
  for (const [frequency, text] of known) assert.equal(frequencyText(frequency), `${frequency} MHz, ${text}`);
});

test('what is no channel is told as a frequency alone', () => {
  for (const frequency of [0, 2411, 2413, 2480, 5001, 5181, 5940, 65_000]) {
    assert.equal(frequencyText(frequency), `${frequency} MHz`);
  }
});
