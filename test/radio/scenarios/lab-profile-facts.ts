import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Box, LAB_GROUP } from '../guest/box.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';

const P2P = 'p2p-dev-wlan0';

/** Without phones, so it is quick. */
const scenario: Scenario = {
  name: 'lab-profile-facts',
  suite: 'facts',
  title: 'what wpa_supplicant does with stored groups, and what is left when it crashes',
  async run(lab) {
    const box = await lab.startBox({ group: LAB_GROUP });
    const recorder = lab.record('profile-facts');
    const ask = async (command: string): Promise<string> => {
      const reply = await (await box.p2p()).request(command);
      recorder.exchange(P2P, command, reply);
      lab.note(`${command}: ${JSON.stringify(reply)}`);
      return reply;
    };
    const stored = async (): Promise<string[]> =>
      (await ask('LIST_NETWORKS')).trim().split('\n').slice(1).map(ssidAndBssid);
    const predefined = `${LAB_GROUP.ssid} any`;
    const copy = `${LAB_GROUP.ssid} ${box.address}`;

    assert.deepEqual(await stored(), [predefined]);
    assert.equal(await box.startGroup(), 'p2p-wlan0-0');
    // A stored group is looked up by its owner's address, so one without bssid is not found, and stored again.
    assert.deepEqual(await stored(), [predefined, copy]);
    await remove(box, 'p2p-wlan0-0');
    assert.equal(await box.startGroup(), 'p2p-wlan0-1', 'numbers are not reused');
    assert.deepEqual(await stored(), [predefined, copy], 'the copy is found');

    await crash(lab, box, 'p2p-wlan0-1');
    assert.deepEqual(await stored(), [predefined, copy], 'it saved the copy by itself');
    assert.equal(await box.startGroup(), 'p2p-wlan0-0', 'a new process counts from 0');
    // The socket of the killed process's group still exists, and nothing answers on it.
    assert.deepEqual(box.groupInterfaces(), ['p2p-wlan0-0', 'p2p-wlan0-1']);
    await remove(box, 'p2p-wlan0-0');

    const id = await addProfile(box, ask);
    assert.equal(await box.startGroup(`P2P_GROUP_ADD persistent=${id}`), 'p2p-wlan0-1');
    const own = `${LAB_GROUP.ssid}2 ${box.address}`;
    assert.deepEqual(await stored(), [predefined, copy, own], 'with a bssid there is no copy');
    await remove(box, 'p2p-wlan0-1');

    await box.startGroup('P2P_GROUP_ADD persistent');
    assert.equal((await stored()).length, 4, 'a new persistent group is stored');
    assert.equal(await ask('P2P_GROUP_REMOVE *'), 'OK\n');
    await box.startGroup('P2P_GROUP_ADD');
    assert.equal((await stored()).length, 4, 'a group that is not persistent is not stored');
    assert.equal(await ask('P2P_GROUP_REMOVE *'), 'OK\n');
    assert.equal(await ask('WPS_PIN any 12345670'), '12345670');
    assert.equal(
      (await stored()).length,
      5,
      'WPS_PIN on the wrong interface makes the box look for an access point',
    );
    recorder.close();
  },
};

function ssidAndBssid(row: string): string {
  const [, ssid = '', bssid = ''] = row.split('\t');
  return `${ssid} ${bssid}`;
}

async function addProfile(box: Box, ask: (command: string) => Promise<string>): Promise<string> {
  const id = (await ask('ADD_NETWORK')).trim();
  const values = [
    `ssid ${Buffer.from(`${LAB_GROUP.ssid}2`).toString('hex')}`,
    `psk "${LAB_GROUP.passphrase}"`,
    `bssid ${box.address}`,
    ...['proto RSN', 'key_mgmt WPA-PSK', 'pairwise CCMP', 'auth_alg OPEN', 'mode 3', 'disabled 2'],
  ];
  for (const value of values) assert.equal(await ask(`SET_NETWORK ${id} ${value}`), 'OK\n');
  return id;
}

async function remove(box: Box, ifname: string): Promise<void> {
  const p2p = await box.p2p();
  const mark = p2p.mark();
  await p2p.command(`P2P_GROUP_REMOVE ${ifname}`);
  await p2p.waitEvent(`P2P-GROUP-REMOVED ${ifname} GO`, 10, mark);
  box.forget(ifname);
}

/** A crash leaves sockets, but neither the group interface nor the P2P Device, which the kernel removes. */
async function crash(lab: Lab, box: Box, ifname: string): Promise<void> {
  const interfaces = async (): Promise<string> => (await lab.run({ command: 'iw', args: ['dev'] })).stdout;
  assert.match(await interfaces(), new RegExp(`Interface ${ifname}\\n[^]*type P2P-device`));
  await box.kill();
  assert.deepEqual(box.sockets(), [P2P, ifname, 'wlan0'].sort());
  assert.doesNotMatch(await interfaces(), new RegExp(`Interface ${ifname}\\n|type P2P-device`));
  await box.start();
  assert.match(readFileSync(box.configFile, 'utf8'), new RegExp(`bssid=${box.address}`));
}

export default scenario;
