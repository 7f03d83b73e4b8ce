import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { watchSupplicantEnd } from '#src/host/supplicant-end.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { within } from '../../fakes/within.js';

const SERVICE = '/system.slice/wpa_supplicant.service';
const POPULATED = 'populated 1\nfrozen 0\n';

/** A machine with two programs: process 7 has the control socket, process 8 another one. */
function machine(t: TestContext, { name = 'wpa_supplicant', group = SERVICE, members = '7\n' } = {}) {
  const root = temporaryFolder(t);
  const sockets = join(root, 'run');
  mkdirSync(sockets);
  mkdirSync(join(root, 'proc/net'), { recursive: true });
  const row = (inode: number, path: string) => `0: 00000002 00000000 00000000 0002 01 ${inode} ${path}\n`;
  const server = join(sockets, 'wlan0');
  const rows = row(10, '') + row(11, server) + row(12, join(sockets, 'wlan1'));
  writeFileSync(join(root, 'proc/net/unix'), `Num RefCount Protocol Flags Type St Inode Path\n${rows}`);
  const plant = (pid: number, comm: string, inode: number) => {
    const folder = join(root, `proc/${pid}`);
    mkdirSync(join(folder, 'fd'), { recursive: true });
    writeFileSync(join(folder, 'stat'), `${pid} (${comm}) S ${'0 '.repeat(18)}77 0\n`);
    writeFileSync(join(folder, 'cgroup'), `0::${pid === 7 ? group : '/system.slice/other.service'}\n`);
    symlinkSync(`socket:[${inode}]`, join(folder, 'fd/3'));
  };
  plant(7, name, 11);
  plant(8, 'wpa_supplicant', 12);
  const cgroup = join(root, 'sys/fs/cgroup', group);
  mkdirSync(cgroup, { recursive: true });
  writeFileSync(join(cgroup, 'cgroup.procs'), members);
  writeFileSync(join(cgroup, 'cgroup.events'), POPULATED);
  let calls = 0;
  const watch = watchSupplicantEnd(server, () => calls++, root);
  t.after(() => watch?.close());
  return { watch, cgroup, calls: () => calls };
}

test('the end of its service is reported, a change of another kind is not', async (t) => {
  const { watch, cgroup, calls } = machine(t);
  assert.ok(watch);
  writeFileSync(join(cgroup, 'cgroup.events'), 'populated 1\nfrozen 1\n');
  writeFileSync(join(cgroup, 'cgroup.events'), 'populated 0\nfrozen 0\n');
  await within(2_000, 'the end', () => calls() > 0);
});

test('a service whose control group is removed has ended', async (t) => {
  const { cgroup, calls } = machine(t);
  rmSync(cgroup, { recursive: true });
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
    watchSupplicantEnd('/run/wpa_supplicant/wlan0', () => {}, root),
    null,
  );
});
