import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

const scenario: Scenario = {
  name: 'white-list',
  title:
    'push button: listed devices get in, also two at once; unlisted and impostors do not, and fall to the PIN',
  timeoutSeconds: 400,
  async run(lab) {
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

    lab.note('unlisted, while nobody else asks');
    await assert.rejects(other.joinWithButton(box.address, { attempts: 1, seconds: 15 }));
    assert.ok(refused.includes(other.address));

    lab.note('unlisted and under the name of the listed one, while its window is open');
    await other.rename('Listed');
    await other.forget();
    refused.length = 0;
    await listed.provision(box.address, 'pbc', { join: true });
    await lab.until('the open window', 10, () => host.status.enrolling.length === 1);
    await assert.rejects(other.joinWithButton(box.address, { attempts: 1, seconds: 15 }));
    assert.ok(refused.includes(other.address));
    assert.equal(host.stations.length, 0);

    lab.note('the listed one');
    await other.control.request('P2P_CANCEL');
    await listed.joinWithButton(box.address);
    await isStation(lab, host, listed.address);

    lab.note('the unlisted one gets in by PIN');
    await other.forget();
    await other.joinWithPin(box.address, PIN);
    await isStation(lab, host, other.address);
    await Promise.all([listed.leave(), other.leave()]);
    await Promise.all([isGone(lab, host, listed.address), isGone(lab, host, other.address)]);
    await host.stop();

    lab.note('without a list, two press at once: both get in');
    await Promise.all([listed.forget(), other.forget()]);
    await using open = await startSession(lab, settings);
    await groupOf(lab, open);
    await Promise.all([press(listed, box.address), press(other, box.address)]);
    await Promise.all([isStation(lab, open, listed.address), isStation(lab, open, other.address)]);
    assert.equal(open.stations.length, 2);
  },
};

/** Who presses while the button is open for another is refused by wpa_supplicant, and presses again. */
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
