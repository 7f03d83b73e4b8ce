import assert from 'node:assert/strict';
import { type Box, LAB_GROUP } from '../guest/box.js';
import type { ControlClient } from '../guest/control-client.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';

const PIN = '12345670';

/** A running group without hostp2pd: the button for one of two phones, and arming and cancelling PINs. */
const scenario: Scenario = {
  name: 'lab-button-facts',
  suite: 'facts',
  title: 'two phones press the button, PINs are armed late and cancelled, a PIN for a phone that pressed',
  timeoutSeconds: 300,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1, deviceName: 'Pixel 7' }),
      lab.startPhone({ number: 2, deviceName: 'Galaxy S21' }),
    ]);
    const recorder = lab.record('button-facts');
    const group = await box.on(await box.startGroup());

    recorder.comment('WPS_CANCEL');
    await cancel(group);

    recorder.comment('a PIN outlives the cancelled window of a button');
    await outlives(box, group, phone, other);

    recorder.comment('PINs for two addresses');
    await addresses(lab, box, group, phone);

    recorder.comment('a window for the first phone; the second presses during it');
    await during(box, group, phone, other);

    recorder.comment('both press, and the box opens no window until both have been seen');
    await overlap(lab, box, group, [phone, other]);

    recorder.comment('the phone shows a PIN that is typed late');
    await late(lab, box, group, phone);

    recorder.comment('the phone presses, the box asks for a PIN');
    await answersWithPin(box, group, phone);
    recorder.close();
  },
};

/** WPS_CANCEL cancels one thing: the open button if there is one, else the PIN. */
async function cancel(group: ControlClient): Promise<void> {
  const mark = group.mark();
  assert.equal(await group.request('WPS_CANCEL'), 'FAIL\n', 'nothing to cancel');
  assert.equal(await group.request(`WPS_PIN 46:00:00:00:01:00 ${PIN}`), PIN);
  assert.equal(await group.request('WPS_CANCEL'), 'OK\n');
  assert.equal(await group.request('WPS_CANCEL'), 'FAIL\n');
  assert.deepEqual(wps(group, mark), [], 'no events about PINs');

  assert.equal(await group.request('WPS_PBC p2p_dev_addr=42:00:00:00:01:00'), 'OK\n');
  // Opening the button again replaces the first one.
  assert.equal(await group.request('WPS_PBC p2p_dev_addr=42:00:00:00:02:00'), 'OK\n');
  assert.equal(await group.request('WPS_CANCEL'), 'OK\n');
  assert.equal(await group.request('WPS_CANCEL'), 'FAIL\n');
  await group.waitEvent('WPS-TIMEOUT', 5, mark);
  assert.deepEqual(wps(group, mark), ['WPS-PBC-ACTIVE ', 'WPS-PBC-ACTIVE ', 'WPS-TIMEOUT ']);

  const before = group.mark();
  assert.equal(await group.request('WPS_PBC'), 'OK\n');
  assert.equal(await group.request(`WPS_PIN any ${PIN}`), PIN);
  assert.equal(await group.request('WPS_CANCEL'), 'OK\n');
  await group.waitEvent('WPS-PBC-ACTIVE', 5, before);
  assert.deepEqual(wps(group, before), ['WPS-PBC-ACTIVE '], 'a PIN closes the button without an event');
}

async function outlives(box: Box, group: ControlClient, phone: Phone, other: Phone): Promise<void> {
  const mark = group.mark();
  await group.command(`WPS_PIN any ${PIN}`);
  await group.command(`WPS_PBC p2p_dev_addr=${other.address}`);
  assert.equal(await group.request('WPS_CANCEL'), 'OK\n');
  assert.equal(await group.request('WPS_CANCEL'), 'FAIL\n', 'it says that there is no PIN');
  await phone.joinWithPin(box.address, PIN);
  await goes(group, phone, mark);
}

