import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEVICE, GROUP } from './fake-supplicant.js';
import { NotifySocket } from './notify-socket.js';
import { configuration, Place, writeConfiguration } from './place.js';
import type { Program } from './program.js';
import { eventually, supplicant, temporaryFolder } from './support.js';

const ARGUMENTS = ['-b', '-', '-d', '-i', DEVICE, '-c'];
const UP = 'STATUS=group "DIRECT-PP-group" at 2437 MHz, 0 stations';

function start(
  t: TestContext,
  notify: NotifySocket,
  config: string,
  env: NodeJS.ProcessEnv = {},
  place = new Place(t),
): Program {
  return place.start([...ARGUMENTS, config], { env: { NOTIFY_SOCKET: notify.path, ...env } });
}

test('messages: ready when attached, the status meanwhile, reload, end, and no others', async (t) => {
  const fake = supplicant(t);
  fake.close();
  const notify = new NotifySocket(t);
  const config = configuration(t, fake);
  const place = new Place(t);
  const program = start(t, notify, config, {}, place);
  await notify.got(
    /^STATUS=waiting since [\d:]{8}: wpa_supplicant serves nothing in .*; waits for an answer of wpa_supplicant, looked for every few seconds$/,
  );
  assert.deepEqual(
    notify.take().map((text) => text.slice(0, 15)),
    ['STATUS=no group', 'STATUS=waiting '],
  );

  fake.serve('wlan0', DEVICE);
  await notify.got(/^READY=1$/m);
  await notify.got(UP);
  const came = notify.take();
  assert.deepEqual(
    came.filter((text) => /^READY=1$/m.test(text)),
    [came.find((text) => text.startsWith('READY=1\nSTATUS='))],
  );
  assert.ok(came.every((text) => /^(?:READY=1\n)?STATUS=(?:no )?group[: ]/.test(text)));

  await fake.saw(`${GROUP} STA-FIRST`);
  fake.emit(GROUP, 'AP-STA-CONNECTED 02:00:00:00:01:00');
  await notify.got('STATUS=group "DIRECT-PP-group" at 2437 MHz, 1 station');
  fake.emit(GROUP, 'AP-STA-DISCONNECTED 02:00:00:00:01:00');
  await notify.got(UP);
  notify.take();

  const before = process.hrtime.bigint() / 1000n;
  program.signal('SIGHUP');
  await notify.got(`READY=1\n${UP}`);
  const [begun = '', ...rest] = notify.take();
  const [, usec = ''] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(begun) ?? [];
  assert.ok(BigInt(usec) >= before && BigInt(usec) <= process.hrtime.bigint() / 1000n, begun);
  assert.deepEqual(rest, [`READY=1\n${UP}`]);

  writeFileSync(config, 'hostp2pd:\n  pinn: x\n');
  program.signal('SIGHUP');
  const refused =
    /^READY=1\nSTATUS=group .*; configuration since [\d:]{8}: reload failed, the previous one is still in use: .*pinn/;
  await notify.got(refused);
  assert.equal(notify.take().length, 2);
  // The same for an operator's command, as -r sends it, which gets an answer as well.
  const asked = await place.run(['-r', '-i', DEVICE]);
  assert.equal(asked.code, 1);
  await notify.got(refused);
  assert.equal(notify.take().length, 2);
  writeConfiguration(config, fake, []);
  program.signal('SIGHUP');
  await notify.got(`READY=1\n${UP}`);
  notify.take();

  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.deepEqual(notify.take(), ['STOPPING=1\nSTATUS=stopping']);
});

