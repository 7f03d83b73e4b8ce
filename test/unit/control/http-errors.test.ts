import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HTTP_STATUS, HttpError, httpAnswerFor } from '#src/control/http-errors.js';
import { ERROR_CODES, HostP2pError } from '#src/system/errors.js';

test('every error code has an HTTP status that agrees with "retryable"', () => {
  assert.deepEqual(Object.keys(HTTP_STATUS).sort(), Object.keys(ERROR_CODES).sort());
  for (const [code, status] of [
    ['USAGE', 400],
    ['COMMAND_INVALID', 400],
    ['CONFIG_INVALID', 400],
    ['CONFIG_UNREADABLE', 400],
    ['DEVICE_UNKNOWN', 404],
    ['STATE', 409],
    ['ALREADY_RUNNING', 409],
    ['INTERNAL', 500],
    ['COMMAND_REFUSED', 502],
    ['CONTROL_UNAVAILABLE', 503],
    ['BUSY', 503],
    ['CONTROL_TIMEOUT', 504],
  ] as const) {
    assert.deepEqual(httpAnswerFor(new HostP2pError(code, 'why')), {
      status,
      headers: {},
      body: { error: { code, message: 'why', retryable: ERROR_CODES[code].retryable } },
    });
  }
});

test('an HTTP error keeps its own status', () => {
  assert.deepEqual(httpAnswerFor(new HttpError(405, 'GET only', { allow: 'GET' })), {
    status: 405,
    headers: { allow: 'GET' },
    body: { error: { code: 'USAGE', message: 'GET only', retryable: false } },
  });
});

test('an unexpected error is reported without its details', () => {
  for (const thrown of [new TypeError('password is hunter2'), 'hunter2', null, undefined]) {
    const { status, body } = httpAnswerFor(thrown);
    assert.equal(status, 500);
    assert.equal(body.error.code, 'INTERNAL');
    assert.doesNotMatch(JSON.stringify(body), /hunter2/);
  }
});
