import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REAL } from '#src/setup/machine.js';
import { HOSTP2PD } from '../shipped-program.js';
import { supplicant } from './support.js';

/** `hostp2pd setup` of the built program, where it cannot do its work. What it does is played in the radio lab. */

function setup(args: readonly string[], uid?: number) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [HOSTP2PD, 'setup', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { status, text: stdout + stderr };
}

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

test('without root it says so, and how to look at the plan', () => {
  for (const args of [['--yes'], ['--undo'], []]) {
    const { status, text } = setup(args, isRoot ? NOBODY : undefined);
    assert.equal(status, 1, text);
    assert.match(text, /^hostp2pd: setup changes files .*: run it as root \(sudo hostp2pd setup\)/);
  }
});

test('without a terminal it asks nothing and names the options', { skip: !isRoot && 'needs root' }, () => {
  const { status, text } = setup([]);
  assert.equal(status, 2, text);
  for (const option of ['--yes', '--name', '--admission', '--pin', '--addresses', '--country', '--dry-run'])
    assert.ok(text.includes(option), option);
});

test('a wrong answer is refused before anything else', () => {
  const { status, text } = setup(['--yes', '--pin', '00000000']);
  assert.equal(status, 2);
  assert.match(text, /^hostp2pd: setup: --pin: the PIN 00000000 is one that everybody tries first/);
});

test('its options do not go with other commands', () => {
  const { status, stderr } = spawnSync(process.execPath, [HOSTP2PD, 'status', '--undo'], {
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.equal(stderr, 'hostp2pd: status: --undo goes with setup only\n');
});

test('nothing but setup holds the library that asks questions', () => {
  const packages: unknown = JSON.parse(
    readFileSync(new URL('../../../.build/packages.json', import.meta.url), 'utf8'),
  );
  const held = new Map(Object.entries(packages ?? {}));
  for (const name of ['@clack/prompts', '@clack/core', 'diff'])
    assert.deepEqual(held.get(`node_modules/${name}`), ['setup.cjs'], name);
});

test('a connection is back when the radio is connected, and has addresses as before', async (t) => {
  const fake = supplicant(t).serve('lo');
  let state = 'COMPLETED';
  fake.behave((command) =>
    command === 'STATUS' ? `mode=station\nssid=home\nid=0\nwpa_state=${state}\n` : undefined,
  );
  const { folder } = fake;
  const isBack = (radio: string, ...families: readonly ('IPv4' | 'IPv6')[]) =>
    REAL.isConnected({ folder, radio, families });
  assert.equal(await isBack('wlan0'), true);
  assert.equal(await REAL.isConnected({ folder, radio: 'lo' }), true, 'of a journal of an earlier version');
  assert.equal(await isBack('lo', 'IPv4'), true);
  assert.deepEqual(await isBack('wlan0', 'IPv4'), { missing: 'wlan0 has no IPv4 address yet' });
  state = 'ASSOCIATING';
  assert.deepEqual(await isBack('lo', 'IPv4'), { missing: 'lo connects' });
  state = 'DISCONNECTED';
  assert.equal(await isBack('lo', 'IPv4'), false);
});
