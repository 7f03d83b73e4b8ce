import assert from 'node:assert/strict';
import { connectByIfupdown, IFUPDOWN_PACKAGES } from './host-ifupdown.js';
import { shell } from './hosts.js';
import { run } from './network-manager-host.js';
import { setupScenario } from './setup-hosts.js';

export default setupScenario({
  name: 'setup-ifupdown',
  title: 'setup where ifupdown has connected wlan0 to the home network',
  packages: IFUPDOWN_PACKAGES,
  connect: connectByIfupdown,
  async also(lab) {
    lab.note('wlan0 is down: its configuration in ifupdown is seen');
    await run(lab, 'ifdown', 'wlan0');
    const { code, stderr } = await lab.run({ command: 'hostp2pd', args: ['setup', '--yes'] }, 120);
    assert.equal(code, 1, stderr);
    const [, fix = ''] = /ifupdown connects wlan0 .* Fix: sudo (.*?);/.exec(stderr) ?? [];
    assert.ok(fix, stderr);
    await shell(lab, fix);
    assert.match(
      await run(lab, 'hostp2pd', 'setup', '--dry-run'),
      /the wpa_supplicant of ifupdown serves it/,
    );
  },
});
