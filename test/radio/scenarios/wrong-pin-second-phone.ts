import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { LAB_GROUP } from '../guest/box.js';
import { GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';

const scenario: Scenario = {
  name: 'wrong-pin-second-phone',
  title:
    'a phone with a wrong PIN does not join and does not block others; a second phone joins while the first is connected',
  timeoutSeconds: 240,
  async run(lab) {
    const names = ['x;touch /tmp/p', '$(id)'] as const;
    const hook = lab.hookLog();
    const [box, first, second] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: names[0] }),
      lab.startAndroid({ number: 2, deviceName: names[1] }),
    ]);
    const daemon = startHostP2pD(lab, { hook });
    await groupIsUp(daemon);

    await assert.rejects(first.joinWithPin(box.address, '87654325', { attempts: 1, seconds: 30 }));
    await daemon.waitOutput(/warning .*wrong PIN/, 10, 0);
    assert.ok(!hook.calls.some(({ args }) => args[0] === 'connect'), 'no station is connected');

    await first.joinWithPin(box.address, PIN);
    await hook.expect(['connect', first.address, names[0], GROUP], 10);

    await second.joinWithPin(box.address, PIN);
    await hook.expect(['connect', second.address, names[1], GROUP], 10);
    assert.equal((await box.stations(GROUP)).length, 2, 'both are connected');
    assert.equal(existsSync('/tmp/p'), false, 'a device name is never executed');

    await first.leave();
    await hook.expect(['disconnect', first.address, names[0], GROUP], 20);
    assert.ok(second.joined, 'the other phone stays connected');
    // No DHCP server runs in this scenario.
    await daemon.waitOutput(
      /warning .*got no (?:IPv4 )?address within 20 s: no server gives addresses/,
      30,
      0,
    );
    const calls = hook.calls.map(({ args }) => args[0]);
    assert.deepEqual(calls, ['started', 'start_group', 'connect', 'connect', 'disconnect']);
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  },
};

export default scenario;
