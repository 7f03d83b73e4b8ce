import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AndroidPhone } from '../guest/android-phone.js';
import { ControlClient } from '../guest/control-client.js';
import { DEVICE, GROUP, PIN } from '../guest/daemon.js';
import { fileText } from '../guest/file-text.js';
import type { Lab } from '../guest/lab.js';
import { LabError } from '../guest/wait.js';
import { ask, CONFIG, LOG } from './service-units.js';

/** A host on which NetworkManager and Debian's wpa_supplicant.service run, as on desktops and on Raspberry Pi OS. */

const PACKAGING = fileURLToPath(new URL('../../../../packaging', import.meta.url));

/** Starts both, and waits until NetworkManager has decided about wlan0. */
export async function startNetworkManager(lab: Lab): Promise<void> {
  const { units } = lab;
  await units.start('dbus.service', 'systemd-udevd.service');
  // NetworkManager manages no device that udev has not seen, and the radios existed before udev.
  await run(lab, 'udevadm', 'trigger', '--action=add', '--subsystem-match=net', '--settle');
  await units.start('wpa_supplicant.service', 'NetworkManager.service');
  await lab.until('the state of wlan0', 40, async () => !/^10 /.test(await stateOfRadio(lab)));
}

/** `30 (disconnected)`, `100 (connected)`, `10 (unmanaged)` … */
export async function stateOfRadio(lab: Lab): Promise<string> {
  return (await run(lab, 'nmcli', '-g', 'GENERAL.STATE', 'device', 'show', 'wlan0')).trim();
}

/** Puts a file of packaging/neighbours where its first lines say that it belongs. */
export function placeNeighbour(lab: Lab, name: string): void {
  const text = readFileSync(`${PACKAGING}/neighbours/${name}`, 'utf8');
  const [place] = /\/etc\/\S+\.conf/.exec(text) ?? [];
  if (place === undefined) throw new LabError(`${name} does not say where it belongs`);
  lab.units.place(place, text);
}

/** The first block of that language in a document of packaging/docs after the text `after`. */
export function blockOf(document: string, language: string, after = ''): string {
  const text = readFileSync(`${PACKAGING}/docs/${document}`, 'utf8');
  const [, block] =
    new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(text.slice(text.indexOf(after))) ?? [];
  if (block === undefined) throw new LabError(`${document} has no block of ${language} after "${after}"`);
  return block;
}

function linesOfLog(): string[] {
  return fileText(LOG).split('\n').slice(0, -1);
}

/** The log lines of earlier scenarios. */
const EARLIER_LINES = linesOfLog().length;

/** The log since the service was attached; systemd may have had to start it twice. */
export function logLines(): string[] {
  const lines = linesOfLog().slice(EARLIER_LINES);
  return lines.slice(lines.findLastIndex((line) => / info \S+: attached to wpa_supplicant$/.test(line)));
}

/** Waits until that many lines of the log match. @returns them */
export async function logged(lab: Lab, pattern: RegExp, seconds = 60, count = 1): Promise<string[]> {
  try {
    return await lab.until(`${count} × ${pattern} in the log`, seconds, () => {
      const found = logLines().filter((line) => pattern.test(line));
      return found.length >= count && found;
    });
  } catch (error) {
    lab.note(logLines().join('\n'));
    throw error;
  }
}

/**
 * Starts the service. With NetworkManager beside it an emulated start may take longer than systemctl, or the program
 * itself, waits; systemd then starts it again.
 */
export async function startService({ units }: Lab, unit: string): Promise<void> {
  await units.systemctl('start', '--no-block', unit);
  await units.until(unit, 'ActiveState', /^active$/, 200);
}

/** The network of the phones' addresses. */
const BOX = '10.77.0.1';
export const ADDRESSES = ['addressing: dnsmasq', `group_address: ${BOX}/24`];

const LOSS = /^(?:AP-STA-DISCONNECTED|P2P-GROUP-REMOVED|AP-DISABLED)/;

/**
 * Starts the service; the phone joins its group and gets an address.
 * @returns a check that phone and group stayed up since then, and that the doctor reports no error about NetworkManager
 */
export async function servePhone(lab: Lab, unit: string, phone: AndroidPhone): Promise<() => Promise<void>> {
  lab.note('a phone is served');
  await startService(lab, unit);
  await lab.until('the group', 60, async () => (await ask(lab, 'status')).includes(GROUP));
  const [group, device] = await Promise.all(
    [GROUP, DEVICE].map((name) => ControlClient.open(`/run/wpa_supplicant/${name}`, name, lab.timeline)),
  );
  await phone.joinWithPin((await device?.fields('STATUS'))?.get('p2p_device_address') ?? '', PIN);
  const mark = group?.mark();
  const network = phone.network();
  const { ip } = await network.ask();
  await lab.until('the lease in the list of stations', 40, async () =>
    (await ask(lab, 'stations')).includes(ip),
  );
  return async () => {
    await network.ping(BOX);
    const events = [...(group?.since(mark ?? 0) ?? []), ...(device?.since(0) ?? [])];
    assert.deepEqual(
      events.filter(({ text }) => LOSS.test(text)),
      [],
    );
    assert.match(await ask(lab, 'stations'), new RegExp(phone.deviceName));
    const { judgement, text } = await examination(lab);
    assert.equal(judgement, 'ok', text);
  };
}

/** The report of the doctor, and its finding about NetworkManager. */
export async function examination(
  lab: Lab,
): Promise<{ code: number | null; judgement: string; text: string }> {
  const { code, stdout } = await lab.run({ args: ['doctor', '--all', '-c', CONFIG] }, 90);
  const [, judgement = 'nothing'] = /^(\w+) +network-manager /m.exec(stdout) ?? [];
  return { code, judgement, text: stdout };
}

/** `ifup` waits for wpa_supplicant and for an address. On a busy machine that takes more than a minute. */
const LIMIT_S = 180;

/** The output of a command; throws if it fails. */
export async function run(lab: Lab, command: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run({ name: command, command, args }, LIMIT_S);
  if (code !== 0) throw new LabError(`${command} ${args.join(' ')}: exit ${code}: ${stdout}${stderr}`);
  return stdout;
}
