import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { watchSupplicantEnd } from '#src/host/supplicant-end.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { within } from '../../fakes/within.js';

/** A machine with two programs in control groups of their own: process 7, as described, and another one. */
function machine(
  t: TestContext,
  { name = 'wpa_supplicant', group = '/system.slice/wpa.service', members = '7\n' } = {},
) {
  const root = temporaryFolder(t);
  const plant = (pid: number, comm: string, path: string, procs: string): string => {
    const process = join(root, `proc/${pid}`);
    mkdirSync(process, { recursive: true });
    writeFileSync(join(process, 'stat'), `${pid} (${comm}) S ${'0 '.repeat(18)}77 0\n`);
    writeFileSync(join(process, 'cgroup'), `0::${path}\n`);
    const folder = join(root, 'sys/fs/cgroup', path);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cgroup.procs'), procs);
    writeFileSync(join(folder, 'cgroup.events'), 'populated 1\nfrozen 0\n');
    return folder;
  };
  const other = plant(8, 'sshd', '/system.slice/ssh.service', '8\n');
  const own = plant(7, name, group, members);
  let calls = 0;
  const watch = watchSupplicantEnd(() => calls++, root);
  t.after(() => watch?.close());
  return { watch, own, other, calls: () => calls };
}

test('the end of its service is reported; a change of another kind, and the end of another program, are not', async (t) => {
  const { watch, own, other, calls } = machine(t);
  assert.ok(watch);
  writeFileSync(join(own, 'cgroup.events'), 'populated 1\nfrozen 1\n');
  writeFileSync(join(other, 'cgroup.events'), 'populated 0\nfrozen 0\n');
  await setImmediate();
  assert.equal(calls(), 0);
  writeFileSync(join(own, 'cgroup.events'), 'populated 0\nfrozen 0\n');
  await within(2_000, 'the end', () => calls() > 0);
});

test('a service whose control group is removed has ended', async (t) => {
  const { own, calls } = machine(t);
  rmSync(own, { recursive: true });
  await within(2_000, 'the end', () => calls() > 0);
});

test('nothing is watched where the control group would not become empty, or none is known', (t) => {
  for (const surroundings of [
    // ifupdown: other programs in the same service.
    { members: '7\n9\n' },
    { group: '/' },
    { name: 'other' },
  ])
    assert.equal(machine(t, surroundings).watch, null, JSON.stringify(surroundings));
});

test('without /proc nothing is watched', (t) => {
  const root = temporaryFolder(t);
  assert.equal(
    watchSupplicantEnd(() => {}, root),
    null,
  );
});
