import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ask, askingBox } from '../guest/asking.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import type { ControlClient } from '../guest/control-client.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = '12345670';
const P2P = 'p2p-dev-wlan0';

const scenario: Scenario = {
  name: 'lab-station-facts',
  suite: 'facts',
  title:
    'a channel switch, and ways to disconnect a phone: which phones reconnect, and how, with and without individual keys',
  timeoutSeconds: 300,
  async run(lab) {
    const [box, phone, laptop] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1 }),
      lab.startPhone({ number: 2, deviceName: 'Laptop' }),
    ]);
    const recorder = lab.record('station-facts');
    const ask = askingBox(lab, box, recorder);
    const ifname = await box.startGroup(`P2P_GROUP_ADD persistent=${await box.profile()} freq=2412`);
    const key = await joins(box, ask, ifname, phone);
    recorder.comment('CHAN_SWITCH 5 2462');
    await switchesChannel(box, ask, ifname);
    recorder.comment('DEAUTHENTICATE and DISASSOCIATE');
    await returnsByItself(box, ask, ifname);
    recorder.comment('P2P_REMOVE_CLIENT');
    await isSentAway(box, ask, ifname, phone, `P2P_REMOVE_CLIENT ${phone.address}`);
    assert.equal(await clients(box, ask), 'FAIL\n', 'no longer a known client');
    // The phone would look for the box on its former channel for a minute.
    await phone.control.command('P2P_FLUSH');
    await phone.rejoin(box.address);
    assert.equal(await clients(box, ask), phone.address, 'known again');
    const [station = ''] = await box.stations(ifname);
    await isSentAway(box, ask, ifname, phone, `P2P_REMOVE_CLIENT iface=${station}`);
    assert.equal(await ask(P2P, 'P2P_REMOVE_CLIENT 02:99:99:99:99:99'), 'OK\n', 'nobody');
    assert.equal(await ask(P2P, 'P2P_REMOVE_CLIENT nonsense'), 'FAIL\n');
    assert.equal(await ask(ifname, 'DEAUTHENTICATE 02:99:99:99:99:99'), 'OK\n', 'nobody');

    recorder.comment('P2P_SET per_sta_psk 1, then a group');
    await ask(P2P, `P2P_REMOVE_CLIENT ${phone.address}`);
    await phone.forget();
    await ask(P2P, 'P2P_GROUP_REMOVE *');
    box.forget(ifname);
    assert.equal(await ask(P2P, 'P2P_SET per_sta_psk 1'), 'OK\n');
    await keysOfTheirOwn(box, ask, phone, laptop, key);
    recorder.close();
  },
};

/** The clients of the stored group; a copy of it that wpa_supplicant has made comes after it. */
async function clients(box: Box, ask: Ask): Promise<string> {
  return ask(P2P, `GET_NETWORK ${await box.profile()} p2p_client_list`);
}

/** By PIN; returns the key the phone has got. */
async function joins(box: Box, ask: Ask, ifname: string, phone: Phone): Promise<string> {
  const group = await box.on(ifname);
  const mark = group.mark();
  assert.equal(await ask(ifname, `WPS_PIN any ${PIN} 120`), PIN);
  const { event } = await phone.joinWithPin(box.address, PIN);
  const connected = await group.waitEvent('AP-STA-CONNECTED', 10, mark);
  assert.match(connected.text, new RegExp(` p2p_dev_addr=${phone.address}$`), 'no keyid');
  return / psk=(\S+)/.exec(event)?.[1] ?? '';
}

