import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContext } from '#src/commands/command.js';
import { EventJournal } from '#src/commands/journal.js';
import { execute } from '#src/commands/table.js';
import type { LogLevel } from '#src/logging/logger.js';
import { HostP2pError } from '#src/system/errors.js';
import { readQr, terminalPixels } from '../fakes/qr-reader.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { eventually, next, session, supplicant, temporaryFolder } from './support.js';

const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
/** As recorded, shortened; the device name is raw. */
const STA =
  `${STATION}\nflags=[AUTH][ASSOC][AUTHORIZED]\naid=1\np2p_device_name=Pi;xel\np2p_device_addr=${PHONE}\n` +
  'rx_packets=10\ntx_packets=9\nrx_bytes=1234\ntx_bytes=5678\ninactive_msec=4\nsignal=-30\nconnected_time=61\n';

interface Surface {
  readonly fake: FakeSupplicant;
  readonly context: CommandContext;
  readonly run: (line: string) => Promise<{ readonly value: unknown; readonly text: string }>;
  readonly ended: () => boolean;
}

/** A session on the fake wpa_supplicant, with its group up and one phone connected. */
async function surface(
  t: TestContext,
  config: Readonly<Record<string, unknown>> = {},
  options: { readonly configFile?: string } = {},
): Promise<Surface> {
  const fake = supplicant(t);
  fake.behave((command, name) => {
    if (name !== GROUP || !command.startsWith('STA')) return undefined;
    return command === 'STA-FIRST' || command === `STA ${STATION}` ? STA : undefined;
  });
  const { host } = await session(t, fake, config, options);
  const journal = new EventJournal(host);
  await next(host, 'stationConnected');
  let level: LogLevel = 'info';
  let ended = false;
  const context: CommandContext = {
    host,
    journal,
    log: {
      get level() {
        return level;
      },
      file: null,
      setLevel: (wanted) => {
        level = wanted;
      },
    },
    reload: (file) => host.reload(file),
    quit: () => {
      ended = true;
    },
  };
  const run = (line: string) => {
    const [name = '', ...words] = line.split(' ');
    return execute(context, name, words);
  };
  return { fake, context, run, ended: () => ended };
}

const refused = (promise: Promise<unknown>, code: string, words: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof HostP2pError);
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });

test('status and stations, as text and as data', async (t) => {
  const { run } = await surface(t);
  const status = await run('status');
  assert.match(status.text, /^interface: {7}p2p-dev-wlan0$/m);
  assert.match(status.text, /^SSID: {12}DIRECT-PP-group$/m);
  assert.match(status.text, /^stations: {8}1$/m);
  const { phase, attached, stations, group } = JSON.parse(JSON.stringify(status.value));
  assert.deepEqual({ phase, attached, stations }, { phase: 'running', attached: true, stations: 1 });
  assert.deepEqual(group, { interface: GROUP, ssid: 'DIRECT-PP-group', frequency: 2437, networkId: 0 });
  const list = await run('stations');
  assert.match(
    list.text,
    new RegExp(
      `^Stations: 1 {2}Address +Signal +Received +Sent +Connected\\nPi;xel +${PHONE} +-30 dBm +1.2 kB +5.7 kB +00:01:01$`,
      'm',
    ),
  );
  assert.deepEqual(JSON.parse(JSON.stringify(list.value)).stations, [
    {
      address: STATION,
      deviceAddress: PHONE,
      name: 'Pi;xel',
      ip: null,
      ipv6: null,
      signal: -30,
      receivedBytes: 1234,
      sentBytes: 5678,
      connectedSeconds: 61,
    },
  ]);
});

