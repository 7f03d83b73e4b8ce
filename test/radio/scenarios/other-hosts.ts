import assert from 'node:assert/strict';
import type { AndroidPhone } from '../guest/android-phone.js';
import { BOX_CONTROL_DIRECTORY, type Box, LAB_GROUP } from '../guest/box.js';
import { PIN, startHostP2pD } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { comesBack, groupOf, isGone, isStation, startSession } from '../guest/session.js';
import { Supplicant } from '../guest/supplicant.js';

const scenario: Scenario = {
  name: 'other-hosts',
  title:
    'the group on the radio itself; two cards; wpa_supplicant over D-Bus without a configuration file, and restarted',
  suite: 'full',
  timeoutSeconds: 400,
  async run(lab) {
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP, settings: { p2p_no_group_iface: '1' } }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
    ]);
    await keepsStation(lab, box);
    await sharing(lab, box, phone);
    await twoCards(lab);
    await box.stop();
    await phone.forget();
    await overDBus(lab, phone);
  },
};

/** `p2p_no_group_iface=1` while wlan0 is connected to a network: the group would end that. */
async function keepsStation(lab: Lab, box: Box): Promise<void> {
  lab.note('wlan0 is connected to the home network: no group is formed');
  const directory = '/run/home';
  const home = new Supplicant(lab, {
    name: 'home',
    radio: 'wlan2',
    controlDirectory: directory,
    config:
      `ctrl_interface=${directory}\np2p_disabled=1\n` +
      'network={\n  ssid="home"\n  mode=2\n  frequency=2412\n  key_mgmt=NONE\n}\n',
  });
  await home.start();
  const wlan0 = await box.on('wlan0');
  const id = (await wlan0.command('ADD_NETWORK')).trim();
  for (const line of ['ssid "home"', 'key_mgmt NONE']) await wlan0.command(`SET_NETWORK ${id} ${line}`);
  await wlan0.command(`SELECT_NETWORK ${id}`);
  const connected = async () => (await wlan0.fields('STATUS')).get('wpa_state') === 'COMPLETED';
  await lab.until('the connection', 30, connected);

  const host = await startSession(lab);
  await lab.until('the refusal', 20, () => host.status.noGroup?.cause === 'station');
  assert.match(host.status.noGroup?.reason ?? '', /wlan0, which is connected to "home" at 2412 MHz/);
  // During several attempts.
  await lab.until('the fourth attempt', 30, () => (host.status.noGroup?.nextTrySeconds ?? 0) >= 7);
  assert.ok(await connected(), 'the connection is kept');
  assert.equal(host.statistics.groupsStarted, 0);

  lab.note('disconnected: the group comes up by itself');
  await wlan0.command(`REMOVE_NETWORK ${id}`);
  assert.equal(await groupOf(lab, host), 'wlan0');
  await host.stop();
  await (await box.p2p()).command('P2P_GROUP_REMOVE wlan0');
  await home.stop();
}

/** `p2p_no_group_iface=1`: events of the group come on wlan0, requests of phones on the P2P device. */
async function sharing(lab: Lab, box: Box, phone: AndroidPhone): Promise<void> {
  lab.note('no group interface possible: the group runs on wlan0');
  const first = await startSession(lab, { interface: 'auto' });
  assert.equal(await groupOf(lab, first), 'wlan0');
  await phone.joinWithPin(box.address, PIN);
  await isStation(lab, first, phone.address);
  await first.stop();

  lab.note('the next session finds it there, with its station');
  const second = await startSession(lab);
  assert.equal(await groupOf(lab, second), 'wlan0');
  await isStation(lab, second, phone.address);
  assert.equal(second.statistics.groupsStarted, 1);
  await phone.leave();
  await isGone(lab, second, phone.address);

  lab.note('removed by another program: started again');
  await (await box.p2p()).command('P2P_GROUP_REMOVE wlan0');
  await lab.until('the next group', 20, () => second.statistics.groupsStarted === 2);
  await second.stop();
  await (await box.p2p()).command('P2P_GROUP_REMOVE wlan0');
}

async function twoCards(lab: Lab): Promise<void> {
  lab.note('two cards: it names the one that it uses and the other one');
  const card = new Supplicant(lab, {
    name: 'card-2',
    radio: 'wlan2',
    controlDirectory: BOX_CONTROL_DIRECTORY,
  });
  await card.start();
  const daemon = startHostP2pD(lab);
  await daemon.waitOutput(
    /info interface p2p-dev-wlan0 found \(there are also: p2p-dev-wlan2; see -i\)/,
    30,
    0,
  );
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  await card.stop();
}

/** As Debian's service and NetworkManager do it: `-u -s -O …`, and no configuration file. */
async function overDBus(lab: Lab, phone: AndroidPhone): Promise<void> {
  lab.note('over D-Bus, no configuration file');
  const box = await lab.startBox({ service: true });
  await using host = await startSession(lab, { interface: 'auto', state_folder: `${lab.scratch}/dbus` });
  await groupOf(lab, host);
  const ssid = host.status.group?.ssid;
  await phone.joinWithPin(box.address, PIN);
  await isStation(lab, host, phone.address);

  lab.note('its service is restarted: the same group, and the phone reconnects without a PIN');
  await box.stop();
  await lab.until('the loss of the group', 20, () => host.status.group === null);
  await box.start();
  await groupOf(lab, host);
  assert.equal(host.status.group?.ssid, ssid);
  await comesBack(lab, host, phone, box.address);
  assert.equal(host.statistics.enrolmentsRequested, 1);
}

export default scenario;
