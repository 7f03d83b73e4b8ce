import assert from 'node:assert/strict';
import { LAB_GROUP } from '../guest/box.js';
import { DEVICE, GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';

const scenario: Scenario = {
  name: 'beside-wpa-cli',
  title: 'wpa_cli at the same time disturbs nobody and is not disturbed; a reload keeps the phone connected',
  timeoutSeconds: 180,
  async run(lab) {
    const hook = lab.hookLog();
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startPhone({ number: 1, deviceName: 'Phone' }),
    ]);
    const cli = lab.startDaemon({ name: 'wpa_cli', command: 'wpa_cli', args: ['-i', DEVICE], input: true });
    await cli.waitOutput(/Interactive mode/, 10, 0);
    const daemon = startHostP2pD(lab, { hook });
    await groupIsUp(daemon);
    await cli.waitOutput(/P2P-GROUP-STARTED/, 10, 0);

    const joining = phone.joinWithPin(box.address, PIN);
    // A person asks this and that while the phone joins.
    for (let i = 0; i < 20; i++) {
      const mark = cli.mark();
      cli.write('ping\n');
      await cli.waitOutput(/PONG/, 10, mark);
      cli.write('list_networks\n');
      await cli.waitOutput(new RegExp(LAB_GROUP.ssid), 10, mark);
      cli.write('p2p_peers\n');
    }
    await joining;
    await hook.expect(['connect', phone.address, 'Phone', GROUP], 10);
    await cli.waitOutput(/AP-STA-CONNECTED/, 10, 0);

    const group = await lab.run({ command: 'wpa_cli', args: ['-i', GROUP, 'status'] });
    assert.match(group.stdout, /mode=P2P GO/);
    const before = await lab.run({ command: 'wpa_cli', args: ['-i', DEVICE, 'ping'] });
    assert.match(before.stdout, /PONG/);

    lab.note('reload');
    const mark = daemon.mark();
    daemon.signal('SIGHUP');
    await daemon.waitOutput(/configuration reloaded/, 10, mark);
    await daemon.waitOutput(/← SET config_methods keypad/, 10, mark);
    assert.deepEqual((await box.stations(GROUP)).length, 1, 'the phone is still connected');
    assert.ok(phone.joined);
    assert.ok(!hook.calls.some(({ args }) => args[0] === 'disconnect' || args[0] === 'stop_group'));

    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    const after = cli.mark();
    cli.write('ping\n');
    await cli.waitOutput(/PONG/, 10, after);
    cli.write('quit\n');
    assert.equal((await cli.waitExit(10)).code, 0);
  },
};

export default scenario;
