import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeServiceEnvironment } from '#src/daemon/service-environment.js';

const SOCKET = '/run/systemd/notify';

test('it is taken out of the environment, and nothing else is', () => {
  const environment = { NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '20000000', WATCHDOG_PID: '7', PATH: '/bin' };
  assert.deepEqual(takeServiceEnvironment(environment, 7), { socket: SOCKET, watchdogMs: 20_000 });
  assert.deepEqual(environment, { PATH: '/bin' });
});

test('without a socket there is nobody to tell, and the rest goes all the same', () => {
  for (const environment of [{}, { NOTIFY_SOCKET: '' }, { WATCHDOG_USEC: '1', WATCHDOG_PID: '7' }]) {
    assert.equal(takeServiceEnvironment(environment, 7), null);
    assert.deepEqual(environment, {});
  }
});

test('a watchdog counts where it is for us and has a time', () => {
  const cases: readonly (readonly [Record<string, string>, number | null])[] = [
    [{ WATCHDOG_USEC: '1500' }, 1.5],
    [{ WATCHDOG_USEC: '1500', WATCHDOG_PID: '7' }, 1.5],
    // The launcher of a daemon was meant.
    [{ WATCHDOG_USEC: '1500', WATCHDOG_PID: '6' }, null],
    [{}, null],
    [{ WATCHDOG_USEC: '0' }, null],
    [{ WATCHDOG_USEC: '-5' }, null],
    [{ WATCHDOG_USEC: 'soon' }, null],
    // USEC_INFINITY
    [{ WATCHDOG_USEC: '18446744073709551615' }, null],
  ];
  for (const [given, watchdogMs] of cases) {
    const environment = { NOTIFY_SOCKET: SOCKET, ...given };
    assert.deepEqual(takeServiceEnvironment(environment, 7), { socket: SOCKET, watchdogMs });
  }
});
