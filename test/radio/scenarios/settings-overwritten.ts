import assert from 'node:assert/strict';
import { groupIsUp, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { setDeviceName } from '../guest/system-bus.js';

const scenario: Scenario = {
  name: 'settings-overwritten',
  title:
    'another program changes the device name over D-Bus, as NetworkManager does, and the method: both come back',
  timeoutSeconds: 240,
  async run(lab) {
    const box = await lab.startBox({ service: true });
    const daemon = startHostP2pD(lab, { settings: ['  config_parms: { device_name: Box }'] });
    await groupIsUp(daemon);
    const p2p = await box.p2p();
    const events = p2p.mark();
    assert.equal(await p2p.request('GET device_name'), 'Box');

    lab.note('the name is changed over D-Bus, without an event');
    let mark = daemon.mark();
    await setDeviceName(lab, 'raspberrypi');
    assert.equal(await p2p.request('GET device_name'), 'raspberrypi');
    await daemon.waitOutput(
      / warning another program has set device_name to "raspberrypi"; it is set/,
      90,
      mark,
    );
    await lab.until('the name again', 10, async () => (await p2p.request('GET device_name')) === 'Box');

    lab.note('the method is changed');
    mark = daemon.mark();
    const methods = await p2p.request('GET config_methods');
    await p2p.command('SET config_methods virtual_push_button');
    await daemon.waitOutput(/ warning another program has changed config_methods/, 90, mark);
    await lab.until(
      'the method again',
      10,
      async () => (await p2p.request('GET config_methods')) === methods,
    );
    assert.doesNotMatch(
      p2p
        .since(events)
        .map(({ text }) => text)
        .join('\n'),
      /device_name|raspberrypi|config_methods/,
    );
    assert.doesNotMatch((await lab.run({ args: ['status'] })).stdout, /^problem: /m);
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  },
};

export default scenario;
