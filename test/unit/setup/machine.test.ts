import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runCommand } from '#src/setup/machine.js';
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
