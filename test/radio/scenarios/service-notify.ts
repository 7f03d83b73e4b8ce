import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { DEVICE, GROUP, PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { LabError } from '../guest/wait.js';
import {
  ask,
  configure,
  installService,
  pidFile,
  processes,
  refusedStart,
  secondsAfterKill,
  startedAnew,
  stopWhileStarting,
} from './service-units.js';

const scenario: Scenario = {
  name: 'service-notify',
  title: 'hostp2pd-notify@ is active only when attached; the watchdog restarts a process that hangs',
  suite: 'full',
  timeoutSeconds: 400,
  system: 'debian',
  async run(lab) {
    const { units } = lab;
    const unit = await installService(lab, 'hostp2pd-notify');

    lab.note('without wpa_supplicant, stopped while it is starting');
    await stopWhileStarting(lab, unit);
    await units.systemctl('start', '--no-block', unit);
    await units.until(
      unit,
      'StatusText',
      /^waiting since \S+: wpa_supplicant serves nothing in \/run\/wpa_supplicant.*; waits for an answer/,
    );
    assert.equal(await units.property(unit, 'ActiveState'), 'activating');

    lab.note('with wpa_supplicant');
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
    ]);
    await units.until(unit, 'ActiveState', /^active$/);
    // The control socket answers as soon as the unit is active.
    await ask(lab, 'status');
    await units.until(unit, 'StatusText', new RegExp(`^group "${LAB_GROUP.ssid}" at \\d+ MHz, 0 stations$`));
    const first = await units.mainPid(unit);
    assert.equal(pidFile(), first);
    await phone.joinWithPin(box.address, PIN);
    await units.until(unit, 'StatusText', / 1 station$/);
    const events = await box.on(GROUP);
    const mark = events.mark();

    lab.note('reload: refused, then accepted');
    configure('pinn: x');
    await assert.rejects(units.reload(unit), LabError);
    await units.until(
      unit,
      'StatusText',
      /; configuration since \S+: reload failed, the previous one is still in use: .*pinn/,
    );
    await units.until(unit, 'ActiveState', /^active$/);
    configure('hook_timeout_secs: 20');
    await units.reload(unit);
    await units.until(unit, 'StatusText', / 1 station$/);
    await units.until(unit, 'ActiveState', /^active$/);
    assert.equal(await units.mainPid(unit), first);

    lab.note('kill -9');
    const without = await secondsAfterKill(lab, unit, first);
    const next = await startedAnew(lab, unit, first, 40);
    await units.until(unit, 'StatusText', / 1 station$/);
    lab.overcome('SIGKILL under systemd, hostp2pd-notify@', 'nothing: group and phones stay', without);

    lab.note('it hangs: killed by the watchdog, and restarted');
    process.kill(next, 'SIGSTOP');
    const second = await startedAnew(lab, unit, next, 90);
    assert.ok((await units.journal(unit)).some((line) => /Watchdog timeout/.test(line)));
    await units.until(unit, 'StatusText', / 1 station$/);
    assert.equal(pidFile(), second);
    const gone = events.since(mark).filter(({ text }) => text.startsWith('AP-STA-DISCONNECTED'));
    assert.deepEqual(gone, [], 'the phone was connected all the time');

    lab.note('hostp2pd -t ends it, which is no failure');
    const ended = await lab.run({ args: ['-t', '-i', DEVICE] }, 40);
    assert.equal(ended.code, 0, ended.stderr);
    await units.until(unit, 'ActiveState', /^inactive$/);
    assert.equal(await units.property(unit, 'Result'), 'success');
    assert.deepEqual(processes(), []);

    lab.note('an invalid configuration is not tried again');
    configure('pinn: x');
    await refusedStart(lab, unit);
    const {
      ActiveState,
      ExecMainStatus,
      StatusText = '',
    } = await units.show(unit, 'ActiveState', 'ExecMainStatus', 'StatusText');
    assert.deepEqual({ ActiveState, ExecMainStatus }, { ActiveState: 'failed', ExecMainStatus: '2' });
    assert.match(StatusText, /^failed: configuration .*pinn/);
  },
};

export default scenario;
