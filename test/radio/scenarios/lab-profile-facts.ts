import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Box, LAB_GROUP } from '../guest/box.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { DEFAULT_TIMEOUT_SECONDS } from '../guest/scenario.js';

/** No phones: quick. What becomes of a stored group, and what a crash of wpa_supplicant leaves. */
const scenario: Scenario = {
  name: 'lab-profile-facts',
  title: 'what wpa_supplicant does with stored groups, and what is left when it crashes',
  timeoutSeconds: DEFAULT_TIMEOUT_SECONDS,
  async run(lab) {
    const box = await lab.startBox({ group: LAB_GROUP });
    const recorder = lab.record('profile-facts');
    const networks = async (when: string): Promise<string[]> => {
      const reply = await (await box.p2p()).request('LIST_NETWORKS');
      recorder.comment(when);
      recorder.exchange('p2p-dev-wlan0', 'LIST_NETWORKS', reply);
      lab.note(`networks ${when}: ${JSON.stringify(reply)}`);
      return reply.trim().split('\n').slice(1);
    };
    const step = async (command: string, ifname = 'p2p-dev-wlan0'): Promise<string> => {
      const reply = await (await box.on(ifname)).request(command);
      recorder.exchange(ifname, command, reply);
      lab.note(`${ifname} ${command}: ${JSON.stringify(reply)}`);
      return reply;
    };
    await networks('at start');
    const first = await box.startGroup();
    await networks('with the group running');
    await remove(box, first);
    const second = await box.startGroup();
    await networks('after the second start of the group');
    await crash(lab, box, second);
    await networks('after the crash and a new start');
    lab.note(readFileSync(box.configFile, 'utf8'));
    const third = await box.startGroup();
    lab.note(`group after the crash: ${third}; sockets ${box.sockets().join(' ')}`);
    await remove(box, third);

    const id = (await step('ADD_NETWORK')).trim();
    for (const setting of [
      `ssid "${LAB_GROUP.ssid}2"`,
      `psk "${LAB_GROUP.passphrase}"`,
      `bssid ${box.address}`,
      'proto RSN',
      'key_mgmt WPA-PSK',
      'pairwise CCMP',
      'auth_alg OPEN',
      'mode 3',
      'disabled 2',
    ]) {
      assert.equal(await step(`SET_NETWORK ${id} ${setting}`), 'OK\n');
    }
    const fourth = await box.startGroup(`P2P_GROUP_ADD persistent=${id}`);
    await networks('with a group that has a bssid running');
    await remove(box, fourth);
    await box.startGroup('P2P_GROUP_ADD persistent');
    await networks('after P2P_GROUP_ADD persistent');
    await step('P2P_GROUP_REMOVE *');
    await box.startGroup('P2P_GROUP_ADD');
    await networks('after P2P_GROUP_ADD');
    await step('P2P_GROUP_REMOVE *');
    await step('WPS_PIN any 12345670');
    await networks('after WPS_PIN on the P2P Device interface');
    await step('SAVE_CONFIG');
    lab.note(readFileSync(box.configFile, 'utf8'));
    recorder.close();
  },
};

async function remove(box: Box, ifname: string): Promise<void> {
  const p2p = await box.p2p();
  const mark = p2p.mark();
  await p2p.command(`P2P_GROUP_REMOVE ${ifname}`);
  await p2p.waitEvent(`P2P-GROUP-REMOVED ${ifname} GO`, 10, mark);
  box.forget(ifname);
}

async function crash(lab: Lab, box: Box, ifname: string): Promise<void> {
  await box.kill();
  lab.note(`sockets after the crash: ${box.sockets().join(' ')}`);
  assert.ok(box.sockets().includes(ifname), 'its socket stays behind');
  const { stdout } = await lab.run({ command: 'iw', args: ['dev'] });
  lab.note(`interfaces after the crash: ${stdout}`);
  await box.start();
  const later = await lab.run({ command: 'iw', args: ['dev'] });
  lab.note(`interfaces after the new start: ${later.stdout}; sockets ${box.sockets().join(' ')}`);
}

export default scenario;
