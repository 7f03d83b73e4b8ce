import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { startSession } from '../guest/session.js';

const scenario: Scenario = {
  name: 'recorded-dialogue',
  title: 'the library serves two phones in the situations of the other scenarios; every step is recorded',
  timeoutSeconds: 300,
  async run(lab) {
    const [box, phone, second] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Größer [x]' }),
      lab.startAndroid({ number: 2, deviceName: "Pi'xel p2p_dev_addr=00:11:22:33" }),
    ]);
    await using host = await startSession(lab, {}, { dialogue: 'dialogue' });
    const connected: (string | null)[] = [];
    host.on('stationConnected', ({ station }) => connected.push(station.deviceAddress));
    await lab.until('the group', 30, () => host.status.group !== null);

    await phone.joinWithPin(box.address, PIN);
    await lab.until('the station', 20, () => host.stations.length === 1);
    assert.equal(host.stations[0]?.name, 'Größer [x]');
    await phone.leave();
    await lab.until('its departure', 20, () => host.stations.length === 0);
    await phone.rejoin(box.address);
    await lab.until('its return', 20, () => host.stations.length === 1);
    assert.deepEqual(connected, [phone.address, phone.address]);

    await assert.rejects(second.joinWithPin(box.address, '87654325', { attempts: 1, seconds: 30 }));
    assert.equal(host.stations.length, 1, 'a phone with a wrong PIN does not join');
    await second.joinWithPin(box.address, PIN);
    await lab.until('the second station', 20, () => host.stations.length === 2);

    const before = host.statistics.groupsStarted;
    await (await box.p2p()).command(`P2P_GROUP_REMOVE ${host.status.group?.interface}`);
    await lab.until('the group again', 20, () => host.statistics.groupsStarted === before + 1);
    assert.equal(host.stations.length, 0);

    await box.kill();
    await lab.until('the loss of the link', 20, () => host.status.group === null);
    await box.start();
    await lab.until('the new group', 30, () => host.status.group !== null);
    await host.stop();
  },
};

export default scenario;