/** There is one PIN at a time, and any device can join with it, whatever address it was armed for. */
async function addresses(lab: Lab, box: Box, group: ControlClient, phone: Phone): Promise<void> {
  let mark = group.mark();
  await group.command('WPS_PIN 46:00:00:00:01:00 00000000');
  await group.command(`WPS_PIN 46:00:00:00:02:00 ${PIN}`);
  await phone.joinWithPin(box.address, PIN);
  await goes(group, phone, mark);
  mark = group.mark();
  const joining = assert.rejects(phone.joinWithPin(box.address, '00000000', { seconds: 60, attempts: 1 }));
  await refusals(lab, group, mark, 2);
  await phone.control.command('P2P_CANCEL');
  await joining;
  const heard = wps(group, mark).map((text) => text.split(' ')[0]);
  assert.deepEqual([...new Set(heard)].sort(), ['WPS-ENROLLEE-SEEN', 'WPS-PIN-NEEDED']);
  await phone.forget();
}

/** Waits until the box has lacked a PIN so often since `mark`. */
async function refusals(lab: Lab, group: ControlClient, mark: number, count: number): Promise<void> {
  await lab.until(`${count} refusals`, 60, () => {
    const asked = group.since(mark).filter(({ text }) => text.startsWith('WPS-PIN-NEEDED'));
    return asked.length >= count;
  });
}

/** The phone without permission is refused at once; the one with it joins nevertheless, then the other one. */
async function during(box: Box, group: ControlClient, phone: Phone, other: Phone): Promise<void> {
  let mark = group.mark();
  await Promise.all([phone, other].map((one) => one.provision(box.address, 'pbc', { join: true })));
  await group.command(`WPS_PBC p2p_dev_addr=${phone.address}`);
  await assert.rejects(other.connect(box.address, 'pbc join', { attempts: 1 }), /FORMATION-FAILURE/);
  await group.waitEvent('CTRL-EVENT-EAP-FAILURE', 5, mark);
  const refused = wps(group, mark).filter((text) => !text.startsWith('WPS-ENROLLEE-SEEN'));
  assert.deepEqual(refused.slice(0, 1), ['WPS-PBC-ACTIVE ']);
  assert.deepEqual(refused.slice(-2), ['WPS-OVERLAP-DETECTED ', 'WPS-FAIL msg=4 config_error=12']);

  mark = group.mark();
  await phone.connect(box.address, 'pbc join');
  await comes(group, phone, mark);
  const success = wps(group, mark).filter((text) => !text.startsWith('WPS-ENROLLEE-SEEN'));
  assert.match(success.at(-3) ?? '', /^WPS-REG-SUCCESS 46:00:00:00:01:00 /);
  // The button closes when the first device has joined.
  assert.deepEqual(success.slice(-2), ['WPS-PBC-DISABLE ', 'WPS-SUCCESS ']);

  mark = group.mark();
  await other.provision(box.address, 'pbc', { join: true });
  await group.command(`WPS_PBC p2p_dev_addr=${other.address}`);
  await other.connect(box.address, 'pbc join');
  await comes(group, other, mark);
  await Promise.all([goes(group, phone, 0), goes(group, other, 0)]);
}

/** One after the other, each with its own button; a phone that was refused meanwhile presses again. */
async function overlap(
  lab: Lab,
  box: Box,
  group: ControlClient,
  phones: readonly [Phone, Phone],
): Promise<void> {
  const mark = group.mark();
  await Promise.all(phones.map((one) => one.provision(box.address, 'pbc', { join: true })));
  const marks = new Map(phones.map((one) => [one, one.control.mark()]));
  for (const one of phones) await one.control.command(`P2P_CONNECT ${box.address} pbc join`);
  await group.waitEvent('WPS-OVERLAP-DETECTED', 30, mark);
  assert.equal(await group.request('WPS_PBC'), 'FAIL-PBC-OVERLAP\n', 'a button for any device');
  const began = lab.now();
  for (const one of phones) {
    const turn = marks.get(one) ?? 0;
    await group.command(`WPS_PBC p2p_dev_addr=${one.address}`);
    const joined = one.control.waitEvent('P2P-GROUP-STARTED', 45, turn, 'P2P-GROUP-FORMATION-FAILURE');
    const refused = await joined.then(
      () => false,
      () => true,
    );
    if (refused) {
      lab.note(`${one.name} was refused and presses again`);
      await one.provision(box.address, 'pbc', { join: true });
      await one.connect(box.address, 'pbc join');
    }
    await comes(group, one, mark);
    lab.note(`${one.name} has joined after ${(lab.now() - began).toFixed(1)} s`);
  }
  for (const one of phones) {
    await one.control.command('P2P_GROUP_REMOVE *');
    await one.forget();
  }
}

