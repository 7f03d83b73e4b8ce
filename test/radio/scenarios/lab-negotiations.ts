import assert from 'node:assert/strict';
import { type Box, LAB_GROUP } from '../guest/box.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';

/** The lab's phones negotiate a group in every way; the box runs without hostp2pd. */
const scenario: Scenario = {
  name: 'lab-negotiations',
  suite: 'facts',
  title: 'phones negotiate a group by PIN (either side shows it) and by push button',
  timeoutSeconds: 180,
  async run(lab) {
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1, deviceName: 'Pixel 7' }),
    ]);
    const recorder = lab.record('negotiations');
    const p2p = await box.p2p();

    recorder.comment('the box shows a PIN');
    let shown = '';
    const showing = p2p.waitEvent(new RegExp(`^P2P-PROV-DISC-SHOW-PIN ${phone.address} (\\d{8}) `), 60);
    await meet(
      lab,
      box,
      phone,
      () => `${shown} display`,
      () =>
        phone.negotiateWithPin(box.address, async () => {
          shown = (await showing).groups[0] ?? '';
          return shown;
        }),
    );

    recorder.comment('push button');
    await meet(
      lab,
      box,
      phone,
      () => 'pbc',
      () => phone.negotiateWithButton(box.address),
    );

    recorder.comment('the phone shows a PIN');
    await meet(
      lab,
      box,
      phone,
      () => `${shown} keypad`,
      () =>
        phone.negotiateShowingPin(box.address, (pin) => {
          shown = pin;
        }),
    );

    recorder.comment('a phone that did not notice the running group');
    await box.startGroup();
    await p2p.command('P2P_STOP_FIND');
    const mark = p2p.mark();
    const negotiating = phone.negotiateWithPin(box.address, '12345670', { seconds: 20, attempts: 1 });
    negotiating.catch(() => {});
    const request = await p2p.waitEvent(/^P2P-GO-NEG-REQUEST (\S+) dev_passwd_id=(\d+)/, 40, mark);
    assert.deepEqual(request.groups, [phone.address, '1']);
    recorder.close();
  },
};

/** One negotiation: the box listens, answers the phone's request, becomes the owner; then both forget. */
async function meet(
  lab: Lab,
  box: Box,
  phone: Phone,
  answer: () => string,
  negotiate: () => Promise<unknown>,
): Promise<void> {
  const p2p = await box.p2p();
  const mark = p2p.mark();
  await p2p.command('P2P_FIND');
  const negotiating = negotiate();
  // Handled below; a failure before that must not end the scenario as an unhandled one.
  negotiating.catch(() => {});
  await p2p.waitEvent(`P2P-GO-NEG-REQUEST ${phone.address}`, 60, mark);
  await p2p.command(`P2P_CONNECT ${phone.address} ${answer()} go_intent=15`);
  const started = await p2p.waitEvent(/^P2P-GROUP-STARTED (\S+) GO /, 40, mark);
  await negotiating;
  const ifname = started.groups[0] ?? '';
  assert.equal((await box.stations(ifname)).length, 1);
  lab.note(`negotiated ${ifname}`);
  await p2p.command(`P2P_GROUP_REMOVE ${ifname}`);
  box.forget(ifname);
  await phone.waitGone(20);
  assert.equal(phone.joined, undefined);
  await phone.forget();
  await p2p.command('P2P_FLUSH');
}

export default scenario;
