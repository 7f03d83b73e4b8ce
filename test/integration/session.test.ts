import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { test } from 'node:test';
import { HostP2pD } from '#src/host/host.js';
import { HostP2pError } from '#src/system/errors.js';
import { DEVICE, GROUP, LINES } from './fake-supplicant.js';
import {
  eventually,
  hookProgram,
  next,
  OWN_FOLDER,
  ownSockets,
  session,
  supplicant,
  temporaryFolder,
} from './support.js';

const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const asks = (name: string) =>
  `P2P-PROV-DISC-SHOW-PIN ${PHONE} 99129897 p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='${name}' ` +
  `config_methods=0x188 dev_capab=0x25 group_capab=0x0 group=${GROUP}`;
const SEEN = `WPS-ENROLLEE-SEEN ${STATION} 572cf82f-c957-5653-9b16-b5cfb298abf1 0-00000000-0 0x3148 0 1 [ ]`;
const JOINS = `AP-STA-CONNECTED ${STATION} p2p_dev_addr=${PHONE}`;

test('the main job: the group comes up, a phone joins by PIN, the hooks run in order, nothing is left behind', async (t) => {
  const fake = supplicant(t);
  const hook = hookProgram(temporaryFolder(t));
  const { host } = await session(t, fake, { pin: '12345670' }, { runProgram: hook.path });
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  const name = 'x;touch /tmp/p $(id)';
  fake.emit(DEVICE, asks(name));
  await next(host, 'enrolmentRequested');
  fake.emit(GROUP, SEEN);
  await fake.saw(`${GROUP} WPS_PIN ${STATION} 12345670 120`);
  const connected = next(host, 'stationConnected');
  for (const socket of [DEVICE, GROUP]) fake.emit(socket, JOINS);
  assert.deepEqual((await connected).station, {
    address: STATION,
    deviceAddress: PHONE,
    name,
    ip: null,
    ipv6: null,
  });
  assert.equal(host.stations.length, 1);
  assert.equal(host.status.phase, 'running');
  assert.equal(host.peers.get(PHONE)?.name, name);
  await host.stop();
  assert.deepEqual(
    hook.calls().map(({ args }) => args),
    [['started'], ['start_group', '0'], ['connect', PHONE, name, GROUP], ['terminated']],
  );
  const facts = hook.calls()[2]?.facts ?? {};
  assert.equal(facts['HOSTP2PD_STATION_NAME'], name);
  assert.equal(facts['HOSTP2PD_STATION_INTERFACE_ADDRESS'], STATION);
  assert.equal(facts['HOSTP2PD_SSID'], 'DIRECT-PP-group');
  assert.equal(facts['HOSTP2PD_INTERFACE'], DEVICE);
  assert.ok(fake.commands.indexOf(`${DEVICE} P2P_GROUP_ADD persistent=0`) > 0);
  assert.ok(!fake.commands.some((command) => command.includes('P2P_GROUP_REMOVE')));
  assert.deepEqual(ownSockets(), []);
  await fake.detached();
});

test('P2P_GROUP_ADD is sent after the hook start_group has ended; a hook that hangs is killed first', async (t) => {
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  const hook = hookProgram(folder);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(hook.path, '#!/bin/sh\n[ "$1" != start_group ] || sleep 1000\n');
  const { host, log } = await session(t, fake, { hook_timeout_secs: 1 }, { runProgram: hook.path });
  await next(host, 'groupStarted');
  assert.ok(log.matching(/start_group/).length > 0, log.lines.join('\n'));
});

test('wpa_supplicant is not running yet: logged once, attached when it starts', async (t) => {
  const fake = supplicant(t);
  fake.close();
  const { host, log } = await session(t, fake, { interface: DEVICE });
  await eventually(
    () => log.matching(/waiting/).length > 0,
    () => log.lines.join('\n'),
  );
  // Each attempt creates a socket in our folder. After several attempts there is still one line.
  let tries = 0;
  const watcher = watch(OWN_FOLDER, (_kind, name) => {
    if (name?.endsWith('.mon') && name.includes(`.${process.pid}-`)) tries++;
  });
  t.after(() => watcher.close());
  await eventually(
    () => tries > 4,
    () => `${tries} tries`,
  );
  assert.equal(log.matching(/waiting/).length, 1, log.lines.join('\n'));
  const started = next(host, 'groupStarted');
  fake.serve('wlan0', DEVICE);
  await started;
});

