import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, PIN } from '../guest/daemon.js';
import { fileText } from '../guest/file-text.js';
import type { Scenario } from '../guest/scenario.js';
import {
  ask,
  configure,
  installService,
  LOG,
  pidFile,
  processes,
  refusedStart,
  secondsAfterKill,
  startedAnew,
  stopWhileStarting,
} from './service-units.js';

/** What a run_program may and may not do under the restrictions of the unit, each with its exit status. */
const HOOK = `#!/bin/sh
[ "$1" = connect ] || exit 0
try() { what=$1; shift; "$@" 2>> /run/lab-hook.errors; echo "$what $?" >> /run/lab-hook; }
try address ip address add 192.168.49.1/24 dev "$HOSTP2PD_GROUP_INTERFACE"
try network mkdir -p /run/systemd/network
try state touch "$STATE_DIRECTORY/lab"
try system touch /etc/lab
try kernel sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
try namespace unshare --mount true
sleep 1000 > /dev/null 2>&1 &
`;
const HOOK_RESULTS = '/run/lab-hook';
const MAY = ['address', 'network', 'state'];
const MAY_NOT = ['system', 'kernel', 'namespace'];

const scenario: Scenario = {
  name: 'service',
  title: 'systemctl start, reload, restart, stop of hostp2pd@; kill -9: started again, the phone stays',
  timeoutSeconds: 360,
  system: 'debian',
  async run(lab) {
    const { units } = lab;
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
    ]);
    const unit = await installService(lab, 'hostp2pd');
    const hook = [`run_program: ${lab.file('hook', HOOK, 0o755)}`];
    configure(...hook);
    lab.note('stopped while it is starting');
    await stopWhileStarting(lab, unit);
    await units.start(unit);
    assert.ok(await units.isActive(unit));
    const first = await units.mainPid(unit);
    assert.equal(pidFile(), first);
    assert.deepEqual(await units.processes(unit), [first]);
    await lab.until('the group', 30, () => box.groupInterfaces().includes(GROUP));
    await phone.joinWithPin(box.address, PIN);
    await lab.until('the station', 20, async () => (await ask(lab, 'stations')).includes('Pixel'));
    const results = () => fileText(HOOK_RESULTS).split('\n').slice(0, -1);
    await lab.until('its hook', 20, () => results().length === MAY.length + MAY_NOT.length);
    const allowed = (line: string) => line.endsWith(' 0');
    assert.deepEqual(
      results().filter(allowed),
      MAY.map((what) => `${what} 0`),
    );
    const refused = results().filter((line) => !allowed(line));
    assert.deepEqual(
      refused.map((line) => line.split(' ', 1)[0]),
      MAY_NOT,
    );
    const events = await box.on(GROUP);
    const mark = events.mark();
    const stays = async (): Promise<void> => {
      await lab.until('the station', 30, async () => (await ask(lab, 'stations')).includes('Pixel'));
      const gone = events.since(mark).filter(({ text }) => text.startsWith('AP-STA-DISCONNECTED'));
      assert.deepEqual(gone, [], 'the phone was connected all the time');
    };

    lab.note('the panel, as another user, tells its address to the daemon, until it ends');
    const address = '192.0.2.1';
    await lab.run({ command: 'ip', args: ['address', 'add', `${address}/32`, 'dev', 'lo'] });
    const run = `[Service]\nExecStart=\nExecStart=hostp2pd panel --listen ${address}\n`;
    await units.install({ 'hostp2pd-panel.service.d/lab.conf': run });
    await units.start('hostp2pd-panel.service');
    const panel = async (): Promise<unknown> => JSON.parse(await ask(lab, 'handover')).panel;
    await lab.until('its address', 30, async () => (await panel()) === `http://${address}:8649/`);
    await units.stop('hostp2pd-panel.service');
    assert.equal(await panel(), null);

    lab.note('a report');
    const report = '/var/log/report.tar.gz';
    const listed = JSON.parse(await ask(lab, 'report', report, '--json'));
    assert.deepEqual(listed.missing, []);
    const folder = mkdtempSync(join(tmpdir(), 'report-'));
    execFileSync('tar', ['-xzf', report, '-C', folder, '--strip-components=1']);
    const reported = (name: string) => readFileSync(join(folder, name), 'utf8');
    assert.ok(reported('services.txt').split('\n').includes(`Id=${unit}`));
    assert.match(reported('answers.txt'), /^Wiphy phy\d+$/m);
    for (const name of listed.contents)
      for (const word of [PIN, LAB_GROUP.passphrase, phone.address])
        assert.ok(!reported(name).includes(word), `${word} in ${name}`);

    lab.note('reload');
    configure(...hook, 'hook_timeout_secs: 20');
    await units.reload(unit);
    const reloaded = () => fileText(LOG).includes('configuration reloaded');
    await lab.until('the new configuration', 20, reloaded);
    assert.equal(await units.mainPid(unit), first);
    await stays();

    lab.note('kill -9');
    const without = await secondsAfterKill(lab, unit, first);
    const second = await startedAnew(lab, unit, first, 40);
    assert.equal(pidFile(), second);
    assert.equal(await units.property(unit, 'NRestarts'), '1');
    await stays();
    assert.ok((await ask(lab, 'status')).includes(LAB_GROUP.ssid));
    lab.overcome('SIGKILL under systemd', 'nothing: group and phones stay', without);

    lab.note('restart');
    await units.restart(unit);
    const third = await units.mainPid(unit);
    assert.notEqual(third, second);
    assert.equal(pidFile(), third);
    await stays();

    lab.note('stop');
    await units.stop(unit);
    assert.deepEqual(await units.show(unit, 'ActiveState', 'Result'), {
      ActiveState: 'inactive',
      Result: 'success',
    });
    assert.deepEqual(processes(), []);
    assert.deepEqual(await units.processes(unit), [], 'processes that a hook left running end with it');
    assert.equal(pidFile(), null);
    assert.deepEqual(readdirSync('/run/hostp2pd'), []);
    assert.deepEqual(box.groupInterfaces(), [GROUP], 'the group stays');
    assert.equal((await box.stations(GROUP)).length, 1, 'the phone stays connected');

    lab.note('an invalid configuration: reported at the start; corrected, the service starts by itself');
    configure('pinn: x');
    await refusedStart(lab, unit);
    assert.ok((await units.journal(unit)).some((line) => /pinn: .*did you mean "pin"/.test(line)));
    configure();
    await startedAnew(lab, unit, 0, 40);
    await stays();
  },
};

export default scenario;
