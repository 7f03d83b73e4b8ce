import assert from 'node:assert/strict';
import { type Ask, askingBox } from '../guest/asking.js';
import type { Box } from '../guest/box.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import type { Recorder } from '../guest/recorder.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = '12345670';
const P2P = 'p2p-dev-wlan0';

/** The values that are needed to create a stored group again. */
interface Credentials {
  readonly ssid: string;
  readonly passphrase: string;
}

const scenario: Scenario = {
  name: 'lab-group-facts',
  suite: 'facts',
  title:
    'stored groups without a configuration file: lost, created again, and rejoined by phones that saved them',
  timeoutSeconds: 300,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ configFile: false }),
      lab.startPhone({ number: 1, deviceName: 'One' }),
      lab.startPhone({ number: 2, deviceName: 'Two' }),
    ]);
    const recorder = lab.record('group-facts');
    const ask = askingBox(lab, box, recorder);
    await configure(ask);
    assert.equal(await ask(P2P, 'SAVE_CONFIG'), 'FAIL\n');
    recorder.comment('P2P_GROUP_ADD persistent');
    const ifname = await box.startGroup('P2P_GROUP_ADD persistent');
    const credentials = await readProfile(box, ask, ifname);
    recorder.comment('both phones join');
    for (const one of [other, phone]) await join(box, ask, ifname, one);
    // The phone that joined last is first.
    assert.equal(await clients(box, ask), `${phone.address} ${other.address}`);

    recorder.comment('wpa_supplicant is killed; the profile is made again without bssid, and started');
    await crash(lab, box, ask, [phone, other]);
    await addProfile(ask, credentials, []);
    await box.startGroup();
    const row = `${credentials.ssid}\tany`;
    const copy = `${credentials.ssid}\t${box.address}`;
    assert.deepEqual(await stored(ask), [row, copy], 'stored a second time');
    await comesBack(box, phone, true);
    assert.equal(await clients(box, ask), phone.address, 'it is listed in the old profile');

    recorder.comment('killed again; made again without bssid, and not started');
    await crash(lab, box, ask, [phone, other]);
    await addProfile(ask, credentials, []);
    assert.equal(await ask(P2P, 'P2P_LISTEN 60'), 'OK\n');
    await isTurnedAway(box, other);

    recorder.comment('with bssid and client list it is started by a phone');
    const known = [`bssid ${box.address}`, `p2p_client_list ${phone.address}`];
    for (const value of known) await setProfile(box, ask, value);
    await isRestartedBy(box, ask, phone);
    assert.deepEqual(await stored(ask), [copy]);

    recorder.comment('killed again; made again with bssid, and not started');
    await crash(lab, box, ask, [phone, other]);
    await addProfile(ask, credentials, [`bssid ${box.address}`]);
    assert.equal(await ask(P2P, 'P2P_LISTEN 60'), 'OK\n');
    await isRestartedBy(box, ask, phone);

    recorder.comment('killed again; made again with bssid, and started');
    await crash(lab, box, ask, [phone, other]);
    await addProfile(ask, credentials, [`bssid ${box.address}`]);
    assert.equal(await clients(box, ask), 'FAIL\n', 'none: no such field');
    await box.startGroup();
    assert.deepEqual(await stored(ask), [copy], 'stored once');
    await join(box, ask, box.groupInterfaces()[0] ?? '', other);
    await comesBack(box, phone, true);
    assert.equal(
      await clients(box, ask),
      `${phone.address} ${other.address}`,
      'wpa_supplicant adds to the list',
    );

    await forgottenByPhone(box, ask, phone, other, credentials, recorder);
    recorder.close();
  },
};

async function configure(ask: Ask): Promise<void> {
  for (const setting of ['persistent_reconnect 1', 'device_name Box', 'config_methods keypad']) {
    assert.equal(await ask(P2P, `SET ${setting}`), 'OK\n');
  }
}

async function readProfile(box: Box, ask: Ask, ifname: string): Promise<Credentials> {
  const id = await box.profile();
  const quoted = await ask(P2P, `GET_NETWORK ${id} ssid`);
  assert.match(quoted, /^"DIRECT-..."?$/);
  const ssid = quoted.slice(1, -1);
  const values = {
    mode: '3',
    disabled: '2',
    bssid: box.address,
    proto: 'RSN',
    key_mgmt: 'WPA-PSK',
    pairwise: 'CCMP',
    auth_alg: 'OPEN',
    psk: '*',
  };
  for (const [key, value] of Object.entries(values)) {
    assert.equal(await ask(P2P, `GET_NETWORK ${id} ${key}`), value);
  }
  assert.equal(await clients(box, ask), 'FAIL\n');
  assert.equal(await ask(P2P, 'P2P_GET_PASSPHRASE'), 'FAIL\n');
  const passphrase = await ask(ifname, 'P2P_GET_PASSPHRASE');
  assert.match(passphrase, /^\S{8}$/);
  return { ssid, passphrase };
}

async function addProfile(ask: Ask, credentials: Credentials, more: readonly string[]): Promise<void> {
  const id = (await ask(P2P, 'ADD_NETWORK')).trim();
  const values = [
    `ssid ${Buffer.from(credentials.ssid).toString('hex')}`,
    `psk "${credentials.passphrase}"`,
    ...['proto RSN', 'key_mgmt WPA-PSK', 'pairwise CCMP', 'auth_alg OPEN', 'mode 3', 'disabled 2'],
    ...more,
  ];
  for (const value of values) assert.equal(await ask(P2P, `SET_NETWORK ${id} ${value}`), 'OK\n');
}

async function stored(ask: Ask): Promise<string[]> {
  const rows = (await ask(P2P, 'LIST_NETWORKS')).trim().split('\n').slice(1);
  return rows.map((row) => row.split('\t').slice(1, 3).join('\t'));
}