test('the watchdog is fed, but not by a stopped process', async (t) => {
  const fake = supplicant(t);
  const notify = new NotifySocket(t);
  const program = start(t, notify, configuration(t, fake), { WATCHDOG_USEC: '200000' });
  await notify.got(/^READY=1$/m);
  const fed = () => notify.texts.filter((text) => text === 'WATCHDOG=1').length;
  const sofar = fed();
  await eventually(
    () => fed() >= sofar + 3,
    () => `fed ${fed()} times`,
  );
  program.signal('SIGSTOP');
  const state = () => readFileSync(`/proc/${program.child.pid}/stat`, 'utf8').split(') ')[1]?.[0];
  await eventually(
    () => state() === 'T',
    () => `state ${state()}`,
  );
  // Datagrams are delivered before kill(2) has any effect, so none is in flight.
  const [last, until] = [fed(), performance.now() + 1_000];
  await eventually(
    () => performance.now() > until,
    () => 'a second',
  );
  assert.ok(fed() <= last + 1, `fed ${fed() - last} times by a stopped process`);
  program.signal('SIGCONT');
  await eventually(
    () => fed() > last + 1,
    () => 'fed again',
  );
  program.signal('SIGTERM');
  assert.equal((await program.ended()).code, 0);
});

test('a watchdog for another pid is not fed', async (t) => {
  const fake = supplicant(t);
  const notify = new NotifySocket(t);
  const program = start(t, notify, configuration(t, fake), { WATCHDOG_USEC: '2000', WATCHDOG_PID: '1' });
  await notify.got(UP);
  program.signal('SIGTERM');
  assert.equal((await program.ended()).code, 0);
  assert.ok(!notify.texts.includes('WATCHDOG=1'));
});

test('an error before READY=1 is sent as STATUS, and READY=1 is never sent', async (t) => {
  const fake = supplicant(t);
  const notify = new NotifySocket(t);
  const config = configuration(t, fake, ['pinn: x']);
  assert.equal((await start(t, notify, config).ended()).code, 2);
  const [first, last = '', ...more] = notify.take();
  assert.match(first ?? '', /^STATUS=no group since [\d:]{8}: starting; waits for the configuration$/);
  assert.match(last, /^STOPPING=1\nSTATUS=failed: configuration .*pinn.*$/);
  assert.deepEqual(more, []);
});

test('hooks do not inherit NOTIFY_SOCKET, nor the options of Node.js that the unit sets', async (t) => {
  const fake = supplicant(t);
  const notify = new NotifySocket(t);
  const folder = temporaryFolder(t);
  const [hook, out] = [join(folder, 'hook'), join(folder, 'environment')];
  writeFileSync(hook, `#!/bin/sh\nenv >> ${out}\n`);
  chmodSync(hook, 0o755);
  const config = configuration(t, fake, [`run_program: ${hook}`]);
  const program = start(t, notify, config, {
    WATCHDOG_USEC: '2000000',
    NODE_OPTIONS: '--v8-pool-size=1',
    HOSTP2PD_NODE_OPTIONS: '--v8-pool-size=1',
  });
  await notify.got(UP);
  program.signal('SIGTERM');
  assert.equal((await program.ended()).code, 0);
  const environment = readFileSync(out, 'utf8');
  assert.match(environment, /^HOSTP2PD_EVENT=terminated$/m);
  assert.doesNotMatch(environment, /^(?:NOTIFY|WATCHDOG)_|NODE_OPTIONS/m);
});

test('a service manager that is gone, or unreachable, is only a log line', async (t) => {
  for (const [socket, line] of [
    ['/nonexistent/notify', /warning.*cannot notify systemd: \/nonexistent\/notify: there is no such file/g],
    ['@hostp2pd-test', /warning.*NOTIFY_SOCKET: expected an absolute path, got "@hostp2pd-test"/g],
  ] as const) {
    const fake = supplicant(t);
    const program = new Place(t).start([...ARGUMENTS, configuration(t, fake)], {
      env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000' },
    });
    await program.wrote(/group "DIRECT-PP-group" at 2437 MHz is up/);
    program.signal('SIGTERM');
    assert.equal((await program.ended()).code, 0);
    assert.equal((program.stdout + program.stderr).match(line)?.length, 1, program.stdout + program.stderr);
  }
});
