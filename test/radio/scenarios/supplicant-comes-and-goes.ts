import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';

const scenario: Scenario = {
  name: 'supplicant-comes-and-goes',
  title: 'waits for wpa_supplicant, starts a removed group again, and gets over SIGKILL and a restart',
  timeoutSeconds: 240,
  async run(lab) {
    const hook = lab.hookLog();
    const daemon = startHostP2pD(lab, { hook });
    await daemon.waitOutput(/warning .*waiting$/, 15, 0);
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1, deviceName: 'Phone' }),
    ]);
    await groupIsUp(daemon);
    const waiting = daemon.output.filter(({ text }) => / warning .*; waiting$/.test(text));
    const reasons = waiting.map(({ text }) => text.replace(/^\S+ /, ''));
    assert.equal(new Set(reasons).size, reasons.length, `each reason is told once: ${reasons.join('\n')}`);

    lab.note('somebody removes the group');
    let mark = daemon.mark();
    await (await box.p2p()).command(`P2P_GROUP_REMOVE ${GROUP}`);
    await hook.expect(['stop_group', GROUP], 10);
    await groupIsUp(daemon, 20, mark);
    const again = box.groupInterfaces()[0] ?? '';

    await phone.joinWithPin(box.address, PIN);
    await hook.expect(['connect', phone.address, 'Phone', again], 10);

    lab.note('wpa_supplicant crashes');
    mark = daemon.mark();
    await box.kill();
    await hook.expect(['disconnect', phone.address, 'Phone', again], 30);
    await hook.expect(['stop_group', again], 10);
    await box.start();
    await groupIsUp(daemon, 30, mark);
    const starts = hook.calls.filter(({ args }) => args[0] === 'start_group');
    assert.equal(starts.length, 3);
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  },
};

export default scenario;
