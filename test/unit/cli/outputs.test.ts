import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complain } from '#src/cli/outputs.js';

test('a message may have several lines, and the name of a phone in it cannot control the terminal', (t) => {
  const write = t.mock.method(process.stderr, 'write', () => true);
  complain('the phone "A\u202eB\u009b31m" could not be invited\nsee the log');
  assert.equal(
    write.mock.calls[0]?.arguments[0],
    'hostp2pd: the phone "A_B_31m" could not be invited\nsee the log\n',
  );
});