async function setProfile(box: Box, ask: Ask, value: string): Promise<void> {
  assert.equal(await ask(P2P, `SET_NETWORK ${await box.profile()} ${value}`), 'OK\n');
}

async function clients(box: Box, ask: Ask, id?: string): Promise<string> {
  return ask(P2P, `GET_NETWORK ${id ?? (await box.profile())} p2p_client_list`);
}

async function join(box: Box, ask: Ask, ifname: string, phone: Phone): Promise<void> {
  assert.equal(await ask(ifname, `WPS_PIN any ${PIN} 120`), PIN);
  await phone.joinWithPin(box.address, PIN);
}

/** Only the sockets are left; phones notice that there are no more beacons. */
async function crash(lab: Lab, box: Box, ask: Ask, phones: readonly Phone[]): Promise<void> {
  await box.restart('SIGKILL');
  for (const phone of phones) if (phone.joined !== undefined) await phone.waitGone(60);
  assert.deepEqual(await stored(ask), []);
  await configure(ask);
  // For a minute, a phone would look for the box on its last channel.
  for (const phone of phones) await phone.control.command('P2P_FLUSH');
  lab.note(`left behind: ${box.groupInterfaces().join()}`);
}

/** The phone restarts the group by its invitation, without WPS; `told`: the box reports it. */
async function comesBack(box: Box, phone: Phone, told: boolean): Promise<void> {
  const p2p = await box.p2p();
  const mark = p2p.mark();
  await phone.rejoin(box.address);
  const connected = new RegExp(`^AP-STA-CONNECTED \\S+ p2p_dev_addr=${phone.address}$`);
  await p2p.waitEvent(connected, 10, mark);
  const texts = p2p.since(mark).map(({ text }) => text);
  const accepted = new RegExp(`^P2P-INVITATION-ACCEPTED sa=${phone.address} persistent=\\d+ `);
  assert.equal(
    texts.some((text) => accepted.test(text)),
    told,
  );
  assert.ok(!texts.some((text) => text.startsWith('P2P-PROV-DISC')));
}

/** A profile without the owner's address does not match: the phone gets "unknown group", and forgets it. */
async function isTurnedAway(box: Box, phone: Phone): Promise<void> {
  await phone.find(box.address);
  const [id] = await phone.savedGroups();
  const mark = phone.control.mark();
  await phone.control.command(`P2P_INVITE persistent=${id} peer=${box.address}`);
  await phone.control.waitEvent('P2P-INVITATION-RESULT status=8', 20, mark);
  assert.deepEqual(await phone.savedGroups(), []);
}

/** A box that listens, with a stored group that is not running. */
async function isRestartedBy(box: Box, ask: Ask, phone: Phone): Promise<void> {
  const p2p = await box.p2p();
  const mark = p2p.mark();
  await comesBack(box, phone, true);
  const started = await p2p.waitEvent(/^P2P-GROUP-STARTED (\S+) GO .* \[PERSISTENT\]$/, 1, mark);
  assert.match(await ask(started.groups[0] ?? '', 'STATUS'), /^mode=P2P GO$/m);
  assert.equal(await clients(box, ask), phone.address);
}

/**
 * The only known client forgot the group and enrols again: wpa_supplicant drops the stored group before it
 * reports the request, without an event. The running group is not affected.
 */
async function forgottenByPhone(
  box: Box,
  ask: Ask,
  phone: Phone,
  other: Phone,
  credentials: Credentials,
  recorder: Recorder,
): Promise<void> {
  const p2p = await box.p2p();
  const [ifname = ''] = box.groupInterfaces();
  const id = await box.profile();
  recorder.comment('a phone of two forgets the group and joins again');
  await phone.leave();
  await phone.forget();
  const asks = async (): Promise<string> => {
    const shown = p2p.waitEvent(`P2P-PROV-DISC-SHOW-PIN ${phone.address}`, 60, p2p.mark());
    const [listed] = await Promise.all([
      shown.then(() => clients(box, ask, id)),
      join(box, ask, ifname, phone),
    ]);
    return listed;
  };
  assert.equal(await asks(), other.address, 'removed from the list');
  assert.equal(await clients(box, ask), `${phone.address} ${other.address}`, 'and added again');

  recorder.comment('the only phone of the list forgets the group and joins again');
  for (const one of [phone, other]) await one.leave();
  await setProfile(box, ask, `p2p_client_list ${phone.address}`);
  await phone.forget();
  const mark = p2p.mark();
  assert.equal(await asks(), 'FAIL\n', 'gone when the request is reported');
  assert.deepEqual(await stored(ask), [], 'joining does not restore it');
  const told = p2p.since(mark).filter(({ text }) => !text.startsWith('P2P-DEVICE-FOUND'));
  assert.deepEqual(
    told.map(({ text }) => text.split(' ')[0]),
    ['P2P-PROV-DISC-SHOW-PIN', 'AP-STA-CONNECTED'],
  );
  recorder.comment('a phone that saved the group comes back all the same, while it runs');
  await comesBack(box, other, false);

  recorder.comment('the profile is made again while the group runs');
  for (const one of [phone, other]) await one.leave();
  await addProfile(ask, credentials, [`bssid ${box.address}`, `p2p_client_list ${phone.address}`]);
  const again = `P2P_GROUP_ADD persistent=${await box.profile()}`;
  assert.equal(await ask(P2P, again), 'OK\n', 'it is running');
  for (const one of [phone, other]) await comesBack(box, one, true);
  assert.equal(await clients(box, ask), `${other.address} ${phone.address}`);
  assert.equal((await stored(ask)).length, 1);
}

export default scenario;
