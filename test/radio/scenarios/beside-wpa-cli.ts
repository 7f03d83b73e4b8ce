import assert from 'node:assert/strict';
import type { AndroidPhone } from '../guest/android-phone.js';
import { type Box, LAB_GROUP } from '../guest/box.js';
import { DEVICE, GROUP, groupIsUp, PIN, startHostP2pD } from '../guest/daemon.js';
import type { HookLog } from '../guest/hook-log.js';
import type { Lab } from '../guest/lab.js';
import type { Program } from '../guest/program.js';
import type { Scenario } from '../guest/scenario.js';

const scenario: Scenario = {
  name: 'beside-wpa-cli',
  title:
    'wpa_cli at the same time does no harm, also when it is stopped with Ctrl-Z; a reload keeps the phone connected',
  timeoutSeconds: 300,
  async run(lab) {
    const hook = lab.hookLog();
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Phone' }),
    ]);
    const cli = lab.startDaemon({ name: 'wpa_cli', command: 'wpa_cli', args: ['-i', DEVICE], input: true });
    await cli.waitOutput(/Interactive mode/, 10, 0);
    const daemon = startHostP2pD(lab, { hook });
    await groupIsUp(daemon);
    await cli.waitOutput(/P2P-GROUP-STARTED/, 10, 0);

    const joining = phone.joinWithPin(box.address, PIN);
    // A person sends some requests while the phone joins.
    for (let i = 0; i < 20; i++) {
      const mark = cli.mark();
      cli.write('ping\n');
      await cli.waitOutput(/PONG/, 10, mark);
      cli.write('list_networks\n');
      await cli.waitOutput(new RegExp(LAB_GROUP.ssid), 10, mark);
      cli.write('p2p_peers\n');
    }
    await joining;
    await hook.expect(['connect', phone.address, 'Phone', GROUP], 10);
    await cli.waitOutput(/AP-STA-CONNECTED/, 10, 0);

    const group = await lab.run({ command: 'wpa_cli', args: ['-i', GROUP, 'status'] });
    assert.match(group.stdout, /mode=P2P GO/);
    const before = await lab.run({ command: 'wpa_cli', args: ['-i', DEVICE, 'ping'] });
    assert.match(before.stdout, /PONG/);

    lab.note('reload');
    const mark = daemon.mark();
    daemon.signal('SIGHUP');
    await daemon.waitOutput(/configuration reloaded/, 10, mark);
    await daemon.waitOutput(/← SET config_methods keypad/, 10, mark);
    assert.deepEqual((await box.stations(GROUP)).length, 1, 'the phone is still connected');
    assert.ok(phone.joined);
    assert.ok(!hook.calls.some(({ args }) => args[0] === 'disconnect' || args[0] === 'stop_group'));

    // Before the rest, in which wpa_supplicant re-creates its sockets, which disconnects every client.
    const after = cli.mark();
    cli.write('ping\n');
    await cli.waitOutput(/PONG/, 10, after);
    cli.write('quit\n');
    assert.equal((await cli.waitExit(10)).code, 0);

    await stopped(lab, { box, phone, hook, daemon });
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  },
};

interface Place {
  readonly box: Box;
  readonly phone: AndroidPhone;
  readonly hook: HookLog;
  readonly daemon: Program;
}

/** Both interfaces have a wpa_cli that was stopped with Ctrl-Z, so wpa_supplicant holds back all events. */
async function stopped(lab: Lab, { box, phone, hook, daemon }: Place): Promise<void> {
  lab.note('wpa_cli is stopped on both interfaces');
  const other = lab.startDaemon({
    name: 'wpa_cli-group',
    command: 'wpa_cli',
    args: ['-i', GROUP],
    input: true,
  });
  await other.waitOutput(/Interactive mode/, 10, 0);
  const cli = lab.startDaemon({
    name: 'wpa_cli-device',
    command: 'wpa_cli',
    args: ['-i', DEVICE],
    input: true,
  });
  await cli.waitOutput(/Interactive mode/, 10, 0);
  for (const client of [cli, other]) client.signal('SIGSTOP');
  let mark = daemon.mark();
  for (const name of [DEVICE, GROUP]) await fill(box, name);
  for (const [name, client] of [
    [DEVICE, cli],
    [GROUP, other],
  ] as const) {
    const line = await daemon.waitOutput(
      new RegExp(`${name}: wpa_supplicant holds back its events: (.*)`),
      25,
      mark,
    );
    assert.match(line.groups[0] ?? '', new RegExp(`wpa_cli \\(pid ${client.pid}, stopped\\)`));
  }
  assert.match(
    (await lab.run({ args: ['-i', DEVICE, 'status'] })).stdout,
    /^problem: +events since \S+: held back: .*; waits for that program to read, or to end$/m,
  );

  lab.note('stations connect and disconnect nevertheless, and a phone joins by PIN');
  let seen = hook.mark();
  await phone.leave();
  await hook.expect(['disconnect', phone.address, 'Phone', GROUP], 30, seen);
  await phone.forget();
  seen = hook.mark();
  await phone.joinWithPin(box.address, PIN);
  await hook.expect(['connect', phone.address, 'Phone', GROUP], 30, seen);

  // One that is under way when wpa_supplicant makes its socket again is lost, and the link with it.
  await lab.until('the last reply', 20, () => requests(daemon, '←') === requests(daemon, '→'));
  lab.note('wpa_cli ends: the whole state is requested once');
  mark = daemon.mark();
  other.signal('SIGKILL');
  cli.signal('SIGCONT');
  for (const name of [DEVICE, GROUP])
    await daemon.waitOutput(new RegExp(`${name}: the events of wpa_supplicant are received again`), 25, mark);
  seen = hook.mark();
  await phone.leave();
  await hook.expect(['disconnect', phone.address, 'Phone', GROUP], 10, seen);
  const since = daemon.output.slice(mark).map(({ text }) => text);
  for (const once of [/are received again/, /detached without notice/])
    assert.ok(since.filter((line) => once.test(line)).length <= 2, String(once));
  assert.ok(!since.some((line) => / (?:warning|error) .*lost/.test(line)), 'the link stays up');
}

/** How many requests to the P2P device, or replies, are in the log. */
function requests(daemon: Program, arrow: '←' | '→'): number {
  return daemon.output.filter(({ text }) => text.includes(` ${DEVICE} ${arrow} `)).length;
}

/** Causes events until wpa_supplicant must hold them back, after some 140. */
async function fill(box: Box, ifname: string): Promise<void> {
  const control = await box.on(ifname);
  for (let n = 0; n < 150; n++) {
    // On the P2P device interface, adding a network sends no event.
    const made = ifname === DEVICE ? 'P2P_FIND 10' : 'ADD_NETWORK';
    const reply = (await control.request(made)).trim();
    await control.request(ifname === DEVICE ? 'P2P_STOP_FIND' : `REMOVE_NETWORK ${reply}`);
  }
}

export default scenario;