test('auto takes the P2P device and names the others', async (t) => {
  const fake = supplicant(t).serve('p2p-dev-wlan1');
  const { host, log } = await session(t, fake);
  await next(host, 'groupStarted');
  assert.equal(host.status.interface, DEVICE);
  assert.match(log.lines.join('\n'), /p2p-dev-wlan1/);
});

test('an interface that is no P2P device ends the session with an error that names the right one', async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake, { interface: 'wlan0' });
  await assert.rejects(host.closed, (error) => {
    assert.ok(error instanceof HostP2pError);
    assert.equal(error.code, 'INTERFACE_WRONG');
    assert.match(error.message, /wlan0 .*p2p-dev-wlan0/);
    return true;
  });
  assert.deepEqual(ownSockets(), []);
});

test('wpa_supplicant ends and starts again: stations are reported gone, settings and group are set up again', async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake, { config_parms: { country: 'IT' } });
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  const connected = next(host, 'stationConnected');
  fake.emit(GROUP, `AP-STA-CONNECTED ${STATION}`);
  await connected;
  const gone = next(host, 'stationDisconnected');
  fake.terminate();
  await gone;
  const again = next(host, 'groupStarted');
  fake.serve('wlan0', DEVICE);
  await again;
  await fake.saw(`${DEVICE} SET country IT`, 2);
});

test('a group that another program removes is started again', async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake);
  await next(host, 'groupStarted');
  const again = next(host, 'groupStarted');
  fake.removeGroup();
  await again;
  assert.equal(host.statistics.groupsStarted, 2);
});

test('a group that is up is adopted, and still up after the session', async (t) => {
  const fake = supplicant(t).serve(GROUP);
  fake.behave((command) =>
    command === 'STA-FIRST' ? `${STATION}\nflags=[AUTH][ASSOC][AUTHORIZED]\n` : undefined,
  );
  const { host } = await session(t, fake);
  const { adopted } = await next(host, 'groupStarted');
  assert.equal(adopted, true);
  await eventually(
    () => host.stations.length === 1,
    () => JSON.stringify(host.status),
  );
  await host.stop();
  assert.ok(!fake.commands.some((command) => /P2P_GROUP_(ADD|REMOVE)/.test(command)));
});

test('of two candidates for the group interface the second is asked, although the first does not answer', async (t) => {
  const other = 'p2p-wlan0-1';
  const fake = supplicant(t).serve(GROUP, other);
  fake.behave((command, name) => {
    if (command !== 'STATUS' || name === DEVICE) return undefined;
    return name === GROUP ? null : 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n';
  });
  const { host } = await session(t, fake);
  await fake.saw(`${GROUP} STATUS`);
  const started = next(host, 'groupStarted');
  fake.removeGroup();
  assert.equal((await started).group.interface, other);
  assert.ok(!fake.commands.some((command) => /P2P_GROUP_ADD/.test(command)));
});

test('no event of a flood is lost or duplicated, and the number of known peers is bounded', async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake);
  await next(host, 'groupStarted');
  const total = 2_500;
  for (let i = 0; i < total; i++) {
    const address = `42:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`;
    fake.emit(
      DEVICE,
      `P2P-DEVICE-FOUND ${address} p2p_dev_addr=${address} pri_dev_type=10-0050F204-5 name='n${i}' ` +
        'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1',
    );
    // The queue of an unconnected receiver has ten datagrams; wpa_supplicant waits for it as well.
    if (i % 5 === 4) await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(
    () => host.statistics.events['P2P-DEVICE-FOUND'] === total,
    () => JSON.stringify(host.statistics),
  );
  assert.equal(host.peers.size, 1_000);
  assert.equal(host.peers.get('42:00:00:00:09:c3')?.name, 'n2499');
  assert.equal(host.peers.get('42:00:00:00:00:00'), undefined);
});

test('a listener that throws is logged and affects neither the others nor the session', async (t) => {
  const fake = supplicant(t);
  const log: string[] = [];
  const host = new HostP2pD({
    config: { ctrl_interface: fake.folder },
    logger: { wants: () => true, log: (level, message) => log.push(`${level} ${message}`) },
  });
  t.after(() => host.stop());
  host.on('attached', () => {
    throw new Error('mine');
  });
  await host.start();
  await next(host, 'groupStarted');
  assert.ok(
    log.some((line) => line.startsWith('error a listener of the event attached failed: Error: mine')),
  );
});

