import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Lab } from '../guest/lab.js';
import { connectHome } from './host-network-manager.js';
import { setupScenario } from './setup-hosts.js';

const CONFIGURATION = '/etc/hostp2pd.yaml';

export default setupScenario({
  name: 'setup-network-manager',
  title: 'setup where NetworkManager keeps wlan0, which is connected to the home network',
  connect: connectHome,
  also: withoutAnswer,
});

/** Nothing is changed while wpa_supplicant does not answer: wlan0 would seem not to be connected. */
async function withoutAnswer(lab: Lab): Promise<void> {
  lab.note('wpa_supplicant does not answer: setup waits, and ends with the reason');
  const before = readFileSync(CONFIGURATION, 'utf8');
  const pid = await lab.units.mainPid('wpa_supplicant.service');
  process.kill(pid, 'SIGSTOP');
  try {
    const { code, stdout, stderr } = await lab.run({ command: 'hostp2pd', args: ['setup', '--yes'] }, 240);
    assert.equal(code, 1, stdout + stderr);
    assert.match(stderr, /setup: wpa_supplicant does not answer for (?:p2p-dev-)?wlan0$/m);
    assert.equal(stdout, '');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  assert.equal(readFileSync(CONFIGURATION, 'utf8'), before);
}
