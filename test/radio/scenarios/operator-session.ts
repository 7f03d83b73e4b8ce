import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { HostP2pD } from '#src/host/host.js';
import type { AndroidPhone } from '../guest/android-phone.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import { wpsPin } from '../guest/pin.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, playsBack, startSession } from '../guest/session.js';

const OPERATORS_PIN = wpsPin('4711815');
/** Limits of an attempt that must fail. */
const ONCE = { attempts: 1, seconds: 20 };

const scenario: Scenario = {
  name: 'operator-session',
  title:
    'pairing windows admit phones and devices without Wi-Fi Direct; the group is stopped and started; pause and resume',
  suite: 'full',
  timeoutSeconds: 600,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      lab.startAndroid({ number: 2, deviceName: 'Galaxy' }),
    ]);
    await using host = await startSession(
      lab,
      { pbc_white_list: ['42:00:00:00:09:00'] },
      { dialogue: 'operator-session' },
    );
    const closed: string[] = [];
    host.on('pairingClosed', ({ reason }) => closed.push(reason));
    const group = await groupOf(lab, host);

    await byPin(lab, host, box, phone);
    assert.deepEqual(closed.splice(0), ['joined']);
    assert.equal(await (await box.on(group)).request('WPS_CANCEL'), 'FAIL\n', 'nothing is armed');
    await byButton(lab, host, box, other, phone);
    assert.deepEqual(closed.splice(0), ['joined', 'joined']);
    await leave(lab, host, phone);
    await stopAndStart(lab, host, box, other);
    await pauseAndResume(lab, host, box, phone, other);

    lab.note('a window that no device uses, and a search');
    await leave(lab, host, phone);
    await host.pair({ method: 'pin' });
    await host.stopPairing();
    assert.deepEqual(closed.splice(0), ['stopped']);
    // Its Wi-Fi Direct screen is open.
    await phone.control.command('P2P_FIND 120');
    const found = await host.find(20);
    assert.ok(found.some(({ deviceAddress }) => deviceAddress === phone.address));

    await phone.forget();
    await phone.stop();
    await plain(lab, host);
    assert.deepEqual(closed.splice(0), ['joined', 'joined']);
    await host.stop();
    assert.ok(playsBack(join(lab.results, 'operator-session.jsonl'), [PIN, OPERATORS_PIN]) > 150);
  },
};

async function byPin(lab: Lab, host: HostP2pD, box: Box, phone: AndroidPhone): Promise<void> {
  lab.note('a phone joins with the PIN of the window, not with the configured one');
  const window = await host.pair({ method: 'pin', pin: OPERATORS_PIN });
  assert.equal(window.pin, OPERATORS_PIN);
  await assert.rejects(phone.joinWithPin(box.address, PIN, ONCE));
  assert.deepEqual([host.stations.length, host.status.pairing?.pin], [0, OPERATORS_PIN]);
  await phone.joinWithPin(box.address, OPERATORS_PIN);
  await isIn(lab, host, phone);
}

async function byButton(
  lab: Lab,
  host: HostP2pD,
  box: Box,
  other: AndroidPhone,
  phone: AndroidPhone,
): Promise<void> {
  lab.note('a phone that the settings do not admit joins by the button of the window');
  await host.pair({ method: 'pbc' });
  await other.joinWithButton(box.address);
  await isIn(lab, host, other);

  lab.note('afterwards no other phone can join, also one that uses its button whatever the box offers');
  await leave(lab, host, phone);
  await phone.forget();
  const refused = new Promise((resolve) => host.on('enrolmentRefused', resolve));
  await phone.tap(box.address, { setup: 'pbc' });
  await refused;
  await assert.rejects(phone.connected(ONCE.seconds));
  phone.cancel();

  lab.note('a window for one phone');
  await host.pair({ method: 'pbc', deviceAddress: phone.address });
  await leave(lab, host, other);
  await phone.lookAnew();
  await phone.joinWithButton(box.address);
  await isIn(lab, host, phone);
}

async function plain(lab: Lab, host: HostP2pD): Promise<void> {
  const laptop = await lab.startPhone({ number: 1, deviceName: 'Laptop' });
  lab.note('a device without Wi-Fi Direct joins by the button');
  await host.pair({ method: 'pbc' });
  await laptop.joinPlainByButton();
  await isPlainIn(lab, host);
  await laptop.leaveByPassphrase();
  await hasLeft(lab, host);

  lab.note('the same by a fresh PIN');
  const { pin } = await host.pair({ method: 'pin' });
  assert.match(pin ?? '', /^\d{8}$/);
  await laptop.joinPlainByPin(pin ?? '');
  await isPlainIn(lab, host);
  await laptop.leaveByPassphrase();
  await hasLeft(lab, host);
}

async function stopAndStart(lab: Lab, host: HostP2pD, box: Box, known: AndroidPhone): Promise<void> {
  lab.note('stopped: the group is gone, and a phone that knows it cannot start it');
  await known.lookAnew();
  await known.rejoin(box.address);
  await isStation(lab, host, known.address);
  await host.stopGroup();
  assert.deepEqual([host.status.phase, host.status.groupStopped], ['idle', true]);
  // wpa_supplicant sends the event before it removes the interface.
  await lab.until('the end of its interface', 5, () => box.groupInterfaces().length === 0);
  await known.waitGone(30);
  await known.lookAnew();
  await assert.rejects(known.rejoin(box.address, { attempts: 1, seconds: 15 }));
  await assert.rejects(host.invite(known.address), { code: 'STATE' });
  assert.deepEqual([host.status.phase, box.groupInterfaces()], ['idle', []]);

  lab.note('started: the group is up, and the phone still knows it');
  await host.startGroup();
  assert.deepEqual([host.status.phase, host.status.groupStopped], ['running', false]);
  await known.lookAnew();
  await known.rejoin(box.address);
  await isStation(lab, host, known.address);
}

async function pauseAndResume(
  lab: Lab,
  host: HostP2pD,
  box: Box,
  phone: AndroidPhone,
  known: AndroidPhone,
): Promise<void> {
  lab.note('paused: a new phone cannot join, a known one connects and disconnects');
  await phone.forget();
  await host.pause();
  await assert.rejects(phone.joinWithPin(box.address, PIN, ONCE));
  assert.deepEqual(
    host.stations.map(({ deviceAddress }) => deviceAddress),
    [known.address],
  );
  assert.deepEqual(host.status.enrolling, []);
  await leave(lab, host, known);
  await known.lookAnew();
  await known.rejoin(box.address);
  await isStation(lab, host, known.address);

  lab.note('resumed: a new phone joins');
  await host.resume();
  await phone.joinWithPin(box.address, PIN);
  await isStation(lab, host, phone.address);
}

/** The phone is a station, and the window is closed. */
async function isIn(lab: Lab, host: HostP2pD, phone: AndroidPhone): Promise<void> {
  await isStation(lab, host, phone.address);
  await lab.until('the end of the window', 5, () => host.status.pairing === null);
}

async function isPlainIn(lab: Lab, host: HostP2pD): Promise<void> {
  await lab.until('the laptop', 30, () => host.stations.some(({ deviceAddress }) => deviceAddress === null));
  await lab.until('the end of the window', 5, () => host.status.pairing === null);
}

async function hasLeft(lab: Lab, host: HostP2pD): Promise<void> {
  await lab.until('its departure', 20, () =>
    host.stations.every(({ deviceAddress }) => deviceAddress !== null),
  );
}

async function leave(lab: Lab, host: HostP2pD, phone: AndroidPhone): Promise<void> {
  await phone.leave();
  await isGone(lab, host, phone.address);
}

export default scenario;
