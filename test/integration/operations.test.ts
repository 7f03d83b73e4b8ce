import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { HostP2pD } from '#src/host/host.js';
import { HostP2pError } from '#src/system/errors.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { eventually, type Lines, next, session, supplicant } from './support.js';

const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const LAPTOP = '90:12:34:56:78:9a';
const UUID = '572cf82f-c957-5653-9b16-b5cfb298abf1';

/** A session whose group is up and examined. */
async function running(
  t: TestContext,
  config: Readonly<Record<string, unknown>> = {},
): Promise<{ fake: FakeSupplicant; host: HostP2pD; log: Lines }> {
  const fake = supplicant(t);
  removesGroups(fake);
  const { host, log } = await session(t, fake, config);
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  return { fake, host, log };
}

/** As wpa_supplicant: the reply, then the end of the group. */
function removesGroups(fake: FakeSupplicant): void {
  fake.behave((command) => {
    if (command === `P2P_GROUP_REMOVE ${GROUP}`) setImmediate(() => fake.removeGroup());
    return undefined;
  });
}

test('pair: an event reports the window, a device without Wi-Fi Direct joins, and the window closes', async (t) => {
  const { fake, host } = await running(t);
  const opened = next(host, 'pairingOpened');
  const window = await host.pair({ method: 'pbc' });
  assert.deepEqual(window, { method: 'pbc', pin: null, deviceAddress: null, secondsLeft: 120 });
  assert.deepEqual((await opened).pairing, window);
  assert.deepEqual(host.status.pairing, window);
  await fake.saw(`${GROUP} WPS_PBC`);
  const closed = next(host, 'pairingClosed');
  fake.emit(GROUP, `WPS-REG-SUCCESS ${LAPTOP} ${UUID}`);
  fake.emit(GROUP, `AP-STA-CONNECTED ${LAPTOP}`);
  assert.equal((await closed).reason, 'joined');
  assert.equal(host.status.pairing, null);
});

test('pair: by default the configured method, and a fresh PIN', async (t) => {
  const { fake, host } = await running(t, { pin: '12345670' });
  const first = await host.pair();
  assert.equal(first.method, 'pin');
  assert.match(first.pin ?? '', /^\d{8}$/);
  assert.notEqual(first.pin, '12345670');
  await fake.saw(`${GROUP} WPS_PIN any ${first.pin} 120`);
  const replaced = next(host, 'pairingClosed');
  const second = await host.pair({ pin: '87654325', deviceAddress: PHONE.toUpperCase() });
  assert.deepEqual([second.method, second.pin, second.deviceAddress], ['pin', '87654325', PHONE]);
  assert.equal((await replaced).reason, 'stopped');
  await host.stopPairing();
  await host.stopPairing();
  assert.equal(host.status.pairing, null);

  const button = await running(t, { pbc_in_use: true });
  assert.equal((await button.host.pair()).method, 'pbc');
});

test('pair: invalid arguments are an error before anything is sent', async (t) => {
  const { fake, host } = await running(t);
  const sent = fake.commands.length;
  for (const options of [
    { method: 'pbc', pin: '12345670' },
    { pin: '123' },
    { deviceAddress: 'nonsense' },
    { method: 'pin', pin: '1234567a' },
  ] as const) {
    await assert.rejects(host.pair(options), { code: 'COMMAND_INVALID' });
  }
  assert.ok(!fake.commands.slice(sent).some((command) => /WPS_/.test(command)));
  assert.equal(host.status.pairing, null);
});

test('pair: the log contains neither its PIN nor the configured one', async (t) => {
  const { fake, host, log } = await running(t, { pin: '31415926' });
  await host.pair({ pin: '87654325' });
  await fake.saw(`${GROUP} WPS_PIN any 87654325 120`);
  await eventually(
    () => log.matching(/→ <hidden>/).length > 0,
    () => log.lines.join('\n'),
  );
  assert.equal(log.matching(/info pairing open/).length, 1);
  assert.deepEqual(log.matching(/87654325/), []);
  await host.pair({ pin: '31415926' });
  await fake.saw(`${GROUP} WPS_PIN any 31415926 120`);
  await host.stopPairing();
  assert.deepEqual(log.matching(/31415926/), []);
});

test('stopGroup resolves when the group is gone, startGroup when it is up', async (t) => {
  const { fake, host } = await running(t);
  await host.stopGroup();
  assert.deepEqual([host.status.group, host.status.groupStopped, host.status.phase], [null, true, 'idle']);
  await assert.rejects(host.invite(PHONE), { code: 'STATE' });
  await assert.rejects(host.pair(), { code: 'STATE', message: /stopped/ });
  await assert.rejects(host.passphrase(), { code: 'STATE' });
  await host.reload();
  await fake.saw(`${DEVICE} RECONFIGURE`);
  assert.equal(host.status.groupStopped, true);
  await host.startGroup();
  assert.deepEqual([host.status.group?.interface, host.status.groupStopped], [GROUP, false]);
  const sent = fake.commands.filter((command) => command.includes('P2P_GROUP_ADD')).length;
  await host.startGroup();
  assert.equal(fake.commands.filter((command) => command.includes('P2P_GROUP_ADD')).length, sent);
});

