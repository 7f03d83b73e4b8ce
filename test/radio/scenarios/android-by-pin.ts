import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { handoverOf } from '#src/commands/handover.js';
import type { HostP2pD } from '#src/host/host.js';
import type { AndroidPhone } from '../guest/android-phone.js';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

/** The letters are those of native-notes/android.md. */
const scenario: Scenario = {
  name: 'android-by-pin',
  title:
    'Android at a box with a PIN: joins, returns, joins by name, shows a PIN, cancels, presses its button',
  timeoutSeconds: 240,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      lab.startAndroid({ number: 2, deviceName: 'Galaxy' }),
    ]);
    await using host = await startSession(lab);
    await groupOf(lab, host);
    const asked: string[] = [];
    host.on('enrolmentRequested', ({ deviceAddress, method }) => asked.push(`${deviceAddress} ${method}`));

    const failed: string[] = [];
    host.on('enrolmentFailed', ({ cause }) => failed.push(cause));

    lab.note('D: the user cancels, and the box learns it');
    await phone.tap(box.address);
    await phone.refuse('keypad');
    await lab.until('the end of its request', 10, () => failed.includes('cancelled'));
    assert.deepEqual(host.status.enrolling, []);
    asked.length = 0;

    lab.note('A: a new phone, the user types the PIN');
    await phone.joinWithPin(box.address, PIN);
    await comesAndGoes(lab, host, phone);
    assert.deepEqual([...new Set(asked)], [`${phone.address} display`]);

    lab.note('B: it returns as a client of its saved group, without a request');
    asked.length = 0;
    await phone.tap(box.address);
    assert.deepEqual(phone.state.is === 'joining' && phone.state.savedGroup, '0');
    await phone.connected();
    await comesAndGoes(lab, host, phone);
    assert.deepEqual(asked, []);

    lab.note('C: an app joins by name and passphrase, and is a known client; a wrong passphrase fails');
    const handover = await handoverOf(host);
    await other.joinByName(handover.ssid, handover.passphrase, handover.frequency);
    const joined = await other.connected();
    const seen = await other.control.command(`IFNAME=${joined.ifname} STATUS`);
    assert.match(
      seen,
      new RegExp(`^bssid=${handover.bssid}$`, 'm'),
      'Android compares it with setDeviceAddress',
    );
    await comesAndGoes(lab, host, other);
    assert.deepEqual(asked, []);
    const clients = (await host.clients()).map(({ deviceAddress }) => deviceAddress);
    assert.deepEqual(clients.sort(), [phone.address, other.address].sort());
    const rejected: string[] = [];
    host.on('stationRejected', ({ cause }) => rejected.push(cause));
    await other.joinByName(LAB_GROUP.ssid, 'wrong horse');
    await assert.rejects(other.connected(60), /got idle/);
    assert.deepEqual(rejected, ['wrong-passphrase']);

    lab.note('it has forgotten the group, and so has another device address');
    const before = phone.address;
    await phone.forget();
    await phone.restart();
    assert.notEqual(phone.address, before);

    lab.note('A″: it shows a PIN, which the operator types');
    await phone.tap(box.address, { setup: 'display' });
    const pin = await phone.readPin();
    await lab.until('its request', 20, () => host.status.enrolling.length === 1);
    await host.enterPin(phone.address, pin);
    await phone.connected();
    await comesAndGoes(lab, host, phone);
    assert.deepEqual(asked, [`${phone.address} keypad`]);
    assert.ok((await host.clients()).some(({ deviceAddress }) => deviceAddress === before));

    lab.note('E: it uses the button; its user cancels after a while, is invited and types the PIN');
    // wpa_supplicant has stored the group, although the app's profile is gone.
    await other.forget();
    const refused: string[] = [];
    host.on('enrolmentRefused', ({ cause }) => refused.push(cause));
    await other.tap(box.address, { setup: 'pbc' });
    await lab.until('the refusal', 30, () => refused.includes('pin-method'));
    await lab.until('the button is tried', 20, () => other.state.is === 'joining');
    await delay(8000);
    assert.equal(other.state.is, 'joining', 'it drops what comes meanwhile');
    other.cancel();
    const cancelled = lab.now();
    await other.typePin(PIN);
    await other.connected();
    await isStation(lab, host, other.address);
    lab.note(`a station ${(lab.now() - cancelled).toFixed(1)} s after its user has cancelled`);
  },
};

/** The box and the phone agree that it is connected, and then that it has left. */
async function comesAndGoes(lab: Lab, host: HostP2pD, phone: AndroidPhone): Promise<void> {
  await isStation(lab, host, phone.address);
  await phone.leave();
  await isGone(lab, host, phone.address);
  assert.equal(phone.state.is, 'idle');
}

export default scenario;
