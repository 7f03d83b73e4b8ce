import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

const scenario: Scenario = {
  name: 'no-p2p-device',
  title: 'a driver without a P2P device: everything on wlan0, with and without an interface for the group',
  timeoutSeconds: 240,
  radios: { p2pDevice: false },
  async run(lab) {
    const hook = lab.hookLog();
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      // Not Android, which always has a P2P device; here no radio of the lab has one.
      lab.startPhone({ number: 1, deviceName: 'Pixel' }),
    ]);
    const wlan0 = await box.p2p();
    for (const [shared, group] of [
      ['0', 'p2p-wlan0-0'],
      ['1', 'wlan0'],
    ] as const) {
      lab.note(`p2p_no_group_iface=${shared}`);
      await wlan0.command(`SET p2p_no_group_iface ${shared}`);
      const mark = hook.mark();
      const host = await startSession(lab, { interface: 'auto' }, { runProgram: hook.script });
      assert.equal(await groupOf(lab, host), group);
      assert.equal(host.status.interface, 'wlan0');
      await phone.joinWithPin(box.address, PIN);
      await isStation(lab, host, phone.address);
      await hook.expect(['connect', phone.address, 'Pixel', group], 10, mark);
      await host.stop();

      lab.note('the group is found again with its station; the phone leaves and reconnects without a PIN');
      const next = await startSession(lab, { interface: 'wlan0' });
      assert.equal(await groupOf(lab, next), group);
      await isStation(lab, next, phone.address);
      await phone.leave();
      await isGone(lab, next, phone.address);
      await phone.lookAnew();
      await phone.rejoin(box.address);
      await isStation(lab, next, phone.address);
      assert.equal(next.statistics.enrolmentsRequested, 0);
      await next.stop();
      await wlan0.command(`P2P_GROUP_REMOVE ${group}`);
      await phone.waitGone(20);
      await phone.forget();
    }
    const connects = hook.calls.filter(({ args }) => args[0] === 'connect');
    assert.equal(connects.length, 2, 'each station is reported once, also if all events come on one socket');
  },
};

export default scenario;