/** A phone that shows its PIN asks repeatedly, and joins when the PIN has been typed. */
async function late(lab: Lab, box: Box, group: ControlClient, phone: Phone): Promise<void> {
  const mark = group.mark();
  let pin = '';
  const joining = phone.joinShowingPin(
    box.address,
    (shown) => {
      pin = shown;
    },
    { seconds: 90, attempts: 1 },
  );
  joining.catch(() => {});
  const needed = await group.waitEvent(/^WPS-PIN-NEEDED \S+ (\S+) \[/, 60, mark);
  await refusals(lab, group, mark, 4);
  const failed = group.since(mark).some(({ text }) => text.startsWith('WPS-FAIL'));
  assert.equal(failed, false, 'no failure event about them');
  const typed = lab.now();
  await group.command(`WPS_PIN ${needed.groups[0] ?? ''} ${pin}`);
  await joining;
  lab.note(`joined ${(lab.now() - typed).toFixed(1)} s after it was typed`);
  await goes(group, phone, mark);
}

/** Provision discovery in the other direction: without join, the phone asks its user for the PIN that the box shows. */
async function answersWithPin(box: Box, group: ControlClient, phone: Phone): Promise<void> {
  const p2p = await box.p2p();
  await phone.provision(box.address, 'pbc', { join: true });
  // A provision discovery during a search can end it in 2.11 (P2P: Reject scan trigger). Android stops its search before.
  for (const command of ['P2P_STOP_FIND', 'P2P_FIND']) await phone.control.command(command);
  let mark = p2p.mark();
  assert.equal(await p2p.request(`P2P_PROV_DISC ${phone.address} keypad join`), 'OK\n');
  // The box repeats its request until it meets the phone on its channel.
  const refused = await p2p.waitEvent(/^P2P-PROV-DISC-FAILURE (.*)/, 45, mark);
  assert.deepEqual(refused.groups, [`p2p_dev_addr=${phone.address} status=2`]);

  mark = p2p.mark();
  const asked = phone.control.mark();
  assert.equal(await p2p.request(`P2P_PROV_DISC ${phone.address} keypad`), 'OK\n');
  const shown = await p2p.waitEvent(/^P2P-PROV-DISC-SHOW-PIN (\S+) (\d{8})$/, 45, mark);
  await phone.control.waitEvent(
    new RegExp(`^P2P-PROV-DISC-ENTER-PIN ${box.address} p2p_dev_addr=${box.address} .*name='Box'`),
    15,
    asked,
  );
  const before = group.mark();
  await group.command(`WPS_PIN any ${shown.groups[1]}`);
  await phone.connect(box.address, `${shown.groups[1]} keypad join`);
  await goes(group, phone, before);
}

function wps(group: ControlClient, mark: number): string[] {
  return group
    .since(mark)
    .map(({ text }) => text)
    .filter((text) => text.startsWith('WPS-'));
}

async function comes(group: ControlClient, phone: Phone, mark: number): Promise<void> {
  await group.waitEvent(new RegExp(`^AP-STA-CONNECTED \\S+ p2p_dev_addr=${phone.address}$`), 10, mark);
}

async function goes(group: ControlClient, phone: Phone, came: number): Promise<void> {
  await comes(group, phone, came);
  const mark = group.mark();
  await phone.leave();
  await group.waitEvent(new RegExp(`^AP-STA-DISCONNECTED \\S+ p2p_dev_addr=${phone.address}$`), 10, mark);
  await phone.forget();
}

export default scenario;
