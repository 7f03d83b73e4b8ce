import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

const scenario: Scenario = {
  name: 'white-list',
  title:
    'push button: listed devices join, also two at once; unlisted ones and impostors do not, and need the PIN',
  timeoutSeconds: 400,
  async run(lab) {
    // Not Android: one asks before it joins, and the user of the other one chooses a PIN where the box offers the button.
    const [box, listed, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1, deviceName: 'Listed' }),
      lab.startPhone({ number: 2, deviceName: 'Stranger' }),
    ]);
    const settings = { pbc_in_use: true, pin: PIN, max_negotiation_time: 60 };
    const host = await startSession(
      lab,
      { ...settings, pbc_white_list: [listed.address] },
      { dialogue: 'button' },
    );
    const refused: string[] = [];
    host.on('enrolmentRefused', ({ deviceAddress }) => refused.push(deviceAddress));
    await groupOf(lab, host);

    lab.note('an unlisted phone, while no other one asks');
    await assert.rejects(other.joinWithButton(box.address, { attempts: 1, seconds: 15 }));
    assert.ok(refused.includes(other.address));

    lab.note('an unlisted phone with the name of the listed one, while the button is open for that one');
    await other.rename('Listed');
    await other.forget();
    refused.length = 0;
    await listed.provision(box.address, 'pbc', { join: true });
    await lab.until('the open window', 10, () =>
      host.status.enrolling.some(({ deviceAddress }) => deviceAddress === listed.address),
    );
    await assert.rejects(other.joinWithButton(box.address, { attempts: 1, seconds: 15 }));
    assert.ok(refused.includes(other.address));
    assert.equal(host.stations.length, 0);

    lab.note('the listed phone');
    await other.control.request('P2P_CANCEL');
    await listed.joinWithButton(box.address);
    await isStation(lab, host, listed.address);

    lab.note('the unlisted phone joins by PIN');
    await other.forget();
    await other.joinWithPin(box.address, PIN);
    await isStation(lab, host, other.address);
    await Promise.all([listed.leave(), other.leave()]);
    await Promise.all([isGone(lab, host, listed.address), isGone(lab, host, other.address)]);
    await host.stop();

    lab.note('without a list, two phones press at once: both join');
    await Promise.all([listed.forget(), other.forget()]);
    await using open = await startSession(lab, settings);
    await groupOf(lab, open);
    await Promise.all([press(listed, box.address), press(other, box.address)]);
    await Promise.all([isStation(lab, open, listed.address), isStation(lab, open, other.address)]);
    assert.equal(open.stations.length, 2);
  },
};

/** wpa_supplicant refuses a phone that presses while the button is open for another one, so it presses again. */
async function press(phone: Phone, owner: string): Promise<void> {
  for (let times = 1; !phone.joined; times++) {
    try {
      await phone.joinWithButton(owner, { seconds: 40, attempts: 1 });
    } catch (error) {
      if (times === 4) throw error;
      await phone.control.request('P2P_CANCEL');
    }
  }
}

export default scenario;
