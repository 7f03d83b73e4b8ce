import assert from 'node:assert/strict';
import { chmodSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { examine } from '#src/doctor/examine.js';
import type { Finding } from '#src/doctor/report.js';
import { askControl } from '#src/host/ask-control.js';
import { HostP2pError } from '#src/system/errors.js';
import type { Outcome } from '#src/wpa/channel.js';
import { DEVICE, type FakeSupplicant } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { INTERFACE, reasonToSkip, Supplicant } from './real-supplicant.js';
import { next, ownSockets, session, supplicant, temporaryFolder } from './support.js';

const skip = reasonToSkip();

/** The findings with this control folder, by check. */
async function found(t: TestContext, controlFolder: string): Promise<ReadonlyMap<string, Finding>> {
  const configFile = join(temporaryFolder(t), 'hostp2pd.yaml');
  writeFileSync(configFile, `pin: "52107733"\nctrl_interface: ${controlFolder}\n`, { mode: 0o600 });
  const { findings } = await examine({ configFile });
  return new Map(findings.map((finding) => [finding.check, finding]));
}

function codeOf(outcome: Outcome | undefined): string | undefined {
  return outcome && 'error' in outcome ? outcome.error.code : undefined;
}

test('requests are answered in order, and none of our sockets is left', async (t) => {
  const fake = supplicant(t);
  fake.behave((command) => (command.startsWith('GET ') ? `<${command}>` : undefined));
  const outcomes = await askControl(fake.folder, DEVICE, ['PING', 'GET a', 'GET b']);
  assert.deepEqual(outcomes, [{ reply: 'PONG\n' }, { reply: '<GET a>' }, { reply: '<GET b>' }]);
  assert.deepEqual(ownSockets(), []);
  await fake.detached();
});

test('requests without a reply end in time, and earlier replies are kept', async (t) => {
  const fake = supplicant(t);
  fake.behave((command) => (command === 'GET b' ? null : undefined));
  const [first, second, third] = await askControl(fake.folder, DEVICE, ['PING', 'GET b', 'PING'], 200);
  assert.deepEqual(first, { reply: 'PONG\n' });
  assert.deepEqual([codeOf(second), codeOf(third)], ['CONTROL_TIMEOUT', 'CONTROL_TIMEOUT']);
  assert.deepEqual(ownSockets(), []);
});

test('no socket, and a request that is not allowed, are reported', async (t) => {
  const fake = supplicant(t);
  assert.equal(codeOf((await askControl(fake.folder, 'wlan9', ['PING']))[0]), 'CONTROL_UNAVAILABLE');
  const [refused] = await askControl(fake.folder, DEVICE, ['SET a\nb']);
  assert.ok(refused && 'error' in refused && refused.error instanceof HostP2pError);
  assert.equal(codeOf(refused), 'COMMAND_INVALID');
  assert.deepEqual(await askControl(fake.folder, DEVICE, []), []);
  assert.deepEqual(ownSockets(), []);
});

/** Waits until the session has finished its own requests. */
async function quiet(fake: FakeSupplicant): Promise<void> {
  for (let seen = -1; seen !== fake.commands.length; ) {
    seen = fake.commands.length;
    await setTimeout(300);
  }
}

test('a running session is not disturbed: no request that changes anything, no attachment, no event', async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake);
  if (!host.status.group) await next(host, 'groupStarted');
  await quiet(fake);
  const sockets = ownSockets();
  const before = fake.commands.length;
  const events: string[] = [];
  const offs = (['detached', 'waiting', 'groupRemoved', 'attached'] as const).map((type) =>
    host.on(type, () => events.push(type)),
  );
  const findings = await found(t, fake.folder);
  assert.equal(findings.get('control-socket')?.level, 'ok');
  assert.match(
    findings.get('p2p-device')?.message ?? '',
    /^p2p-dev-wlan0, device address 42:00:00:00:00:00$/,
  );
  for (const entry of fake.commands.slice(before))
    assert.match(
      entry,
      /^\S+ (STATUS|INTERFACES|P2P_PEER FIRST|GET [\w-]+|GET_CAPABILITY key_mgmt|ATTACH|DETACH|LEVEL [23])$/,
    );
  assert.deepEqual(events, []);
  assert.deepEqual(ownSockets(), sockets);
  assert.notEqual(host.status.group, null);
  for (const off of offs) off();
});

test('the real wpa_supplicant without Wi-Fi Direct; killed; and started again', { skip }, async (t) => {
  const real = new Supplicant(temporaryFolder(t));
  t.after(() => real.end('SIGKILL'));
  await real.started();
  const running = await found(t, real.controlFolder);
  for (const check of [
    'supplicant-running',
    'supplicant-version',
    'control-folder',
    'control-socket',
    'client-folder',
  ])
    assert.equal(running.get(check)?.level, 'ok', check);
  assert.match(running.get('supplicant-version')?.message ?? '', /wpa_supplicant \d+\.\d+/);
  assert.equal(running.get('p2p-device')?.level, 'error');
  assert.match(running.get('p2p-device')?.message ?? '', new RegExp(`STATUS of ${INTERFACE} shows no`));

  await real.end('SIGKILL');
  const killed = await found(t, real.controlFolder);
  assert.equal(killed.get('control-socket')?.level, 'error');
  assert.match(killed.get('control-socket')?.message ?? '', /ctrl\/lo is left over/);
  rmSync(real.socket);

  await real.started();
  assert.equal((await found(t, real.controlFolder)).get('control-socket')?.level, 'ok');
});

test('a wpa_supplicant that hangs does not block the doctor', { skip }, async (t) => {
  const real = new Supplicant(temporaryFolder(t));
  t.after(() => real.end('SIGKILL'));
  await real.started();
  real.signal('SIGSTOP');
  const findings = await found(t, real.controlFolder);
  assert.match(findings.get('control-socket')?.message ?? '', /does not answer/);
  assert.deepEqual(ownSockets(), []);
  real.signal('SIGCONT');
});

test('doctor --fix: the permissions of the file are put right, and told; the report is that of afterwards', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const file = configuration(t, fake, ['pin: "52107733"']);
  chmodSync(file, 0o644);
  const args = ['doctor', '--fix', '--yes', '--json', '-c', file];
  const mode = () => (statSync(file).mode & 0o777).toString(8);
  if (process.geteuid?.() !== 0) {
    const refused = await place.run([...args, 'config-permissions']);
    assert.deepEqual([refused.code, mode()], [2, '644']);
    assert.match(refused.stderr, /run it as root/);
    return;
  }
  const unasked = await place.run(['doctor', '--fix', '-c', file, 'config-permissions']);
  assert.deepEqual([unasked.code, mode()], [2, '644'], 'without a terminal and --yes nothing is done');
  assert.match(unasked.stderr, /in a terminal, or with --yes/);
  const misspelt = await place.run([...args, 'config-permission']);
  assert.deepEqual([misspelt.code, mode()], [2, '644']);
  const fixed = await place.run([...args, 'config-permissions']);
  assert.equal(mode(), '600', fixed.stderr);
  assert.match(fixed.stderr, /^config-permissions: .*mode 0644\)\n {2}run: sudo chmod 600 '\//);
  const { findings } = JSON.parse(fixed.stdout);
  const levels = findings.flatMap(({ check, level }: { check: string; level: string }) => {
    return check === 'config-permissions' ? [level] : [];
  });
  assert.deepEqual(levels, ['ok']);
  assert.match((await place.run(['doctor', '--yes'])).stderr, /doctor: --yes goes with --fix only/);
  assert.match((await place.run(['stations', '--fix'])).stderr, /stations: --fix goes with doctor only/);
});
