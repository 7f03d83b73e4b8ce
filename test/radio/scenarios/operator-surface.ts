import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { HOSTP2PD } from '../../shipped-program.js';
import { LAB_GROUP } from '../guest/box.js';
import { DEVICE, PIN } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';

const PID_FILE = `/var/run/hostp2pd-${DEVICE}.pid`;

const scenario: Scenario = {
  name: 'operator-surface',
  title: 'the daemon and its commands from a shell, with phones: admission, disconnection and output',
  suite: 'full',
  timeoutSeconds: 400,
  async run(lab) {
    const [box, phone, other] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel' }),
      // Not Android: it plays an iPhone, and devices whose users choose the method.
      lab.startPhone({ number: 2, deviceName: 'Galaxy' }),
    ]);
    const config = lab.file(
      'daemon.yaml',
      `logging:\n  file: ${lab.results}/daemon.log\n  level: debug\n` +
        `hostp2pd:\n  pin: "${PIN}"\n  state_folder: ${lab.scratch}/state\n`,
      0o600,
    );

    lab.note('-d returns when the daemon is attached');
    const began = await lab.run({ args: ['-c', config, '-d'] });
    assert.equal(began.code, 0, began.stderr);
    assert.match(began.stdout, /attached to p2p-dev-wlan0/);
    const pid = readFileSync(PID_FILE, 'utf8').split('\n', 1)[0];
    assert.match(began.stdout, new RegExp(`\\b${pid}\\b`));
    await lab.until('the group', 30, async () => (await ask(lab, 'status'))['group'] !== null);

    lab.note('a phone joins by the configured PIN; the commands show it');
    const follower = lab.startDaemon({ name: 'events', args: ['events', '-f'] });
    const monitor = lab.startDaemon({ name: 'monitor', args: ['monitor'] });
    await monitor.waitOutput(new RegExp(LAB_GROUP.ssid), 20);
    await phone.joinWithPin(box.address, PIN);
    await stationsAre(lab, 1, 20);
    await follower.waitOutput(/station connected: \S+ "Pixel"/, 20);
    await monitor.waitOutput(/Pixel/, 20);
    const stations = (await say(lab, 'stations')).stdout;
    assert.match(
      stations,
      new RegExp(
        `^Stations: 1 .*Connected$\\n^Pixel +${phone.address} .* +-\\d+ dBm +.* +00:0\\d:\\d\\d$`,
        'm',
      ),
    );
    assert.match((await say(lab, 'clients')).stdout, new RegExp(`^Pixel +${phone.address} +connected$`, 'm'));

    lab.note('the QR code has the name and passphrase of the group');
    const code = await ask(lab, 'qr');
    assert.deepEqual([code['ssid'], code['passphrase']], [LAB_GROUP.ssid, LAB_GROUP.passphrase]);
    const png = `${lab.scratch}/code.png`;
    await say(lab, 'qr', '--png', png);
    assert.equal(readFileSync(png).subarray(1, 4).toString(), 'PNG');
    await other.joinByQrCode(String(code['text']));
    await stationsAre(lab, 2, 20);
    await other.leaveByPassphrase();
    await stationsAre(lab, 1, 20);

    lab.note('a phone reads the group from an NFC tag');
    const tag = `${lab.scratch}/group.ndef`;
    await lab.run({
      command: '/bin/sh',
      args: ['-c', `"$0" "$1" handover --format ndef > ${tag}`, process.execPath, HOSTP2PD],
    });
    await other.joinByTag(readFileSync(tag));
    await stationsAre(lab, 2, 20);
    await other.leaveByPassphrase();
    await stationsAre(lab, 1, 20);

    lab.note('disconnected by name, it reconnects by itself');
    const before = follower.mark();
    await say(lab, 'disconnect', 'Pixel');
    await follower.waitOutput(/station disconnected: \S+ "Pixel"/, 20, before);
    await follower.waitOutput(/station connected: \S+ "Pixel"/, 40, before);

    lab.note('invited while it is away');
    await phone.leave();
    await stationsAre(lab, 0, 20);
    await phone.control.command('P2P_LISTEN 60');
    await say(lab, 'find', '5');
    await say(lab, 'invite', 'Pixel');
    await stationsAre(lab, 1, 30);

    lab.note('forgotten: removed from the list and disconnected; it still knows the passphrase');
    await say(lab, 'forget', phone.address);
    await stationsAre(lab, 0, 20);
    assert.equal((await say(lab, 'clients')).stdout.trim(), 'none');
    await phone.waitGone(20);
    await phone.lookAnew();
    await phone.rejoin(box.address);
    await stationsAre(lab, 1, 30);

    lab.note('a pairing window with its own PIN: the configured one is refused, the new one is accepted');
    const pairing = (await ask(lab, 'pair', 'pin', other.address))['pairing'];
    const fresh = isObject(pairing) ? String(pairing['pin']) : '';
    assert.match(fresh, /^\d{8}$/);
    assert.notEqual(fresh, PIN);
    assert.match(
      (await say(lab, 'status')).stdout,
      new RegExp(
        `^admission: +by PIN ${fresh.replace(/^\d{4}/, '$& ')} for \\d+ s \\(${other.address}\\)$`,
        'm',
      ),
    );
    await other.joinWithPin(box.address, fresh);
    await stationsAre(lab, 2, 30);
    assert.equal((await ask(lab, 'status'))['pairing'], null, 'the window is closed afterwards');
    await other.leave();
    await other.forget();
    await stationsAre(lab, 1, 20);

    lab.note('a pairing window by push button, although the method is the PIN');
    await say(lab, 'pair', 'pbc');
    await other.joinWithButton(box.address);
    await stationsAre(lab, 2, 30);
    await other.leave();
    await other.forget();
    await stationsAre(lab, 1, 20);

    lab.note('the phone shows a PIN, which the operator types');
    await other.joinShowingPin(box.address, async (shown) => {
      await lab.until('the question', 20, async () =>
        JSON.stringify(await ask(lab, 'status')).includes('keypad'),
      );
      await say(lab, 'pin', other.address, shown);
    });
    await stationsAre(lab, 2, 30);

    lab.note('errors have a message and an exit code');
    const refused = await lab.run({ args: ['disconnect', '42:00:00:00:09:00'] });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /42:00:00:00:09:00/);
    assert.equal((await lab.run({ args: ['disconect', 'x'] })).code, 2);
    assert.match((await say(lab, 'wpa', 'group', 'STATUS')).stdout, /^mode=P2P GO$/m);

    lab.note('-r reloads and keeps the phones; -t ends it, and the group stays');
    const reloading = follower.mark();
    assert.equal((await lab.run({ args: ['-r'] })).code, 0);
    await follower.waitOutput(/configuration reloaded/, 20, reloading);
    assert.equal((await ask(lab, 'status'))['stations'], 2);
    const ended = await lab.run({ args: ['-t'] }, 40);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(existsSync(PID_FILE), false);
    assert.ok(box.groupInterfaces().length > 0);
    await follower.waitExit(20);
    monitor.signal('SIGINT');
    await monitor.waitExit(20);
    assert.notEqual((await lab.run({ args: ['-t'] })).code, 0);
    assert.equal((await lab.run({ args: ['status'] })).code, 1);
  },
};

async function stationsAre(lab: Lab, wanted: number, seconds: number): Promise<void> {
  await lab.until(
    `${wanted} stations`,
    seconds,
    async () => (await ask(lab, 'status'))['stations'] === wanted,
  );
}

/** A command that must succeed. */
async function say(lab: Lab, ...args: string[]): Promise<{ readonly stdout: string }> {
  const { code, stdout, stderr } = await lab.run({ args }, 60);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return { stdout };
}

/** Its result as data. */
async function ask(lab: Lab, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await say(lab, ...args, '--json');
  const value: unknown = JSON.parse(stdout);
  assert.ok(isObject(value), stdout);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export default scenario;
