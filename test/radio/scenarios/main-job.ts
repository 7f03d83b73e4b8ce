import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, groupIsUp, loggedAt, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { playsBack } from '../guest/session.js';

const scenario: Scenario = {
  name: 'main-job',
  title:
    'the group comes up, a phone joins by PIN, leaves, reconnects without one; the hooks run; a clean end',
  timeoutSeconds: 180,
  async run(lab) {
    const name = "Pi'xel p2p_dev_addr=00:11:22:33";
    const hook = lab.hookLog();
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: name }),
    ]);
    lab.note(`hostp2pd starts; a phone called ${JSON.stringify(name)} is near`);
    const recording = join(lab.results, 'main-job.jsonl');
    const daemon = startHostP2pD(lab, { hook, args: ['--record', recording] });
    await groupIsUp(daemon);

    const attached = loggedAt(daemon, /attached to wpa_supplicant/);
    const announced = loggedAt(daemon, /→ announcing/);
    const hookDone = loggedAt(daemon, /announcing → forming/);
    const profile = await box.profile();
    const asked = loggedAt(daemon, new RegExp(`← P2P_GROUP_ADD persistent=${profile}`));
    const started = await hook.expect(['start_group', profile], 5);
    assert.deepEqual(hook.calls[0]?.args, ['started']);
    assert.ok(hookDone <= asked, 'the hook start_group ends before P2P_GROUP_ADD');
    assert.equal(started.environment['HOSTP2PD_SSID'], LAB_GROUP.ssid);

    lab.note(`the phone's user picks the box and types the PIN ${PIN}`);
    const joined = await phone.joinWithPin(box.address, PIN);
    assert.match(joined.event, new RegExp(LAB_GROUP.ssid));
    const call = await hook.expect(['connect', phone.address, name, GROUP], 10);
    assert.equal(call.environment['HOSTP2PD_STATION_NAME'], name);
    assert.notEqual(call.environment['HOSTP2PD_STATION_INTERFACE_ADDRESS'], phone.address);
    assert.equal(call.environment['HOSTP2PD_GROUP_INTERFACE'], GROUP);

    lab.note('the phone leaves');
    await phone.leave();
    await hook.expect(['disconnect', phone.address, name, GROUP], 20);
    assert.deepEqual(box.groupInterfaces(), [GROUP], 'the group stays');

    lab.note('the phone comes back: it saved the group, so no PIN is typed');
    const events = await box.on(GROUP);
    const [mark, calls] = [events.mark(), hook.mark()];
    await phone.rejoin(box.address);
    await hook.expect(['connect', phone.address, name, GROUP], 20, calls);
    const enrolments = events.since(mark).filter(({ text }) => text.startsWith('WPS-REG-SUCCESS'));
    assert.deepEqual(enrolments, [], 'a phone that saved the group needs no WPS');

    lab.note('hostp2pd ends; the group stays up');
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    assert.deepEqual(hook.calls.at(-1)?.args, ['terminated']);
    assert.equal(
      hook.calls.filter(({ args }) => args[0] === 'connect').length,
      2,
      'one hook for each connection',
    );
    const left = existsSync('/run/hostp2pd') ? readdirSync('/run/hostp2pd') : [];
    assert.deepEqual(left, []);
    assert.deepEqual(box.groupInterfaces(), [GROUP], 'a group that is up stays up at the end');

    lab.note('the session was recorded, and plays back');
    assert.ok(playsBack(recording) > 30);

    // For information: an emulated processor beside another measures the load. The benchmark has bounds for it.
    const ours = announced - attached + (asked - hookDone);
    lab.note(`P2P_GROUP_ADD came ${ours} ms after the attachment, without the hooks`);
  },
};

export default scenario;