test('stats counts, reset clears the counters, events lists the latest events', async (t) => {
  const { fake, run, context } = await surface(t);
  assert.match((await run('stats')).text, /^ +1 {2}stations connected$/m);
  // The name of an event may be any text of wpa_supplicant.
  for (const name of ['\x1b[2J', '__proto__', 'toString']) fake.emit(DEVICE, `${name} x`);
  await eventually(
    () => Object.hasOwn(context.host.statistics.events, 'toString'),
    () => 'the events',
  );
  const text = (await run('stats')).text;
  assert.match(text, /^ +1 {2}_\[2J$/m);
  assert.match(text, /^ +1 {2}__proto__$/m);
  assert.doesNotMatch(text, /[^\n\x20-\x7e]/);
  assert.equal(context.host.statistics.stationsConnected, 1);
  assert.equal(context.host.statistics.hooks, 0, 'there is no run_program');
  await run('reset');
  const { value } = await run('stats');
  assert.equal(JSON.parse(JSON.stringify(value)).stationsConnected, 0);
  const events = await run('events');
  assert.match(events.text, /^\d\d:\d\d:\d\d \S+: station connected: 42:00:00:00:01:00 "Pi;xel"$/m);
  assert.equal((await run('events 1')).text.split('\n').length, 1);
  assert.equal((await run('events 0')).text, '');
});

test('loglevel accepts words and the numbers of the Python program', async (t) => {
  const { run } = await surface(t);
  assert.equal((await run('loglevel')).text, 'log level: info');
  assert.equal((await run('loglevel debug')).text, 'log level: debug');
  for (const [word, level] of [
    ['50', 'error'],
    ['CRITICAL', 'error'],
    ['30', 'warning'],
    ['Info', 'info'],
  ]) {
    assert.deepEqual((await run(`loglevel ${word}`)).value, { level }, word);
  }
  await refused(run('loglevel 15'), 'USAGE', /expected error, warning, info, debug, or 50.* got "15"/);
  for (const word of Object.getOwnPropertyNames(Object.prototype))
    await refused(run(`loglevel ${word}`), 'USAGE', /^loglevel: expected/);
});

test('reload: the current file, another one, the defaults; an invalid one changes nothing', async (t) => {
  const folder = temporaryFolder(t);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o600);
    return join(folder, name);
  };
  const first = file('first.yaml', 'pin: "12345670"\n');
  const { run, context } = await surface(t, {}, { configFile: first });
  const pin = () => context.host.configuration?.settings.pin;
  assert.equal((await run('reload')).text, `configuration reloaded (${first})`);
  const second = file('second.yaml', 'pin: "87654325"\n');
  assert.deepEqual((await run(`reload ${second}`)).value, { source: second });
  assert.equal(pin(), '87654325');
  await refused(run(`reload ${file('bad.yaml', 'pinn: 1\n')}`), 'CONFIG_INVALID', /pinn/);
  assert.equal(pin(), '87654325');
  assert.equal(
    (await run('reload')).text,
    `configuration reloaded (${second})`,
    'the former name is kept, too',
  );
  await run('reload reset');
  assert.equal(pin(), '00000000');
});

test('pin, pair, invite, disconnect and forget accept an address or a name', async (t) => {
  const { run, fake } = await surface(t);
  fake.behave((command) => (command.startsWith('GET_NETWORK 0 p2p_client_list') ? `${PHONE}` : undefined));
  assert.match(
    (await run('clients')).text,
    new RegExp(`^Client +Address +State\\n\\[unknown\\] +${PHONE} +connected$`),
  );
  await run('disconnect Pi;xel');
  await fake.saw(`${GROUP} DEAUTHENTICATE ${STATION}`);
  await run(`forget ${PHONE}`);
  await fake.saw(`${DEVICE} P2P_REMOVE_CLIENT ${PHONE}`);
  await refused(run('forget Galaxy'), 'DEVICE_UNKNOWN', /"Galaxy"/);
  await refused(
    run('forget 42:00:00:00:09:09'),
    'DEVICE_UNKNOWN',
    /expected a phone that has joined, got 42:00:00:00:09:09/,
  );
  assert.ok(!fake.commands.some((command) => command.includes('42:00:00:00:09:09')));
  await refused(run(`pin ${PHONE} 12345670`), 'DEVICE_UNKNOWN', /42:00:00:00:01:00/);
  await refused(run(`pin ${PHONE} 123`), 'COMMAND_INVALID', /PIN: expected .*, got 3 characters/);
});

