import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

const scenario: Scenario = {
  name: 'known-clients',
  title: 'clients are listed, disconnected, invited and forgotten; a passphrase for each phone',
  timeoutSeconds: 400,
  async run(lab) {
    const [box, phone, laptop] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      lab.startPhone({ number: 2, deviceName: 'Laptop' }),
    ]);
    const p2p = await box.p2p();
    const host = await startSession(lab);
    await groupOf(lab, host);
    assert.deepEqual(await host.clients(), []);
    await phone.joinWithPin(box.address, PIN);
    await isStation(lab, host, phone.address);
    const pixel = { deviceAddress: phone.address, name: 'Pixel' };
    assert.deepEqual(await host.clients(), [{ ...pixel, connected: true }]);

    lab.note('a laptop that knows the passphrase is a station without a device address');
    await laptop.joinByPassphrase(LAB_GROUP.ssid, LAB_GROUP.passphrase);
    const legacy = await lab.until('the laptop', 20, () =>
      host.stations.find(({ deviceAddress }) => deviceAddress === null),
    );
    assert.equal(legacy.name, null);
    assert.equal((await host.clients()).length, 1);
    await laptop.leaveByPassphrase();
    await lab.until('its departure', 20, () => host.stations.length === 1);

    lab.note('disconnected, it reconnects by itself');
    let connections = 0;
    host.on('stationConnected', () => connections++);
    await host.disconnect(phone.address);
    await lab.until('its return', 30, () => connections === 1);
    await assert.rejects(host.disconnect('42:00:00:00:09:00'), { code: 'DEVICE_UNKNOWN' });

    lab.note('invited while it is away');
    await phone.leave();
    await isGone(lab, host, phone.address);
    await phone.control.command('P2P_LISTEN 60');
    await p2p.command('P2P_FIND 10');
    await host.invite(phone.address);
    await isStation(lab, host, phone.address);
    // It says so later than the box.
    await lab.until('the phone in the group', 20, () => phone.state.is === 'connected');
    await assert.rejects(host.invite('42:00:00:00:09:00'), { code: 'COMMAND_REFUSED' });

    lab.note('forgotten: removed from the list and disconnected, but it knows the passphrase');
    await host.forget(phone.address);
    await isGone(lab, host, phone.address);
    assert.deepEqual(await host.clients(), []);
    await phone.waitGone(20);
    await phone.lookAnew();
    await phone.rejoin(box.address);
    await isStation(lab, host, phone.address);
    await phone.leave();
    await isGone(lab, host, phone.address);
    await host.stop();
    await p2p.command('P2P_GROUP_REMOVE *');

    lab.note('on demand: an invitation starts the group, after its hook');
    const hook = lab.hookLog();
    const demand = await startSession(lab, { dynamic_group: true }, { runProgram: hook.script });
    await lab.until('the search', 30, () => demand.status.phase === 'idle');
    await phone.control.command('P2P_LISTEN 60');
    await lab.until(
      'the phone as a known peer',
      30,
      async () => (await p2p.request(`P2P_PEER ${phone.address}`)) !== 'FAIL\n',
    );
    await demand.invite(phone.address);
    await isStation(lab, demand, phone.address);
    assert.deepEqual(hook.calls.map(({ args }) => args[0]).slice(0, 2), ['started', 'start_group']);
    await phone.leave();
    await isGone(lab, demand, phone.address);
    await demand.stop();
    await p2p.command('P2P_GROUP_REMOVE *');

    lab.note('per_sta_psk: a forgotten phone cannot reconnect, and may enrol again');
    await phone.forget();
    await using strict = await startSession(lab, { per_sta_psk: true });
    await groupOf(lab, strict);
    await phone.joinWithPin(box.address, PIN);
    await isStation(lab, strict, phone.address);
    await strict.forget(phone.address);
    await isGone(lab, strict, phone.address);
    await phone.waitGone(20);
    await phone.lookAnew();
    await assert.rejects(phone.rejoin(box.address, { seconds: 15 }));
    assert.deepEqual(strict.stations, []);
    await phone.forget();
    await phone.joinWithPin(box.address, PIN);
    await isStation(lab, strict, phone.address);
  },
};

export default scenario;
