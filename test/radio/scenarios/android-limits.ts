import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

const GROUP_LIMIT = 0x04;

/** H in native-notes/android.md. */
const scenario: Scenario = {
  name: 'android-limits',
  title: 'Android at a full group: a phone that returns is refused, and joins when there is room',
  suite: 'by-name',
  timeoutSeconds: 240,
  async run(lab) {
    const [box, first, second] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      lab.startAndroid({ number: 2, deviceName: 'Galaxy' }),
    ]);
    await using host = await startSession(lab, { config_parms: { max_num_sta: 1 } });
    const group = await groupOf(lab, host);

    lab.note('the second phone has saved the group');
    await second.joinWithPin(box.address, PIN);
    await isStation(lab, host, second.address);
    await second.leave();
    await isGone(lab, host, second.address);

    lab.note('the group is full');
    await first.joinWithPin(box.address, PIN);
    await isStation(lab, host, first.address);
    await second.lookAnew();
    await second.tap(box.address);
    const peer = await second.control.request(`P2P_PEER ${box.address}`);
    const bits = Number(/group_capab=(\S+)/.exec(peer)?.[1]);
    assert.equal(bits & GROUP_LIMIT, GROUP_LIMIT, 'the beacon says that there is no room');
    // wpa_supplicant accepts its invitation, and then refuses to authenticate it (status 17), without an event.
    await lab.until('the end of its attempt', 60, () => second.state.is === 'idle');
    assert.equal(host.stations.length, 1);

    lab.note('there is room');
    await first.leave();
    await isGone(lab, host, first.address);
    await second.lookAnew();
    await second.rejoin(box.address);
    await isStation(lab, host, second.address);
    assert.equal(host.status.group?.interface, group);
  },
};

export default scenario;
