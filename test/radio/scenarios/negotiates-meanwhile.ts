import assert from 'node:assert/strict';
import type { HostP2pD } from '#src/host/host.js';
import type { AndroidPhone } from '../guest/android-phone.js';
import { LAB_GROUP } from '../guest/box.js';
import type { ControlClient } from '../guest/control-client.js';
import { PIN } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';
import { groupOf, isGone, isStation, startSession } from '../guest/session.js';

/** The promised limit from the phone's request until it is a station, in emulated seconds. */
const LIMIT_SECONDS = 30;

const scenario: Scenario = {
  name: 'negotiates-meanwhile',
  title:
    'a phone that did not notice the running group negotiates: it is invited; two negotiate at once: both join',
  timeoutSeconds: 300,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      // The highest intent that Android has.
      lab.startAndroid({ number: 1, deviceName: 'Unaware', goIntent: 12 }),
      // Not Android: it does not ask first, and accepts an invitation while it negotiates.
      lab.startPhone({ number: 2, deviceName: 'Presser' }),
    ]);
    const host = await startSession(lab, {}, { dialogue: 'invited' });
    await groupOf(lab, host);
    const p2p = await box.p2p();

    lab.note('Android, which asks first, and has seen the box without its group');
    await inTime(lab, p2p, host, phone, async () => {
      await phone.tap(box.address, { unaware: true });
      await phone.typePin(PIN);
      await lab.until('it negotiates', 20, () => phone.state.is === 'joining');
      // The invitation opens the dialog again.
      await phone.typePin(PIN, 60);
      await phone.connected();
    });
    lab.note('a phone that does not ask first');
    await inTime(lab, p2p, host, other, async () => {
      await other.find(box.address);
      const from = other.control.mark();
      other
        .negotiateWithPin(box.address, PIN, { attempts: 1, seconds: 40, provision: false })
        .catch(() => {});
      await other.acceptInvitation(PIN, 60, from);
    });
    await host.stop();

    lab.note('the same by push button');
    const pressed = await startSession(lab, { pbc_in_use: true });
    await groupOf(lab, pressed);
    const from = other.control.mark();
    const negotiating = other.negotiateWithButton(box.address, { attempts: 1, seconds: 40 });
    negotiating.catch(() => {});
    await other.acceptInvitationByButton(60, from);
    await isStation(lab, pressed, other.address);
    await pressed.stop();

    lab.note('no group');
    const hook = lab.hookLog();
    await p2p.command('P2P_GROUP_REMOVE *');
    await other.waitGone(20);
    await Promise.all([phone.forget(), other.forget()]);
    const demand = await startSession(
      lab,
      { activate_persistent_group: false, dynamic_group: true, p2p_connect_opts: 'freq=2412' },
      { dialogue: 'negotiated', runProgram: hook.script },
    );
    await lab.until('the search', 30, () => demand.status.phase === 'idle');

    lab.note('the first types a wrong PIN: no group, stop_group after start_group, nothing left behind');
    await assert.rejects(phone.joinWithPin(box.address, '87654325', { attempts: 1, seconds: 30 }));
    await hook.expect(['stop_group'], 20);
    await lab.until('the search again', 20, () => demand.status.phase === 'idle');
    await lab.until('no interface left', 10, () => box.groupInterfaces().length === 0);
    assert.equal(demand.statistics.groupsStarted, 0);
    await phone.control.request('P2P_CANCEL');
    await phone.lookAnew();

    lab.note('both phones at once');
    await Promise.all([getIn(phone, box.address), getInMeanwhile(other, box.address)]);
    await Promise.all([isStation(lab, demand, phone.address, 60), isStation(lab, demand, other.address, 60)]);
    assert.equal(demand.statistics.groupsStarted, 1);
    assert.equal(demand.status.group?.frequency, 2412, 'the frequency in p2p_connect_opts');
    await Promise.all([phone.leave(), other.leave()]);
    await lab.until('the end of the group', 30, () => demand.status.phase === 'idle');
    await demand.stop();
  },
};

/** A phone joins by its negotiation, in time, and leaves. */
async function inTime(
  lab: Lab,
  p2p: ControlClient,
  host: HostP2pD,
  phone: Phone | AndroidPhone,
  join: () => Promise<unknown>,
): Promise<void> {
  const mark = p2p.mark();
  const asked = p2p.waitEvent(`P2P-GO-NEG-REQUEST ${phone.address}`, 60, mark);
  asked.catch(() => {});
  await join();
  await isStation(lab, host, phone.address);
  const took = lab.now() - (await asked).at;
  lab.note(`a station ${took.toFixed(1)} s after its request`);
  assert.ok(took < LIMIT_SECONDS, `${took}`);
  await phone.leave();
  await isGone(lab, host, phone.address);
  await phone.forget();
}

/**
 * One of them is answered, the other one invited into the group of the first. A phone that gets no answer, because the box is
 * already on the channel of the group, searches again: its user opens the screen again and taps the box.
 */
async function getIn(phone: AndroidPhone, owner: string): Promise<void> {
  for (let times = 0; times < 4 && !phone.joined; times++) {
    if (times > 0) {
      phone.cancel();
      await phone.lookAnew();
    }
    await phone.joinWithPin(owner, PIN, { attempts: 1 }).catch(() => {});
  }
}

/** The same; it accepts an invitation at any time. */
async function getInMeanwhile(phone: Phone, owner: string): Promise<void> {
  phone.acceptInvitation(PIN, 150, phone.control.mark()).catch(() => {});
  for (let times = 0; times < 4 && !phone.joined; times++) {
    if (times > 0) {
      await phone.control.request('P2P_CANCEL');
      await phone.lookAnew();
    }
    await phone.negotiateWithPin(owner, PIN, { seconds: 30, attempts: 1 }).catch(() => {});
  }
}

export default scenario;
