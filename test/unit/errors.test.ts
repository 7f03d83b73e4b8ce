import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { causeOf, HostP2pError, messageOf } from '#src/system/errors.js';

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('system errors have a message in words, without their codes', () => {
  assert.equal(messageOf(thrown(() => readFileSync('/'))), 'expected a file, got a folder');
  assert.equal(messageOf(thrown(() => readFileSync('/none/x'))), 'there is no such file or folder');
  assert.equal(messageOf(thrown(() => readFileSync('/etc/passwd/x'))), 'a part of the path is not a folder');
  for (const code of ['ENOSPC', 'EDQUOT']) {
    const error = Object.assign(new Error(`${code}: x, write`), { code, syscall: 'write' });
    assert.match(messageOf(error), /disk/);
  }
});

test('other errors keep their message', () => {
  assert.equal(messageOf(new HostP2pError('STATE', 'no group is running')), 'no group is running');
  assert.equal(messageOf(Object.assign(new Error('mine'), { code: 'ENOENT' })), 'mine');
  assert.equal(messageOf(Object.assign(new Error('rare'), { code: 'EUNATCH', syscall: 'open' })), 'rare');
  assert.equal(messageOf('text'), 'text');
  assert.equal(messageOf(null), 'null');
});

test('two reasons are the same if only numbers differ', () => {
  const reason = (n: number) => `/run/hostp2pd/p2p-wlan0-${n}.${n * 7}-${n}.cmd: the disk is full`;
  assert.equal(causeOf(reason(1)), causeOf(reason(12)));
  assert.notEqual(causeOf(reason(1)), causeOf('/run/hostp2pd/p2p-wlan0-1.7-1.cmd: permission denied'));
});
