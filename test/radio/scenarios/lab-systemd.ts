import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';

/** A traditional daemon: the command ends when its PID file exists. */
const FORKING = `[Service]
Type=forking
PIDFile=/run/lab-forking.pid
ExecStart=/bin/sh -c 'sleep 1000 & echo $! > /run/lab-forking.pid'
ExecStartPost=/bin/sh -c 'sleep 1000 >/dev/null 2>&1 & true'
ExecReload=/bin/sh -c 'echo "reloaded $MAINPID"'
`;

/** A service that reports when it is ready and feeds the watchdog; it is stopped by a signal, and must be restarted. */
const NOTIFY = `[Service]
Type=notify
NotifyAccess=all
WatchdogSec=3
Restart=on-failure
RestartSec=0
ExecStart=/bin/sh -c 'systemd-notify --ready --status="at work"; while :; do systemd-notify WATCHDOG=1; sleep 0.5; done'
`;

const scenario: Scenario = {
  name: 'lab-systemd',
  title:
    'systemd as process 1: a forking unit with its PID file, a notifying one with a watchdog; nothing is left after a stop',
  system: 'debian',
  async run(lab) {
    assert.equal(readFileSync('/proc/1/comm', 'utf8'), 'systemd\n');
    await lab.units.until('lab.target', 'ActiveState', /^(?:active|activating)$/);
    assert.equal(await lab.units.isActive('basic.target'), false, 'no unit starts by itself');
    await lab.units.install({ 'lab-forking.service': FORKING, 'lab-notify.service': NOTIFY });
    await forks(lab);
    await notifies(lab);
    // The runner has to stop this one.
    await lab.units.start('lab-forking.service');
  },
};

async function forks(lab: Lab): Promise<void> {
  const { units } = lab;
  const unit = 'lab-forking.service';
  await units.start(unit);
  assert.ok(await units.isActive(unit));
  const pid = await units.mainPid(unit);
  assert.equal(readFileSync('/run/lab-forking.pid', 'utf8'), `${pid}\n`);
  const processes = await units.processes(unit);
  assert.equal(processes.length, 2);
  await units.reload(unit);
  assert.ok((await units.journal(unit)).includes(`reloaded ${pid}`));
  assert.equal(await units.mainPid(unit), pid);
  await units.stop(unit);
  await lab.until('the end of its processes', 10, () =>
    processes.every((each) => !existsSync(`/proc/${each}`)),
  );
  assert.deepEqual(await units.processes(unit), []);
  assert.ok(!existsSync('/run/lab-forking.pid'));
}

async function notifies(lab: Lab): Promise<void> {
  const { units } = lab;
  const unit = 'lab-notify.service';
  const said = units.follow(unit);
  await units.start(unit);
  assert.equal(await units.property(unit, 'StatusText'), 'at work');
  const pid = await units.mainPid(unit);
  process.kill(pid, 'SIGSTOP');
  await said.waitOutput(/Watchdog timeout/, 30);
  await units.until(unit, 'NRestarts', /^1$/);
  await units.until(unit, 'ActiveState', /^active$/);
  assert.notEqual(await units.mainPid(unit), pid);
  await units.stop(unit);
  assert.deepEqual(await units.processes(unit), []);
  await said.stop();
}

export default scenario;
