import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

/** The letters are those of native-notes/android.md. */
const scenario: Scenario = {
  name: 'android-by-button',
  title: 'Android at a box with a push button: a listed phone joins and returns; Windows shows a PIN',
  timeoutSeconds: 180,
  async run(lab) {
    const [box, listed, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Listed' }),
      lab.startPhone({ number: 2, deviceName: 'DESKTOP-7Q' }),
    ]);
    const settings = { pbc_in_use: true, pbc_white_list: [listed.address] };
    await using host = await startSession(lab, settings);
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
    await other.leave();
    await isGone(lab, host, other.address);
  },
};

export default scenario;