async function switchesChannel(box: Box, ask: Ask, ifname: string): Promise<void> {
  const [p2p, group] = await Promise.all([box.p2p(), box.on(ifname)]);
  const marks = [p2p.mark(), group.mark()] as const;
  for (const frequency of ['9999', '5500']) {
    assert.equal(await ask(ifname, `CHAN_SWITCH 5 ${frequency}`), 'FAIL\n', frequency);
  }
  assert.equal(await ask(P2P, 'CHAN_SWITCH 5 2462'), 'FAIL\n', 'not on this interface');
  assert.equal(await ask(ifname, 'CHAN_SWITCH 5 2462'), 'OK\n');
  await group.waitEvent('AP-CSA-FINISHED freq=2462', 10, marks[1]);
  const names = group.since(marks[1]).map(({ text }) => text.split(' ', 2).join(' '));
  assert.deepEqual(names, [
    'CTRL-EVENT-STARTED-CHANNEL-SWITCH freq=2462',
    // Once with and once without the word dfs.
    'CTRL-EVENT-CHANNEL-SWITCH freq=2462',
    'CTRL-EVENT-CHANNEL-SWITCH freq=2462',
    'AP-CSA-FINISHED freq=2462',
  ]);
  assert.deepEqual(p2p.since(marks[0]), []);
  assert.match(await ask(ifname, 'STATUS'), /^freq=2462$/m);
  assert.equal((await box.stations(ifname)).length, 1, 'the phone followed');
}

async function returnsByItself(box: Box, ask: Ask, ifname: string): Promise<void> {
  const group = await box.on(ifname);
  const [station = ''] = await box.stations(ifname);
  for (const command of ['DEAUTHENTICATE', 'DISASSOCIATE']) {
    const mark = group.mark();
    assert.equal(await ask(ifname, `${command} ${station}`), 'OK\n');
    await group.waitEvent(`AP-STA-DISCONNECTED ${station}`, 5, mark);
    await group.waitEvent(`AP-STA-CONNECTED ${station}`, 15, mark);
    assert.ok(!group.since(mark).some(({ text }) => text.startsWith('WPS-REG')), 'without WPS');
  }
}

/** The phone assumes that the group has ended: it keeps its profile, and does not reconnect by itself. */
async function isSentAway(box: Box, ask: Ask, ifname: string, phone: Phone, command: string): Promise<void> {
  const group = await box.on(ifname);
  const mark = group.mark();
  assert.equal(await ask(P2P, command), 'OK\n');
  await group.waitEvent('AP-STA-DISCONNECTED', 5, mark);
  assert.match((await phone.waitGone(10)).text, / reason=GO_ENDING_SESSION$/);
  // After the other commands it reconnects within five.
  await delay(8000);
  assert.ok(!group.since(mark).some(({ text }) => text.startsWith('AP-STA-CONNECTED')));
  assert.equal((await phone.savedGroups()).length, 1);
}

async function keysOfTheirOwn(
  box: Box,
  ask: Ask,
  phone: Phone,
  laptop: Phone,
  groupKey: string,
): Promise<void> {
  const ifname = await box.startGroup();
  const own = await joins(box, ask, ifname, phone);
  assert.match(own, /^[0-9a-f]{64}$/);
  assert.notEqual(own, groupKey);
  assert.equal(await ask(P2P, `GET_NETWORK ${await box.profile()} psk_list`), 'FAIL\n', 'has no GET');
  assert.match(readFileSync(box.configFile, 'utf8'), new RegExp(`psk_list=P2P-${phone.address}-${own}`));
  // The passphrase of the group still works.
  await laptop.joinByPassphrase(LAB_GROUP.ssid, LAB_GROUP.passphrase);
  await laptop.leaveByPassphrase();
  await phone.leave();
  await phone.rejoin(box.address);
  await ask(P2P, `P2P_REMOVE_CLIENT ${phone.address}`);
  await phone.waitGone(10);
  await isLockedOut(box, await box.on(ifname), phone);
  await phone.forget();
  await joins(box, ask, ifname, phone);
  // Its key is in the configuration file, and works whatever per_sta_psk is.
  await box.restart();
  await phone.waitGone(60);
  await phone.control.command('P2P_FLUSH');
  await box.startGroup();
  await phone.rejoin(box.address);
}

async function isLockedOut(box: Box, group: ControlClient, phone: Phone): Promise<void> {
  const mark = group.mark();
  const phoneMark = phone.control.mark();
  const [id] = await phone.savedGroups();
  await phone.control.command(`P2P_INVITE persistent=${id} peer=${box.address}`);
  await phone.control.waitEvent('P2P-PERSISTENT-PSK-FAIL', 30, phoneMark);
  await group.waitEvent('AP-STA-POSSIBLE-PSK-MISMATCH', 1, mark);
  assert.ok(!group.since(mark).some(({ text }) => text.startsWith('AP-STA-CONNECTED')));
}

export default scenario;
