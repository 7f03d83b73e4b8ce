import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';

const scenario: Scenario = {
  name: 'supplicant-comes-and-goes',
  title:
    'waits for wpa_supplicant, starts a removed group again, and recovers from SIGKILL, a restart and rfkill',
  timeoutSeconds: 240,
  async run(lab) {
    const hook = lab.hookLog();
    const daemon = startHostP2pD(lab, { hook });
    // The first start of Node in the machine, which may be busy.
    await daemon.waitOutput(/warning .*waiting$/, 40, 0);
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Phone' }),
    ]);
    await groupIsUp(daemon);
    const waiting = daemon.output.filter(({ text }) => / warning .*; waiting$/.test(text));
    const reasons = waiting.map(({ text }) => text.replace(/^\S+ /, ''));
    assert.equal(new Set(reasons).size, reasons.length, `each reason is told once: ${reasons.join('\n')}`);

    lab.note('another program removes the group');
    let mark = daemon.mark();
    await (await box.p2p()).command(`P2P_GROUP_REMOVE ${GROUP}`);
    await hook.expect(['stop_group', GROUP], 10);
    await groupIsUp(daemon, 20, mark);
    const again = box.groupInterfaces()[0] ?? '';

    await phone.joinWithPin(box.address, PIN);
    await hook.expect(['connect', phone.address, 'Phone', again], 10);

    lab.note('wpa_supplicant crashes');
    mark = daemon.mark();
    await box.kill();
    await hook.expect(['disconnect', phone.address, 'Phone', again], 30);
    await hook.expect(['stop_group', again], 10);
    await box.start();
    await groupIsUp(daemon, 30, mark);
    const starts = hook.calls.filter(({ args }) => args[0] === 'start_group');
    assert.equal(starts.length, 3);

    lab.note('the radio is blocked by software, and unblocked');
    mark = daemon.mark();
    const before = daemon.output.length;
    switchRadio('wlan0', 'off');
    await daemon.waitOutput(/error .*rfkill unblock wlan/, 40, mark);
    // Two more attempts fail for the same reason.
    const attempts = () => hook.calls.filter(({ args }) => args[0] === 'start_group').length;
    const first = attempts();
    await lab.until('two more attempts', 40, () => attempts() >= first + 2);
    const errors = daemon.output.slice(before).filter(({ text }) => /^\S+ error /.test(text));
    assert.equal(errors.length, 1, errors.map(({ text }) => text).join('\n'));
    mark = daemon.mark();
    switchRadio('wlan0', 'on');
    const switched = lab.now();
    await groupIsUp(daemon, 70, mark);
    lab.overcome('rfkill off and on', 'the group: an attempt each minute at most', lab.now() - switched);
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  },
};

function switchRadio(radio: string, to: 'on' | 'off'): void {
  const word = (path: string): string => readFileSync(path, 'utf8').trim();
  const phy = word(`/sys/class/net/${radio}/phy80211/name`);
  const own = readdirSync('/sys/class/rfkill').find((name) => word(`/sys/class/rfkill/${name}/name`) === phy);
  assert.ok(own, `${radio} has an rfkill switch`);
  writeFileSync(`/sys/class/rfkill/${own}/soft`, to === 'off' ? '1' : '0');
}

export default scenario;