test('without a log a listener that throws, or rejects, is reported as a warning of the process', async (t) => {
  const fake = supplicant(t);
  const warnings: string[] = [];
  const listen = ({ name, message }: Error) => warnings.push(`${name}: ${message.split('\n')[0]}`);
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  const host = new HostP2pD({ config: { ctrl_interface: fake.folder } });
  t.after(() => host.stop());
  host.on('attached', () => {
    throw new Error('thrown, with the PIN 00000000');
  });
  host.on('groupStarted', async () => {
    throw new Error('rejected');
  });
  await host.start();
  await eventually(
    () => warnings.length === 2,
    () => warnings.join('\n'),
  );
  assert.deepEqual(warnings, [
    'HostP2pDWarning: a listener of the event attached failed: Error: thrown, with the PIN <hidden>',
    'HostP2pDWarning: a listener of the event groupStarted failed: Error: rejected',
  ]);
  assert.equal(host.status.phase, 'running');
});

test('events can be read as an async iterable, which ends with the session', async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake);
  const seen: string[] = [];
  for await (const event of host.events()) {
    if (event.type !== 'wpaEvent') seen.push(event.type);
    if (event.type === 'groupStarted') void host.stop();
  }
  assert.deepEqual(seen, ['attached', 'groupStarted', 'stopped']);
});

test('reload: an invalid file changes nothing, a valid one is applied with RECONFIGURE', async (t) => {
  const { writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const fake = supplicant(t);
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  const write = (text: string) =>
    writeFileSync(file, `hostp2pd:\n  ctrl_interface: ${fake.folder}\n${text}`, { mode: 0o600 });
  write('  pin: "12345670"\n');
  const host = new HostP2pD({ configFile: file });
  t.after(() => host.stop());
  await host.start();
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  write('  pin: 12345670\n  pinn: x\n');
  await assert.rejects(host.reload(), { code: 'CONFIG_INVALID' });
  assert.equal(host.configuration?.settings.pin, '12345670');
  write('  pin: "12345678"\n');
  await host.reload();
  await fake.saw(`${DEVICE} RECONFIGURE`);
  fake.emit(GROUP, `WPS-PIN-NEEDED 572cf82f-c957-5653-9b16-b5cfb298abf1 ${STATION} [ | | | | |0-00000000-0]`);
  await fake.saw(`${GROUP} WPS_PIN ${STATION} 12345678 120`);
});

test('reload: a file from the default places is refused once others may change it; a named one is not', async (t) => {
  const { chmodSync, writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  const file = join(folder, 'hostp2pd.yaml');
  writeFileSync(file, `hostp2pd:\n  ctrl_interface: ${fake.folder}\n  pin: "12345670"\n`, { mode: 0o600 });
  for (const options of [{ folder }, { folder, configFile: file }]) {
    const host = new HostP2pD(options);
    t.after(() => host.stop());
    await host.start();
    await host.reload();
    chmodSync(file, 0o666);
    if ('configFile' in options) await host.reload();
    else await assert.rejects(host.reload(), { code: 'CONFIG_UNREADABLE' });
    chmodSync(file, 0o600);
    await host.stop();
  }
});

test('no log line contains the PIN or the passphrase, with any logger', async (t) => {
  const fake = supplicant(t);
  const { host, log } = await session(t, fake, { pin: '31415926' });
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  fake.emit(DEVICE, asks('A'));
  fake.emit(GROUP, SEEN);
  await fake.saw(/WPS_PIN/);
  await eventually(
    () => log.matching(/PIN armed/).length > 0,
    () => log.lines.join('\n'),
  );
  assert.match(LINES.groupStarted, /mysecretpassword/);
  assert.doesNotMatch(log.lines.join('\n'), /31415926|99129897|mysecretpassword/);
});

test('a session can be started once, and stopped before it was started', async () => {
  const host = new HostP2pD();
  await host.stop();
  await assert.rejects(host.start(), { code: 'STATE' });
  await assert.rejects(host.reload(), { code: 'STATE' });
});

test('events() queues events from its call on, and ends with the session', async (t) => {
  const fake = supplicant(t);
  const host = new HostP2pD({ config: { ctrl_interface: fake.folder } });
  t.after(() => host.stop());
  const events = host.events();
  await host.start();
  await next(host, 'groupStarted');
  await host.stop();
  const seen: string[] = [];
  for await (const event of events) if (event.type !== 'wpaEvent') seen.push(event.type);
  assert.deepEqual(seen, ['attached', 'groupStarted', 'stopped']);
  for await (const event of host.events()) assert.fail(`${event.type} after the end`);
});

test('stop while the session is ending with an error does not hide the error', async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake, { interface: 'wlan0' });
  // 'stopped' is emitted when the state machine has ended and the last hooks still run.
  await next(host, 'stopped');
  await host.stop();
  await assert.rejects(host.closed, { code: 'INTERFACE_WRONG' });
});

