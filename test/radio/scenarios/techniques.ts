import assert from 'node:assert/strict';
import type { AndroidPhone } from '../guest/android-phone.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { HookLog } from '../guest/hook-log.js';
import type { Lab } from '../guest/lab.js';
import type { JoinedGroup } from '../guest/phone-device.js';

/** The manual's five techniques, each with two phones that join, leave and reconnect. */

type Method = 'pin' | 'button';

interface Technique {
  readonly name: string;
  readonly settings: readonly string[];
  /** It comes up without a request of a phone. */
  readonly standing: boolean;
  readonly persistent: boolean;
  /** It ends when its last station has left. */
  readonly passing: boolean;
}

const technique = (
  name: string,
  [persistent, autonomous, dynamic]: readonly [boolean, boolean, boolean],
): Technique => ({
  name,
  settings: [
    `  activate_persistent_group: ${persistent}`,
    `  activate_autonomous_group: ${autonomous}`,
    `  dynamic_group: ${dynamic}`,
  ],
  standing: !dynamic && (persistent || autonomous),
  persistent,
  passing: dynamic && !persistent,
});

const TECHNIQUES: readonly Technique[] = [
  technique('negotiated on demand', [false, false, true]),
  technique('autonomous on demand', [false, false, false]),
  technique('autonomous', [false, true, false]),
  technique('persistent on demand', [true, false, true]),
  technique('persistent', [true, false, false]),
];

export async function playTechniques(lab: Lab, method: Method): Promise<void> {
  const [box, first, second] = await Promise.all([
    lab.startBox({ group: LAB_GROUP }),
    lab.startAndroid({ number: 1, deviceName: 'First', hesitation: 1 }),
    lab.startAndroid({ number: 2, deviceName: 'Second', hesitation: 1 }),
  ]);
  const p2p = await box.p2p();
  for (const technique of TECHNIQUES) {
    lab.note(`technique: ${technique.name}, by ${method}`);
    await play(lab, { box, first, second, technique, method });
    await p2p.request('P2P_GROUP_REMOVE *');
    for (const phone of [first, second]) {
      if (phone.joined) await phone.waitGone(20);
      await phone.forget();
    }
    await lab.until('the end of all groups', 10, () => box.groupInterfaces().length === 0);
    await p2p.command('P2P_FLUSH');
  }
}

interface Cast {
  readonly box: Box;
  readonly first: AndroidPhone;
  readonly second: AndroidPhone;
  readonly technique: Technique;
  readonly method: Method;
}

async function play(lab: Lab, { box, first, second, technique, method }: Cast): Promise<void> {
  const { standing, persistent, passing } = technique;
  const hook = lab.hookLog(`hook-${technique.name.replaceAll(' ', '-')}`);
  const settings = [...technique.settings, ...(method === 'button' ? ['  pbc_in_use: true'] : [])];
  const daemon = startHostP2pD(lab, { hook, settings });
  // Without a group, the phone negotiates.
  const join = (phone: AndroidPhone): Promise<JoinedGroup> =>
    method === 'pin' ? phone.joinWithPin(box.address, PIN) : phone.joinWithButton(box.address);

  if (standing) await groupIsUp(daemon);
  else await daemon.waitOutput(/← P2P_FIND$/, 30, 0);
  if (!standing) assert.deepEqual(names(hook), ['started'], 'nothing is formed before a phone asks');

  await join(first);
  const connected = await connection(hook, first, 0);
  const group = connected.args[3] ?? '';
  assert.deepEqual(names(hook), ['started', 'start_group', 'connect']);
  if (persistent) assert.equal(connected.environment['HOSTP2PD_SSID'], LAB_GROUP.ssid);

  await join(second);
  assert.equal((await connection(hook, second, 0)).args[3], group, 'the same group');
  assert.equal((await box.stations(group)).length, 2);

  await first.leave();
  await hook.expect(['disconnect', first.address, first.deviceName, group], 20);
  assert.ok(second.joined, 'the group stays');
  await second.leave();
  await hook.expect(['disconnect', second.address, second.deviceName, group], 20);
  if (passing) {
    await hook.expect(['stop_group', group], 20);
    await lab.until(`the end of ${group}`, 10, () => !box.groupInterfaces().includes(group));
  }

  const mark = hook.mark();
  await first.lookAnew();
  if (persistent) {
    if (!standing) {
      await (await box.p2p()).command(`P2P_GROUP_REMOVE ${group}`);
      await hook.expect(['stop_group', group], 20, mark);
    }
    await first.rejoin(box.address);
  } else {
    await join(first);
  }
  const again = await connection(hook, first, mark);
  const restarted = names(hook, mark).filter((name) => name === 'start_group').length;
  assert.equal(restarted, passing || (persistent && !standing) ? 1 : 0);
  if (persistent) {
    assert.equal(again.environment['HOSTP2PD_SSID'], LAB_GROUP.ssid);
    const asked = daemon.output.filter(({ text }) => /asks to join/.test(text));
    assert.equal(asked.length, 2, 'it reconnected without enrolling again');
  }
  if (!passing) assert.ok(!names(hook).includes('stop_group') || (persistent && !standing));
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  // One stop_group for each start_group whose group has ended.
  assert.equal(names(hook).at(-1), 'terminated');
}

function connection(hook: HookLog, phone: AndroidPhone, mark: number): ReturnType<HookLog['waitCall']> {
  const what = `connect of ${phone.name}`;
  return hook.waitCall(({ args }) => args[0] === 'connect' && args[1] === phone.address, 20, mark, what);
}

function names(hook: HookLog, mark = 0): string[] {
  return hook.calls.slice(mark).map(({ args }) => args[0] ?? '');
}
