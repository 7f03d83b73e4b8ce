import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { comesBack, groupOf, isGone, isStation, startSession } from '../guest/session.js';

const scenario: Scenario = {
  name: 'group-outlives-supplicant',
  title:
    'no configuration file, SIGKILL: same name and passphrase, phones reconnect without a PIN; also with a dropped profile',
  timeoutSeconds: 400,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ configFile: false }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      lab.startAndroid({ number: 2, deviceName: 'Galaxy' }),
    ]);
    const host = await startSession(lab, {}, { dialogue: 'kept' });
    const group = await groupOf(lab, host);
    const identity = async (): Promise<string> => {
      const client = await box.on(host.status.group?.interface ?? '');
      return `${host.status.group?.ssid} ${await client.request('P2P_GET_PASSPHRASE')}`;
    };
    const first = await identity();
    await phone.joinWithPin(box.address, PIN);
    await isStation(lab, host, phone.address);
    const enrolled = host.statistics.enrolmentsRequested;

    lab.note('killed and started again');
    await box.kill();
    await lab.until('the loss of the group', 20, () => host.status.group === null);
    await box.start();
    const backAt = lab.now();
    await groupOf(lab, host);
    const seconds = lab.now() - backAt;
    assert.equal(await identity(), first);
    await comesBack(lab, host, phone, box.address);
    assert.equal(host.statistics.enrolmentsRequested, enrolled, 'it did not enrol again');
    assert.deepEqual(
      (await host.clients()).map(({ deviceAddress }) => deviceAddress),
      [phone.address],
    );
    const file = join(lab.scratch, 'state', 'p2p-dev-wlan0.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(readFileSync(file, 'utf8').includes(phone.address));
    lab.overcome(
      'SIGKILL without a configuration file',
      'the connection of the phone, which comes back without a PIN',
      seconds,
    );

    lab.note(
      'the only client forgets the group and enrols again: wpa_supplicant drops the profile, and hostp2pd restores it',
    );
    await phone.leave();
    await isGone(lab, host, phone.address);
    await phone.forget();
    await phone.joinWithPin(box.address, PIN);
    await isStation(lab, host, phone.address);
    const p2p = await box.p2p();
    await lab.until('its profile', 10, async () =>
      (await p2p.request('LIST_NETWORKS')).includes('[P2P-PERSISTENT]'),
    );
    await lab.until('its client', 10, async () =>
      (await host.clients()).some(
        ({ deviceAddress, connected }) => deviceAddress === phone.address && connected,
      ),
    );
    await phone.leave();
    await isGone(lab, host, phone.address);
    await phone.lookAnew();
    await phone.rejoin(box.address);
    await isStation(lab, host, phone.address);
    await host.stop();

    lab.note('on demand: with no group and no profile, both phones can still start the group by themselves');
    await p2p.command('P2P_GROUP_REMOVE *');
    await box.restart('SIGKILL');
    await using waiting = await startSession(lab, { dynamic_group: true });
    await lab.until('the search', 30, () => waiting.status.phase === 'idle');
    if (phone.joined) await phone.waitGone(30);
    await phone.lookAnew();
    await phone.rejoin(box.address);
    await isStation(lab, waiting, phone.address);
    assert.equal(`${waiting.status.group?.ssid}`, first.split(' ')[0]);
    await other.joinWithPin(box.address, PIN);
    await isStation(lab, waiting, other.address);
    assert.notEqual(group, '');
  },
};

export default scenario;