test('a recording that cannot be written loses no effect of a step, and is a warning once', async (t) => {
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${folder}/in the way`, '');
  const { host, log } = await session(t, fake, {}, { record: `${folder}/in the way/session.jsonl` });
  await next(host, 'groupStarted');
  const warnings = (): string[] => log.matching(/the recording .* cannot be written/);
  await eventually(
    () => warnings().length > 0,
    () => log.lines.join('\n'),
  );
  fake.emit(GROUP, `AP-STA-CONNECTED ${STATION}`);
  await next(host, 'stationConnected');
  assert.equal(warnings().length, 1);
  assert.match(warnings()[0] ?? '', /something else is in its place; set record to another name/);
});

test('a passphrase is hidden also without its key', async (t) => {
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  const hook = hookProgram(folder);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(hook.path, '#!/bin/sh\n[ "$1" != connect ] || echo "the word is mysecretpassword"\n');
  const { host, log } = await session(t, fake, {}, { runProgram: hook.path });
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  fake.emit(GROUP, `AP-STA-CONNECTED ${STATION}`);
  await eventually(
    () => log.matching(/the word is/).length > 0,
    () => log.lines.join('\n'),
  );
  assert.doesNotMatch(log.lines.join('\n'), /mysecretpassword/);
});

test('the PIN module gives the PIN; a late or invalid answer admits no device', async (t) => {
  const { writeFileSync } = await import('node:fs');
  const file = `${temporaryFolder(t)}/pins.mjs`;
  writeFileSync(
    file,
    "export const getPin = async (pin, { deviceAddress, name }) => name === 'Mine' && deviceAddress && pin === '12345670' ? '11112222' : 7;",
  );
  const fake = supplicant(t);
  const { host, log } = await session(t, fake, { pin: '12345670', pin_module: file });
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  const failed = next(host, 'enrolmentFailed');
  fake.emit(DEVICE, asks('Not mine'));
  assert.match((await failed).reason, /pin_module|pins\.mjs/);
  fake.emit(DEVICE, asks('Mine'));
  fake.emit(GROUP, SEEN);
  await fake.saw(`${GROUP} WPS_PIN ${STATION} 11112222 120`);
  assert.ok(!fake.commands.some((command) => command.includes('WPS_PIN') && command.includes('12345670')));
  assert.equal(log.matching(/1111222/).length, 0);
});

test('the group survives wpa_supplicant and the session: name and passphrase are in the state file', async (t) => {
  const folder = temporaryFolder(t);
  const fake = supplicant(t);
  const first = await session(t, fake, { state_folder: folder });
  await next(first.host, 'groupStarted');
  await first.host.stop();
  fake.removeGroup();
  fake.networks = '';
  await session(t, fake, { state_folder: folder });
  await fake.saw(`${DEVICE} P2P_GROUP_ADD persistent=1`);
  assert.ok(fake.commands.includes(`${DEVICE} SET_NETWORK 1 psk "mysecretpassword"`));
  assert.ok(
    fake.commands.includes(`${DEVICE} SET_NETWORK 1 ssid ${Buffer.from('DIRECT-PP-group').toString('hex')}`),
  );
});

test("an operator's functions: invalid arguments reject before anything is sent, refusals afterwards", async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake);
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  const sent = fake.commands.length;
  await assert.rejects(host.enterPin('nonsense\n', '12345670'), {
    code: 'COMMAND_INVALID',
    message: /"nonsense\\n"/,
  });
  await assert.rejects(host.enterPin(PHONE, '123'), {
    code: 'COMMAND_INVALID',
    message: /got 3 characters/,
  });
  await assert.rejects(host.enterPin(PHONE, '12345670'), { code: 'DEVICE_UNKNOWN' });
  await assert.rejects(host.disconnect(PHONE), { code: 'DEVICE_UNKNOWN' });
  assert.deepEqual(
    fake.commands.slice(sent).filter((command) => !/PING|LEVEL|GET_NETWORK|STA-|STATUS/.test(command)),
    [],
  );
  fake.behave((command) => (/^P2P_(INVITE|REMOVE_CLIENT)/.test(command) ? 'FAIL\n' : undefined));
  await assert.rejects(host.invite(PHONE), { code: 'COMMAND_REFUSED' });
  await assert.rejects(host.forget(PHONE), { code: 'DEVICE_UNKNOWN' });
  fake.behave((command) => (command.includes('p2p_client_list') ? `${PHONE}` : undefined));
  await assert.rejects(host.forget(PHONE), { code: 'COMMAND_REFUSED' });
  assert.deepEqual(await host.clients(), [{ deviceAddress: PHONE, name: null, connected: false }]);
  fake.behave((command) => (command.startsWith('P2P_INVITE') ? 'OK\n' : undefined));
  const pending = assert.rejects(host.invite(PHONE));
  await host.stop();
  await pending;
  await assert.rejects(host.clients(), { code: 'STATE' });
});

test('a PIN that a phone shows and a passphrase of wpa_supplicant are hidden as well', async (t) => {
  const fake = supplicant(t);
  // The group was up before the session, so its passphrase has to be requested.
  fake.startGroup();
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? 'IrSTZWyS' : undefined));
  const { host, log } = await session(t, fake);
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} P2P_GET_PASSPHRASE`);
  fake.emit(DEVICE, asks('A').replace(/SHOW-PIN (\S+) \d+ /, 'ENTER-PIN $1 '));
  await next(host, 'pinWanted');
  fake.emit(GROUP, SEEN);
  await host.enterPin(PHONE, '27182818');
  await fake.saw(`${GROUP} WPS_PIN ${STATION} 27182818 120`);
  await eventually(
    () => log.matching(/→ <hidden>/).length >= 2,
    () => log.lines.join('\n'),
  );
  assert.doesNotMatch(log.lines.join('\n'), /27182818|IrSTZWyS/);
});

