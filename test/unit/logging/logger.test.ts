import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeControl, formatLine, localTime } from '#src/logging/logger.js';

test('a line has the local time with milliseconds and offset, the level and the message', () => {
  const at = new Date(2026, 0, 31, 4, 5, 6, 7);
  assert.match(
    formatLine('info', 'group started', at),
    /^2026-01-31T04:05:06\.007[+-]\d\d:\d\d info group started$/,
  );
});

test('the time can be parsed to the same moment', () => {
  for (const text of ['2026-01-31T12:00:00.123Z', '2026-07-31T23:59:59.999Z']) {
    assert.equal(new Date(localTime(new Date(text))).toISOString(), text);
  }
});

test('a message cannot start a new line, colour the terminal or reverse the text', () => {
  const name = 'phone\n2026-01-01 error forged\r\t\u001b[31m\u0000\u009b1m\u2028\u202e\u007f';
  assert.equal(
    escapeControl(name),
    'phone\\n2026-01-01 error forged\\r\\t\\x1b[31m\\x00\\x9b1m\\u2028\\u202e\\x7f',
  );
});

test('letters of all languages are kept', () => {
  assert.equal(escapeControl('Zoë’s Телефон 手机 📱'), 'Zoë’s Телефон 手机 📱');
});
