import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

/** The letters are those of native-notes/android.md. */
const scenario: Scenario = {
  name: 'android-by-button',
  title:
    'Android at a box with a push button: a listed phone joins and returns, an unlisted one is led to the PIN; Windows shows a PIN',
  timeoutSeconds: 240,
  async run(lab) {
    const [box, listed, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Listed' }),
      lab.startPhone({ number: 2, deviceName: 'DESKTOP-7Q' }),
    ]);
    const host = await startSession(lab, { pbc_in_use: true, pbc_white_list: [listed.address] });
    await groupOf(lab, host);
    const asked: string[] = [];
    host.on('enrolmentRequested', ({ deviceAddress, method }) => asked.push(`${deviceAddress} ${method}`));

    lab.note('A′: the box offers the button, so no dialog');
    await listed.joinWithButton(box.address);
    await isStation(lab, host, listed.address);
    assert.deepEqual([...new Set(asked)], [`${listed.address} pbc`]);
    await listed.leave();
    await isGone(lab, host, listed.address);

    lab.note('B: it returns without a request');
    asked.length = 0;
    await listed.tap(box.address);
    await listed.connected();
    await isStation(lab, host, listed.address);
    assert.deepEqual(asked, []);

    lab.note('Windows 11 shows a PIN, although the box offers only the button');
    await other.joinAsWindows(box.address, async (pin) => {
      await lab.until('its request', 20, () => host.status.enrolling.length === 1);
      await host.enterPin(other.address, pin);
    });
    await isStation(lab, host, other.address);
    await Promise.all([listed.leave(), other.leave()]);
    await Promise.all([isGone(lab, host, listed.address), isGone(lab, host, other.address)]);
    await host.stop();

    lab.note('E: a phone that is not on the list presses; its user cancels, and is asked for the PIN');
    await listed.forget();
    await using strict = await startSession(lab, { pbc_in_use: true, pbc_white_list: [other.address] });
    await groupOf(lab, strict);
    const refused: string[] = [];
    strict.on('enrolmentRefused', ({ cause }) => refused.push(cause));
    await listed.tap(box.address);
    await lab.until('the refusal', 30, () => refused.includes('not-listed'));
    await lab.until('the button is tried', 20, () => listed.state.is === 'joining');
    await delay(8000);
    assert.equal(listed.state.is, 'joining', 'it drops what comes meanwhile');
    listed.cancel();
    const cancelled = lab.now();
    await listed.typePin(PIN, 60);
    await listed.connected();
    await isStation(lab, strict, listed.address);
    lab.report = `an unlisted phone: a station by PIN ${(lab.now() - cancelled).toFixed(1)} s after its user has cancelled`;
  },
};

export default scenario;