test('startGroup rejects with the reason, also on demand', async (t) => {
  const fake = supplicant(t);
  const { host } = await session(t, fake, { dynamic_group: true });
  await eventually(
    () => host.status.phase === 'idle',
    () => host.status.phase,
  );
  fake.behave((command) => (command.startsWith('P2P_GROUP_ADD') ? 'FAIL\n' : undefined));
  await assert.rejects(host.startGroup(), { code: 'COMMAND_REFUSED', message: /P2P_GROUP_ADD was refused/ });
  fake.behave((command) => (command.startsWith('P2P_GROUP_ADD') ? 'OK\n' : undefined));
  await host.startGroup();
  assert.equal(host.status.phase, 'running');
});

test('stopGroup rejects if wpa_supplicant refuses, or if the session ends', async (t) => {
  const { fake, host } = await running(t);
  fake.behave((command) => (command.startsWith('P2P_GROUP_REMOVE') ? 'FAIL\n' : undefined));
  await assert.rejects(host.stopGroup(), { code: 'COMMAND_REFUSED' });
  assert.equal(host.status.groupStopped, false);
  fake.behave((command) => (command.startsWith('P2P_GROUP_REMOVE') ? 'OK\n' : undefined));
  // Its end never comes.
  const ended = supplicantStaysSilent(fake);
  const pending = assert.rejects(host.stopGroup(), { code: 'STATE' });
  await fake.saw(`${DEVICE} P2P_GROUP_REMOVE ${GROUP}`, 2);
  await host.stop();
  await pending;
  ended();
});

/** Its groups do not end, although it replies OK. */
function supplicantStaysSilent(fake: FakeSupplicant): () => void {
  const remove = fake.removeGroup;
  fake.removeGroup = () => {};
  return () => {
    fake.removeGroup = remove;
  };
}

test('pause and resume: reported, shown in the status, and no device is admitted meanwhile', async (t) => {
  const { fake, host } = await running(t);
  const paused = next(host, 'paused');
  await host.pause();
  await paused;
  await host.pause();
  assert.equal(host.status.paused, true);
  await assert.rejects(host.pair(), { code: 'STATE', message: /paused/ });
  await assert.rejects(host.find(1), { code: 'STATE' });
  await assert.rejects(host.startGroup(), { code: 'STATE' });
  const sent = fake.commands.length;
  fake.emit(GROUP, `WPS-PIN-NEEDED ${UUID} ${STATION} [ | | | | |0-00000000-0]`);
  const connected = next(host, 'stationConnected');
  fake.emit(GROUP, `AP-STA-CONNECTED ${LAPTOP}`);
  await connected;
  assert.ok(!fake.commands.slice(sent).some((command) => command.includes('WPS_PIN')));
  const resumed = next(host, 'resumed');
  await host.resume();
  await resumed;
  assert.equal(host.status.paused, false);
  fake.emit(GROUP, `WPS-PIN-NEEDED ${UUID} ${STATION} [ | | | | |0-00000000-0]`);
  await fake.saw(/WPS_PIN/);
});

test('find resolves with the devices found meanwhile, and earlier if it is aborted', async (t) => {
  const { fake, host } = await running(t);
  const found = (address: string, name: string) =>
    `P2P-DEVICE-FOUND ${address} p2p_dev_addr=${address} pri_dev_type=10-0050F204-5 name='${name}' ` +
    'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1';
  fake.emit(DEVICE, found('42:00:00:00:07:00', 'before'));
  await next(host, 'peerFound');
  const searched = host.find(1);
  await fake.saw(`${DEVICE} P2P_FIND 1 type=social`);
  fake.emit(DEVICE, found(PHONE, 'Pixel'));
  assert.deepEqual(await searched, [
    { deviceAddress: PHONE, name: 'Pixel', deviceType: '10-0050F204-5', deviceKind: 'Smartphone' },
  ]);
  const abort = new AbortController();
  const aborted = host.find(60, abort.signal);
  await fake.saw(`${DEVICE} P2P_FIND 60 type=social`);
  abort.abort();
  assert.deepEqual(await aborted, []);
  for (const seconds of [0, -1, 121, Number.NaN, Number.POSITIVE_INFINITY])
    await assert.rejects(host.find(seconds), { code: 'COMMAND_INVALID' });
  fake.behave((command) => (command.startsWith('P2P_FIND') ? 'FAIL\n' : undefined));
  await assert.rejects(host.find(1), { code: 'COMMAND_REFUSED' });
});

