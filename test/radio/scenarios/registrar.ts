import assert from 'node:assert/strict';
import type { HostP2pD } from '#src/host/host.js';
import type { AndroidPhone } from '../guest/android-phone.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import { wpsPin } from '../guest/pin.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

const WINDOW_PIN = wpsPin('4711815');
const OTHERS_PIN = wpsPin('8765432');
const WRONG_PIN = wpsPin('1111111');

/** Whether wpa_supplicant's registrar still has a PIN after its permission has ended: a device tries it by plain WPS. */
const scenario: Scenario = {
  name: 'registrar',
  title:
    'a PIN ends with its permission, whatever was tried with it; a PIN of another program is not replaced',
  timeoutSeconds: 240,
  async run(lab) {
    const [box, phone, laptop] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      lab.startPhone({ number: 2, deviceName: 'Laptop' }),
    ]);
    await using host = await startSession(lab, {}, { dialogue: 'registrar' });
    const group = await groupOf(lab, host);

    await paused(lab, host, box, phone, laptop);
    await windowShut(lab, host, laptop);
    await othersPin(lab, host, box, group, laptop);
    await host.stop();
  },
};

async function paused(lab: Lab, host: HostP2pD, box: Box, phone: AndroidPhone, laptop: Phone): Promise<void> {
  lab.note('a wrong PIN, a phone that joins, and a pause');
  await isRefused(laptop, WRONG_PIN);
  await phone.joinWithPin(box.address, PIN);
  await isStation(lab, host, phone.address);
  await host.pause();
  await isRefused(laptop, PIN);
  assert.deepEqual(
    host.stations.map(({ deviceAddress }) => deviceAddress),
    [phone.address],
  );
  await host.resume();
  await phone.leave();
  await isGone(lab, host, phone.address);
  await phone.forget();
}

async function windowShut(lab: Lab, host: HostP2pD, laptop: Phone): Promise<void> {
  lab.note('the PIN of a pairing window ends with it, also if it has been tried');
  await host.pair({ method: 'pin', pin: WINDOW_PIN });
  await isRefused(laptop, WRONG_PIN);
  await host.stopPairing();
  await isRefused(laptop, WINDOW_PIN);
}

async function othersPin(lab: Lab, host: HostP2pD, box: Box, group: string, laptop: Phone): Promise<void> {
  lab.note('a device joins with a PIN that another program has armed');
  const registrar = await box.on(group);
  await registrar.command(`WPS_PIN any ${OTHERS_PIN}`);
  await joins(lab, host, laptop, OTHERS_PIN);

  lab.note('failures of that PIN are not counted: our own PIN is not suspended');
  for (let attempt = 1; attempt <= 3; attempt++) {
    await registrar.command(`WPS_PIN any ${OTHERS_PIN}`);
    await isRefused(laptop, WRONG_PIN);
    // The registrar would keep a tried PIN beside the next one.
    await registrar.command('WPS_CANCEL');
  }
  await joins(lab, host, laptop, PIN);
}

async function joins(lab: Lab, host: HostP2pD, laptop: Phone, pin: string): Promise<void> {
  const began = lab.now();
  await laptop.joinPlainByPin(pin);
  await lab.until('the laptop', 20, () => host.stations.some(({ deviceAddress }) => deviceAddress === null));
  lab.note(`the laptop has joined after ${(lab.now() - began).toFixed(1)} s`);
  await laptop.leaveByPassphrase();
  await lab.until('its departure', 20, () => host.stations.length === 0);
}

/** It tries this PIN, and gets no credential. */
async function isRefused(laptop: Phone, pin: string): Promise<void> {
  await assert.rejects(laptop.joinPlainByPin(pin, 25));
  await laptop.forgetPlain();
}

export default scenario;
