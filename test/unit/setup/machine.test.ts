import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { addressFamilies, runCommand } from '#src/setup/machine.js';
import { readProcess } from '#src/system/processes.js';
import { within } from '../../fakes/within.js';

test('a command that fails is told with its reason, and without what setup puts before it', async () => {
  await assert.rejects(runCommand(['ls', '/no such folder']), {
    code: 'STATE',
    message: /^ls '\/no such folder': ls: cannot access '\/no such folder': /,
  });
  await runCommand(['true']);
});

test('a command ends with setup, whose next run puts back what this one has begun', async (t) => {
  const source = `import { runCommand } from ${JSON.stringify(import.meta.resolve('#src/setup/machine.js'))};
await runCommand(['sleep', '600']);`;
  const setup = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
  t.after(() => setup.kill('SIGKILL'));
  const { pid = 0 } = setup;
  const children = () =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  // nohup and setpriv become it.
  const isSleep = (child: number) => readProcess(child)?.name === 'sleep';
  await within(30_000, 'the command', () => children().some(isSleep));
  const [command = 0] = children();
  t.after(() => void (readProcess(command)?.name === 'sleep' && process.kill(command, 'SIGKILL')));
  setup.kill('SIGKILL');
  await within(30_000, 'its end', () => readProcess(command) === null);
});

test('the addresses by which a radio is reached: not those that it gives itself without a network', () => {
  const address = (family: 'IPv4' | 'IPv6', text: string) => ({
    address: text,
    family,
    netmask: '',
    mac: '',
    internal: false,
    cidr: null,
    ...(family === 'IPv6' ? { scopeid: 0 } : {}),
  });
  const families = (...texts: readonly string[]) => {
    const wlan0 = texts.map((text) => address(text.includes(':') ? 'IPv6' : 'IPv4', text));
    return addressFamilies('wlan0', { wlan0 } as ReturnType<typeof networkInterfaces>);
  };
  assert.deepEqual(families('192.168.1.7', '2001:db8::7', 'fe80::1', '10.0.0.1'), ['IPv4', 'IPv6']);
  assert.deepEqual(families('169.254.3.4', 'fe80::1'), []);
  assert.deepEqual(addressFamilies('wlan0', {}), []);
});