test('wpa sends a request unchanged, to the device or to the group', async (t) => {
  const { run, fake } = await surface(t);
  assert.match((await run('wpa STATUS')).text, /^p2p_device_address=42:00:00:00:00:00$/m);
  assert.match((await run('wpa group STATUS')).text, /^ssid=DIRECT-PP-group$/m);
  fake.behave((command) => (command === 'P2P_SET x  y' ? 'FAIL\n' : undefined));
  assert.equal((await run('wpa P2P_SET x  y')).text, 'FAIL');
  fake.behave((command) => (command === 'LIST_X' ? 'id\tssid\n0\ta\u001b[2J\n' : undefined));
  assert.equal((await run('wpa LIST_X')).text, 'id\tssid\n0\ta_[2J');
  await refused(run('wpa DETACH'), 'COMMAND_INVALID', /DETACH would break the link/);
  await refused(run('wpa SET\u0000x'), 'COMMAND_INVALID', /control character/);
});

test('quit ends the process that holds the session; an unknown command is named', async (t) => {
  const { run, ended } = await surface(t);
  await refused(run('statsu'), 'USAGE', /"statsu"; try "help"/);
  assert.equal(ended(), false);
  await run('quit');
  assert.equal(ended(), true);
});

test('qr of a group with a key and no passphrase: the error says how to get one', async (t) => {
  const { run, fake } = await surface(t);
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? 'FAIL\n' : undefined));
  await refused(
    run('qr'),
    'COMMAND_REFUSED',
    /a key of 64 hexadecimal digits.*psk be one of 8 to 63.*in its network block.*network_parms after "hostp2pd wpa REMOVE_NETWORK 0"/,
  );
});

test('qr with a wpa_supplicant that cannot be asked: the passphrase that it told when the group began, if it did', async (t) => {
  const { run, fake } = await surface(t);
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? 'UNKNOWN COMMAND\n' : undefined));
  assert.match((await run('qr')).text, /passphrase: {2}\S{8,}$/);
  fake.emit(
    DEVICE,
    `P2P-GROUP-STARTED ${GROUP} GO ssid="DIRECT-PP-group" freq=2437 go_dev_addr=42:00:00:00:00:01`,
  );
  const reason = async () => run('qr').then(() => '', String);
  for (let tries = 0; tries < 3_000 && (await reason()) === ''; tries++) await delay(20);
  assert.match(await reason(), /cannot be asked for the passphrase/);
});

test('qr: a reader can read the code of the group, with an escaped passphrase', async (t) => {
  const { run, fake, context } = await surface(t);
  const passphrase = 'a;b\\c"d,e:f g';
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? passphrase : undefined));
  const { value, text } = await run('qr');
  const inside = 'WIFI:T:WPA;S:DIRECT-PP-group;P:a\\;b\\\\c\\"d\\,e\\:f g;;';
  assert.deepEqual(value, { ssid: 'DIRECT-PP-group', passphrase, text: inside });
  const lines = text.split('\n');
  assert.deepEqual(lines.slice(-2), ['SSID:        DIRECT-PP-group', `passphrase:  ${passphrase}`]);
  assert.equal(readQr(terminalPixels(lines.slice(0, -2).join('\n'), 'dark')), inside);
  await refused(run('qr --svg /tmp/x'), 'USAGE', /written by the program that asks/);
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? 'FAIL\n' : undefined));
  await refused(run('qr'), 'COMMAND_REFUSED', /passphrase/);
  fake.behave((command) => (command.startsWith('P2P_GROUP_ADD') ? 'FAIL\n' : undefined));
  fake.removeGroup();
  await eventually(
    () => context.host.status.group === null,
    () => 'the group gone',
  );
  await refused(run('qr'), 'STATE', /no group is running/);
});

test('qr: no code for a group whose name is not UTF-8', async (t) => {
  const fake = supplicant(t).serve(GROUP);
  fake.behave((command, name) => {
    if (command === 'P2P_GET_PASSPHRASE') return 'mysecretpassword';
    return command === 'STATUS' && name === GROUP
      ? 'bssid=42:00:00:00:00:01\nfreq=2437\nssid=DIRECT-\\xff\nid=0\nmode=P2P GO\nwpa_state=COMPLETED\n'
      : undefined;
  });
  const { host } = await session(t, fake);
  const journal = new EventJournal(host);
  await next(host, 'groupStarted');
  const log = { level: 'info' as const, file: null, setLevel: () => {} };
  await refused(
    execute({ host, journal, log, reload: (file) => host.reload(file), quit: () => {} }, 'qr', []),
    'STATE',
    /no UTF-8 text/,
  );
});
