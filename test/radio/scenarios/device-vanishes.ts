import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { ControlClient } from '../guest/control-client.js';
import { GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';

const GLOBAL = '/run/box.global';
const P2P = 'p2p-dev-wlan0';

const scenario: Scenario = {
  name: 'device-vanishes',
  title:
    'the P2P Device vanishes while wpa_supplicant lives, and comes back: the group is up again, without a restart',
  timeoutSeconds: 240,
  async run(lab) {
    const hook = lab.hookLog();
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP, globalSocket: GLOBAL }),
      lab.startAndroid({ number: 1, deviceName: 'Phone' }),
    ]);
    const daemon = startHostP2pD(lab, { hook });
    await groupIsUp(daemon);
    await phone.joinWithPin(box.address, PIN);
    await hook.expect(['connect', phone.address, 'Phone', GROUP], 10);
    const pid = box.pid;
    const global = await ControlClient.open(GLOBAL, 'box global', lab.timeline, { attach: false });

    lab.note('the P2P Device is removed; wpa_supplicant and wlan0 stay');
    let mark = daemon.mark();
    const calls = hook.mark();
    const events = await box.p2p();
    const from = events.mark();
    await global.command(`INTERFACE_REMOVE ${P2P}`);
    await daemon.waitOutput(/ warning .*p2p-dev-wlan0.*there (?:is|are): wlan0; waiting$/, 30, mark);
    await hook.expect(['disconnect', phone.address, 'Phone', GROUP], 10, calls);
    await hook.expect(['stop_group', GROUP], 10, calls);
    assert.doesNotMatch(
      events
        .since(from)
        .map(({ text }) => text)
        .join('\n'),
      /TERMINATING/,
    );
    const status = await lab.run({ args: ['status'] });
    assert.match(
      status.stdout,
      /^group: +none since \S+, next try in .*there are: wlan0; waits for an answer of wpa_supplicant$/m,
    );
    assert.equal(daemon.ending, undefined);

    lab.note('it comes back with its radio');
    mark = daemon.mark();
    await global.command('INTERFACE_REMOVE wlan0');
    await global.command(`INTERFACE_ADD wlan0\t${box.configFile}\tnl80211\t\t`);
    const added = lab.now();
    await groupIsUp(daemon, 30, mark);
    const seconds = lab.now() - added;
    assert.equal(box.pid, pid);
    assert.equal(daemon.ending, undefined);
    const isBack = () =>
      hook.calls.slice(calls).some(({ args }) => args[0] === 'connect' && args[1] === phone.address);
    await lab.until('the phone back, or without the group', 40, () => isBack() || !phone.joined);
    if (!isBack()) {
      await phone.lookAnew();
      await phone.rejoin(box.address);
    }
    await lab.until('the phone back', 20, isBack);
    lab.overcome(
      'the interface is removed from wpa_supplicant and added again',
      'the phone: its user taps the box again',
      seconds,
    );
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  },
};

export default scenario;
