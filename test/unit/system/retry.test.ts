import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostP2pError } from '#src/system/errors.js';
import { retry } from '#src/system/retry.js';

const notYet = (message: string) => new HostP2pError('STATE', message);

test('it tries until an attempt succeeds', async () => {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    if (attempts < 3) throw notYet('not yet');
    return attempts;
  };
  assert.equal(await retry(attempt, { limitMs: 60_000, pauseMs: 1 }), 3);
});

test('when the time is over, the error of the last attempt is thrown', async () => {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    throw notYet(`attempt ${attempts}`);
  };
  await assert.rejects(retry(attempt, { limitMs: 20, pauseMs: 5 }), (error: Error) => {
    assert.equal(error.message, `attempt ${attempts}`);
    return true;
  });
  assert.ok(attempts > 1, `${attempts} attempts`);
});

test('an error of the program itself ends it at once', async () => {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    throw new TypeError('a bug');
  };
  await assert.rejects(retry(attempt, { limitMs: 60_000, pauseMs: 1 }), TypeError);
  assert.equal(attempts, 1);
});
