import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ask, askingBox } from '../guest/asking.js';
import { BOX_CONTROL_DIRECTORY, type Box, LAB_GROUP } from '../guest/box.js';
import { parseFields } from '../guest/control-client.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = '12345670';
const P2P = 'p2p-dev-wlan0';
const NOTHING_STORED = 'network id / ssid / bssid / flags\n';

const scenario: Scenario = {
  name: 'lab-host-kinds',
  suite: 'facts',
  title: "a group on wlan0 itself; wpa_supplicant as Debian's service, without a configuration file",
  timeoutSeconds: 180,
  async run(lab) {
    const phone = await lab.startPhone({ number: 1 });
    await groupOnTheRadio(lab, phone);
    await asService(lab, phone);
  },
};

/** p2p_no_group_iface=1, as for drivers that cannot have another interface. */
async function groupOnTheRadio(lab: Lab, phone: Phone): Promise<void> {
  const box = await lab.startBox({ group: LAB_GROUP, settings: { p2p_no_group_iface: '1' } });
  const recorder = lab.record('group-on-wlan0');
  const ask = askingBox(lab, box, recorder);
  const [p2p, radio] = await Promise.all([box.p2p(), box.on('wlan0')]);
  assert.equal(await mode(ask), undefined, 'no group: no mode');
  recorder.comment('P2P_GROUP_ADD persistent on p2p-dev-wlan0');
  const mark = p2p.mark();
  assert.equal(await box.startGroup(), 'wlan0');
  assert.equal(await mode(ask), 'P2P GO');
  assert.deepEqual(box.sockets(), [P2P, 'wlan0']);
  // While it runs the group is a network of wlan0; the stored group belongs to p2p-dev-wlan0.
  assert.match(await ask('wlan0', 'LIST_NETWORKS'), /\t\[CURRENT\]\n/);
  assert.doesNotMatch(await ask(P2P, 'LIST_NETWORKS'), /\[CURRENT\]/);
  recorder.comment('a phone joins');
  await joins(box, ask, 'wlan0', phone);
  const kinds = (from: readonly { text: string }[]): Set<string> =>
    new Set(from.map(({ text }) => text.split(' ')[0] ?? ''));
  assert.deepEqual(
    [...kinds(p2p.since(mark))].filter((kind) => kind !== 'P2P-DEVICE-FOUND'),
    ['P2P-GROUP-STARTED', 'P2P-PROV-DISC-SHOW-PIN', 'AP-STA-CONNECTED'],
  );
  for (const kind of ['AP-ENABLED', 'WPS-ENROLLEE-SEEN', 'WPS-REG-SUCCESS', 'AP-STA-CONNECTED']) {
    assert.ok(kinds(radio.since(0)).has(kind), kind);
  }
  recorder.comment('the phone leaves and comes back');
  await phone.leave();
  await phone.rejoin(box.address);
  recorder.comment('P2P_GROUP_REMOVE wlan0');
  const removed = p2p.mark();
  assert.equal(await ask('wlan0', 'P2P_GROUP_REMOVE wlan0'), 'OK\n', 'on either interface');
  await p2p.waitEvent('P2P-GROUP-REMOVED wlan0 GO reason=REQUESTED', 10, removed);
  await radio.waitEvent('AP-DISABLED', 10, 0);
  await phone.waitGone(20);
  assert.equal(await mode(ask), undefined);
  assert.doesNotMatch(await ask('wlan0', 'LIST_NETWORKS'), /\[CURRENT\]/);
  recorder.comment('SET p2p_no_group_iface 0: the next group has an interface of its own');
  assert.equal(await ask(P2P, 'SET p2p_no_group_iface 0'), 'OK\n');
  assert.equal(await box.startGroup(), 'p2p-wlan0-0');
  recorder.close();
  await phone.forget();
  await box.stop();
}

async function mode(ask: Ask): Promise<string | undefined> {
  return parseFields(await ask('wlan0', 'STATUS')).get('mode');
}

