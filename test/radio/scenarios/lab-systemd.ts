import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { Scenario } from '../guest/scenario.js';

const FORKING = 'lab-forking.service';
const NOTIFY = 'lab-notify.service';

const scenario: Scenario = {
  name: 'lab-systemd',
  title: 'process 1 is systemd: PID files, notifications, watchdogs and the end of a unit work as in life',
  timeoutSeconds: 240,
  facts: true,
  system: 'debian',
  async run(lab) {
    assert.equal(readFileSync('/proc/1/comm', 'utf8').trim(), 'systemd');
    assert.match(readFileSync('/etc/os-release', 'utf8'), /^VERSION_ID="13"$/m);
    const services = lab.services();

    lab.note('a unit that forks and has a PID file');
    await services.install(
      FORKING,
      `[Service]\nType=forking\nPIDFile=/run/${FORKING}.pid\n` +
        `ExecStart=/bin/sh -c 'sleep 1000 & echo $! > /run/${FORKING}.pid'\n`,
    );
    await services.ctl('start', FORKING);
    const pid = Number(readFileSync(`/run/${FORKING}.pid`, 'utf8'));
    assert.equal(await services.mainPid(FORKING), pid);
    await services.ctl('stop', FORKING);
    assert.equal(existsSync(`/proc/${pid}`), false);

    lab.note('a unit that says when it is ready, and whose watchdog is not fed');
    await services.install(
      NOTIFY,
      '[Service]\nType=notify\nNotifyAccess=all\nWatchdogSec=3\nRestart=on-watchdog\nRestartSec=100ms\n' +
        "ExecStart=/bin/sh -c 'systemd-notify --ready --status=here; sleep 1000'\n",
    );
    await services.ctl('start', NOTIFY);
    assert.equal((await services.show(NOTIFY, 'StatusText')).get('StatusText'), 'here');
    await lab.until('the watchdog', 60, async () => {
      return (await services.show(NOTIFY, 'NRestarts')).get('NRestarts') !== '0';
    });
    assert.match(await services.journal(NOTIFY), /[Ww]atchdog/);
  },
};

export default scenario;
