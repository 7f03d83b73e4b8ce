import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlSocket } from '#src/daemon/control-socket.js';
import { handleSignals } from '#src/daemon/signals.js';
import { HostP2pD } from '#src/host/host.js';
import { Problems } from '#src/system/problems.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { commandContext } from '../../fakes/command-context.js';

const PLACE = { interface: 'p2p-dev-wlan0', controlFolder: '/nowhere' };

test('a control socket that could not be opened is tried again; an open one is checked again', async () => {
  const log = new CapturedLog();
  let tries = 0;
  let looks = 0;
  const problems = new Problems();
  const control = new ControlSocket(
    commandContext(new HostP2pD()),
    log,
    problems.of('control socket'),
    async () => {
      tries++;
      if (tries === 1) throw new Error('no folder yet');
      return { path: '/x', refresh: () => looks++, close: async () => {} };
    },
  );
  control.open(PLACE);
  await control.opened;
  assert.equal(log.lines.filter((line) => line.includes('no folder yet')).length, 1);
  assert.deepEqual(
    problems.list.map(({ subject, reason }) => [subject, reason]),
    [['control socket', 'no folder yet']],
  );
  control.open(PLACE);
  await control.opened;
  assert.equal(tries, 2);
  assert.deepEqual(problems.list, []);
  control.open(PLACE);
  await control.opened;
  assert.deepEqual([tries, looks], [2, 1]);
  await control.close();
});

test('a second SIGTERM changes nothing, a second Ctrl-C ends the process at once', () => {
  const calls: string[] = [];
  const release = handleSignals({
    end: (signal) => calls.push(`end ${signal}`),
    reload: () => calls.push('reload'),
    endNow: () => calls.push('now'),
  });
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGTERM', 'SIGINT'] as const) process.emit(signal, signal);
  release();
  assert.deepEqual(calls, ['reload', 'end SIGTERM', 'now']);
});