test('wpa sends a request unchanged and returns the unchanged reply', async (t) => {
  const { fake, host, log } = await running(t);
  fake.behave((command) => (command === 'P2P_PEER  x' ? 'FAIL\n' : undefined));
  assert.equal(await host.wpa('P2P_PEER  x'), 'FAIL\n');
  assert.ok(fake.commands.includes(`${DEVICE} P2P_PEER  x`));
  assert.match(await host.wpa('STATUS', 'group'), /mode=P2P GO/);
  assert.equal(await host.wpa('WPS_PIN any 27182818', 'group'), '27182818');
  assert.deepEqual(log.matching(/27182818/), []);
  for (const command of [
    'ATTACH',
    'detach',
    ' LEVEL 0',
    'MONITOR',
    '',
    'PING\n',
    `SET x ${'y'.repeat(9000)}`,
  ])
    await assert.rejects(host.wpa(command), { code: 'COMMAND_INVALID' }, command.slice(0, 20));
  await host.stopGroup();
  await assert.rejects(host.wpa('STATUS', 'group'), { code: 'CONTROL_UNAVAILABLE' });
});

test('stationDetails: the counters of each station, without stations that have left', async (t) => {
  const { fake, host } = await running(t);
  const counters = 'rx_packets=5\ntx_packets=4\nrx_bytes=609\ntx_bytes=486\nsignal=-30\nconnected_time=7\n';
  fake.behave((command) =>
    command === `STA ${LAPTOP}` ? `${LAPTOP}\nflags=[AUTH][ASSOC][AUTHORIZED]\n${counters}` : undefined,
  );
  for (const address of [LAPTOP, STATION]) {
    const connected = next(host, 'stationConnected');
    fake.emit(GROUP, `AP-STA-CONNECTED ${address}`);
    await connected;
  }
  const plain = { deviceAddress: null, name: null, ip: null, ipv6: null };
  assert.deepEqual(await host.stationDetails(), [
    { address: LAPTOP, ...plain, signal: -30, receivedBytes: 609, sentBytes: 486, connectedSeconds: 7 },
    {
      address: STATION,
      ...plain,
      signal: null,
      receivedBytes: null,
      sentBytes: null,
      connectedSeconds: null,
    },
  ]);
});

test('passphrase: that of the group, hidden in the log', async (t) => {
  const { fake, host, log } = await running(t);
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? 'Ir STZWyS' : undefined));
  assert.equal(await host.passphrase(), 'Ir STZWyS');
  assert.deepEqual(log.matching(/STZWyS/), []);
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? 'FAIL\n' : undefined));
  await assert.rejects(host.passphrase(), { code: 'COMMAND_REFUSED' });
});

test('operations before the start and after the end are refused', async () => {
  const host = new HostP2pD();
  const all = (): Promise<unknown>[] => [
    host.pair(),
    host.stopPairing(),
    host.startGroup(),
    host.stopGroup(),
    host.pause(),
    host.resume(),
    host.find(1),
    host.wpa('PING'),
    host.stationDetails(),
    host.passphrase(),
  ];
  for (const operation of all()) await assert.rejects(operation, { code: 'STATE' });
  await host.stop();
  for (const operation of all()) await assert.rejects(operation, { code: 'STATE' });
});

test('without wpa_supplicant a session can be paused; operations that need it reject', async (t) => {
  const fake = supplicant(t);
  fake.close();
  const { host } = await session(t, fake, { interface: DEVICE });
  await host.pause();
  await host.stopPairing();
  await host.resume();
  await host.pause();
  for (const operation of [host.pair(), host.stopGroup(), host.startGroup(), host.find(1)])
    await assert.rejects(operation, { code: 'CONTROL_UNAVAILABLE' });
  fake.serve('wlan0', DEVICE);
  await next(host, 'attached');
  await eventually(
    () => host.status.phase === 'idle',
    () => host.status.phase,
  );
  assert.equal(host.status.paused, true);
  assert.ok(!fake.commands.some((command) => /P2P_GROUP_ADD|P2P_FIND/.test(command)));
});

test('beforeAttach is called before anything is sent, and a rejection ends the session', async (t) => {
  const fake = supplicant(t);
  const asked: string[] = [];
  const { host } = await session(
    t,
    fake,
    { interface: DEVICE },
    {
      beforeAttach: async (name) => {
        asked.push(name);
        assert.deepEqual(fake.commands, []);
      },
    },
  );
  await next(host, 'groupStarted');
  assert.deepEqual(asked, [DEVICE]);

  const taken = new HostP2pError('ALREADY_RUNNING', 'another one serves it');
  const second = await session(
    t,
    supplicant(t),
    { interface: DEVICE },
    { beforeAttach: () => Promise.reject(taken) },
  );
  await assert.rejects(second.host.closed, (error) => error === taken);
  const other = supplicant(t);
  const third = await session(t, other, {}, { beforeAttach: () => Promise.reject(new Error('no room')) });
  await assert.rejects(third.host.closed, { code: 'STATE', message: /no room/ });
  assert.equal(other.attached(DEVICE), false);
});

test('a session that is stopped while beforeAttach is pending is not attached', async (t) => {
  const fake = supplicant(t);
  let go = (): void => {};
  const asked = new Promise<void>((resolve) => {
    go = resolve;
  });
  let began = (): void => {};
  const begun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const { host } = await session(
    t,
    fake,
    { interface: DEVICE },
    {
      beforeAttach: () => {
        began();
        return asked;
      },
    },
  );
  await begun;
  const stopped = host.stop();
  go();
  await stopped;
  assert.equal(fake.attached(DEVICE), false);
});
