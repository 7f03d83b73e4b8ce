import assert from 'node:assert/strict';
import type { AndroidPhone } from '../guest/android-phone.js';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';

/** Android leaves a group whose owner is gone for so long (`p2p_group_idle`), and does not come back by itself. */
const LIMIT_SECONDS = 10;

/** G in native-notes/android.md. */
const scenario: Scenario = {
  name: 'android-ten-seconds',
  title:
    'Android stays in the group at a reload, a restart of hostp2pd, a channel move and a crash of wpa_supplicant, not at its end',
  timeoutSeconds: 300,
  async run(lab) {
    const hook = lab.hookLog();
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
    ]);
    const start = () => startHostP2pD(lab, { hook, settings: ['  p2p_group_add_opts: freq=2412'] });
    let daemon = start();
    await groupIsUp(daemon);
    await phone.joinWithPin(box.address, PIN);

    const gaps = new Map<string, number>();
    const measure = async (what: string, disturb: () => Promise<unknown>): Promise<void> => {
      lab.note(what);
      const mark = phone.control.mark();
      await disturb();
      gaps.set(what, await gapSeen(lab, phone, mark));
    };

    await measure('reload', async () => {
      const mark = daemon.mark();
      daemon.signal('SIGHUP');
      await daemon.waitOutput(/configuration reloaded/, 20, mark);
    });
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await measure(`hostp2pd ends by ${signal} and is started again`, async () => {
        const calls = hook.mark();
        await daemon.stop(15, signal);
        daemon = start();
        await groupIsUp(daemon);
        await hook.expect(['connect', phone.address, 'Pixel', GROUP], 20, calls);
      });
    }
    const channelIs = (accepts: (mhz: string | undefined) => boolean) =>
      lab.until('the other channel', 20, async () =>
        accepts((await (await box.on(GROUP)).fields('STATUS')).get('freq')),
      );
    await measure('the channel is switched', async () => {
      await box.switchChannel(GROUP, 2462);
    });
    await measure('the channel is forbidden', async () => {
      await (await box.p2p()).command('P2P_SET disallow_freq 2462');
      await channelIs((mhz) => mhz !== '2462');
    });
    const restarted = (signal: 'SIGTERM' | 'SIGKILL') => async () => {
      const mark = daemon.mark();
      await box.restart(signal);
      await groupIsUp(daemon, 30, mark);
    };
    await measure('wpa_supplicant crashes and is started again', restarted('SIGKILL'));
    const table = [...gaps].map(([what, seconds]) => `${what}: ${seconds.toFixed(1)} s`);
    lab.report = table.join('\n');
    const moved = (what: string) => gaps.get(what) ?? Number.NaN;
    lab.overcome('the group moves to another channel (CSA)', 'nothing', moved('the channel is switched'));
    lab.overcome('the channel of the group is forbidden', 'nothing', moved('the channel is forbidden'));
    for (const [what, seconds] of gaps) assert.ok(seconds <= LIMIT_SECONDS, `${what}: ${seconds}`);

    // wpa_supplicant ends its group with "deauthenticated because leaving", and the phone's ends its own at once.
    await measure('wpa_supplicant ends by SIGTERM: the phone is told that the group has ended', async () => {
      await restarted('SIGTERM')();
      assert.equal(phone.state.is, 'idle');
    });
    lab.note('its user taps the box again');
    await phone.rejoin(box.address);
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  },
};

/**
 * For how long the phone was not connected since `mark`: from its first loss of the connection to its last return.
 * Infinity: it has left the group.
 */
async function gapSeen(lab: Lab, phone: AndroidPhone, mark: number): Promise<number> {
  const since = () => phone.control.since(mark).filter(({ ifname }) => ifname !== undefined);
  const at = (pattern: RegExp) =>
    since()
      .filter(({ text }) => pattern.test(text))
      .map((event) => event.at);
  // A phone that has noticed nothing yet is given the time for it.
  const quietUntil = lab.now() + 5;
  return lab.until('the phone connected, or without the group', 40, () => {
    if (phone.state.is !== 'connected') return Number.POSITIVE_INFINITY;
    const [lost, back] = [at(/^CTRL-EVENT-DISCONNECTED /), at(/^CTRL-EVENT-CONNECTED /)];
    const [first, last] = [lost[0], back.at(-1)];
    if (first === undefined) return lab.now() >= quietUntil ? 0 : undefined;
    return last !== undefined && last > (lost.at(-1) ?? 0) ? last - first : undefined;
  });
}

export default scenario;