async function joins(box: Box, ask: Ask, ifname: string, phone: Phone): Promise<void> {
  const group = await box.on(ifname);
  const mark = group.mark();
  assert.equal(await ask(ifname, `WPS_PIN any ${PIN} 120`), PIN);
  await phone.joinWithPin(box.address, PIN);
  await group.waitEvent(new RegExp(`^AP-STA-CONNECTED \\S+ p2p_dev_addr=${phone.address}$`), 10, mark);
  // The copy on the P2P interface may come a moment later.
  await delay(300);
}

/** `-u -s -O …`, the radio added over D-Bus, as NetworkManager does. */
async function asService(lab: Lab, phone: Phone): Promise<void> {
  const box = await lab.startBox({ service: true });
  const recorder = lab.record('service');
  const ask = askingBox(lab, box, recorder);
  assert.deepEqual(box.sockets(), [P2P, 'wlan0']);
  assert.equal(await ask(P2P, 'GET persistent_reconnect'), '0');
  assert.equal(await ask(P2P, 'GET device_name'), 'FAIL\n', 'not set');
  const settings = { persistent_reconnect: '1', device_name: 'Gästebox', config_methods: 'keypad' };
  for (const [key, value] of Object.entries(settings)) {
    assert.equal(await ask(P2P, `SET ${key} ${value}`), 'OK\n');
    assert.equal(await ask(P2P, `GET ${key}`), value);
  }
  assert.equal(await ask('wlan0', 'GET device_name'), 'FAIL\n', 'each interface has its own');
  assert.equal(await ask(P2P, 'SET device_type 6-0050F204-1'), 'OK\n');
  assert.equal(await ask(P2P, 'GET device_type'), 'FAIL\n', 'has no GET');
  assert.equal(await ask(P2P, 'SET update_config 1'), 'OK\n');
  assert.equal(await ask(P2P, 'SAVE_CONFIG'), 'FAIL\n');
  recorder.comment('P2P_GROUP_ADD persistent on p2p-dev-wlan0');
  const ifname = await box.startGroup('P2P_GROUP_ADD persistent');
  assert.match(
    await ask(P2P, 'LIST_NETWORKS'),
    new RegExp(`\\n\\d+\tDIRECT-..\t${box.address}\t\\[DISABLED\\]\\[P2P-PERSISTENT\\]\\n$`),
  );
  assert.equal(await ask('wlan0', 'LIST_NETWORKS'), NOTHING_STORED);
  assert.equal(await ask(P2P, 'SAVE_CONFIG'), 'FAIL\n');
  await belongsToNetdev(lab, [P2P, 'wlan0', ifname]);
  recorder.comment('a phone joins');
  await joins(box, ask, ifname, phone);
  assert.equal(await ask(P2P, `GET_NETWORK ${await box.profile()} p2p_client_list`), phone.address);
  recorder.comment('wpa_supplicant is started again: nothing is left');
  await box.restart();
  assert.equal(await ask(P2P, 'LIST_NETWORKS'), NOTHING_STORED);
  assert.equal(await ask(P2P, 'GET device_name'), 'FAIL\n');
  recorder.close();
  await box.stop();
  assert.ok(!existsSync(BOX_CONTROL_DIRECTORY), 'the directory was removed with the last socket');
}

async function belongsToNetdev(lab: Lab, sockets: readonly string[]): Promise<void> {
  const { stdout } = await lab.run({ command: 'getent', args: ['group', 'netdev'] });
  const netdev = Number(stdout.split(':')[2]);
  for (const [path, permissions] of [
    [BOX_CONTROL_DIRECTORY, 0o750],
    ...sockets.map((name) => [`${BOX_CONTROL_DIRECTORY}/${name}`, 0o770] as const),
  ] as const) {
    const { uid, gid, mode } = statSync(path);
    assert.deepEqual([uid, gid, mode & 0o7777], [0, netdev, permissions], path);
  }
}

export default scenario;
