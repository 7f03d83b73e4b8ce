import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

const scenario: Scenario = {
  name: 'pins-shown-and-typed',
  title:
    'a phone joins with its fresh PIN, not with the static one; a PIN shown by the phone; both expire cleanly',
  timeoutSeconds: 300,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      // Not Android, which takes the next step by itself: it asks, and does nothing more.
      lab.startPhone({ number: 2, deviceName: 'Galaxy' }),
    ]);
    const hook = lab.hookLog();
    await using host = await startSession(
      lab,
      { pin: 'random', max_negotiation_time: 25 },
      { runProgram: hook.script, dialogue: 'pins' },
    );
    const group = await groupOf(lab, host);
    const failed: (string | null)[] = [];
    host.on('enrolmentFailed', ({ deviceAddress }) => failed.push(deviceAddress));

    lab.note('the static PIN is refused, also for a phone for which a fresh one is shown');
    await assert.rejects(other.joinWithPin(box.address, PIN, { attempts: 1, seconds: 20 }));
    const [, , spent = ''] = (await hook.waitCall(({ args }) => args[0] === 'show_pin', 5)).args;
    assert.match(spent, /^\d{8}$/);
    assert.notEqual(spent, PIN);
    assert.equal(host.stations.length, 0);

    lab.note('it joins with the shown PIN');
    const mark = hook.mark();
    const shown = hook.waitCall(({ args }) => args[0] === 'show_pin' && args[1] === phone.address, 30, mark);
    await phone.joinWithPin(box.address, async () => (await shown).args[2] ?? '');
    await isStation(lab, host, phone.address);
    assert.equal((await shown).args[3], 'Pixel');
    assert.equal((await shown).environment['HOSTP2PD_PIN'], (await shown).args[2]);

    lab.note('a shown PIN that is not typed expires');
    await lab.until('the end of the open requests', 40, () => host.status.enrolling.length === 0);
    await other.forget();
    failed.length = 0;
    await other.provision(box.address, 'display', { join: true });
    const [waiting] = await lab.until('its enrolment', 5, () =>
      host.status.enrolling.length > 0 ? host.status.enrolling : undefined,
    );
    assert.equal(waiting?.method, 'display');
    assert.match(waiting?.pin ?? '', /^\d{8}$/);
    await lab.until('its end', 40, () => host.status.enrolling.length === 0);
    assert.deepEqual(failed, [other.address]);

    lab.note('the phone shows its PIN: hook enter_pin, and it joins after the operator has typed it');
    await host.reload();
    const wanted = hook.expect(['enter_pin', other.address, 'Galaxy'], 30, hook.mark());
    await other.joinShowingPin(box.address, async (pin) => {
      await wanted;
      assert.deepEqual(
        host.status.enrolling.map(({ deviceAddress, method, pin }) => [deviceAddress, method, pin]),
        [[other.address, 'keypad', null]],
      );
      await assert.rejects(host.enterPin(phone.address, pin), /expected a phone that shows its PIN/);
      await host.enterPin(other.address, pin);
    });
    await isStation(lab, host, other.address);
    await other.leave();
    await isGone(lab, host, other.address);

    lab.note("a phone's PIN that the operator does not type expires as well; the group goes on");
    await other.forget();
    failed.length = 0;
    await other.provision(box.address, 'keypad', { join: true });
    await lab.until('its enrolment', 5, () => host.status.enrolling.length === 1);
    await lab.until('its end', 40, () => host.status.enrolling.length === 0);
    assert.deepEqual(failed, [other.address]);
    assert.equal(host.status.group?.interface, group);
    assert.ok(phone.joined, 'the first phone stayed connected');
    assert.equal(await (await box.on(group)).request('WPS_CANCEL'), 'FAIL\n', 'nothing is armed');
    await host.stop();
  },
};

export default scenario;