test('the debug log tells why a request with a secret got no reply', async (t) => {
  const { host, log } = await session(t, supplicant(t), {
    force_logging: true,
    activate_persistent_group: false,
    dynamic_group: true,
  });
  await next(host, 'attached');
  await assert.rejects(host.wpa('WPS_PIN any 52107733', 'group'), { code: 'CONTROL_UNAVAILABLE' });
  assert.match(
    log.lines.join('\n'),
    /group ← WPS_PIN any <hidden>\n.*group → there is no link to the group interface/,
  );
});

test('the debug log has no secret of a request or an event that the session does not know', async (t) => {
  const fake = supplicant(t);
  const { host, log } = await session(t, fake, { force_logging: true });
  await next(host, 'groupStarted');
  fake.behave((command) => (command.startsWith('DPP_CONFIGURATOR_GET_KEY') ? 'zq7zq7zq7' : undefined));
  for (const request of ['CTRL-RSP-PASSWORD-0:zq7zq7zq7', 'DPP_AUTH_INIT peer=1 pass=zq7zq7zq7'])
    await host.wpa(request, 'device');
  assert.equal(await host.wpa('DPP_CONFIGURATOR_GET_KEY 1', 'device'), 'zq7zq7zq7');
  fake.emit(DEVICE, 'DPP-CONNECTOR zq7zq7zq7');
  fake.emit(DEVICE, 'CTRL-REQ-OTP-0:zq7zq7zq7 needed for SSID x');
  const text = () => log.lines.join('\n');
  await eventually(() => text().includes('event CTRL-REQ-OTP-0 <hidden>'), text);
  for (const shown of [
    '← CTRL-RSP-PASSWORD-0 <hidden>',
    '← DPP_AUTH_INIT <hidden>',
    'event DPP-CONNECTOR <hidden>',
  ])
    assert.ok(text().includes(shown), shown);
  assert.doesNotMatch(text(), /zq7/);
  assert.match(text(), /← P2P_GROUP_ADD /, 'what helps to find a fault is there');
});
