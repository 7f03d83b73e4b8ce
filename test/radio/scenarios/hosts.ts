import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import type { AndroidPhone } from '../guest/android-phone.js';
import { ControlClient } from '../guest/control-client.js';
import { DEVICE } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import { PlantedFaults } from '../guest/planted.js';
import { blockIn, Reader, withOwnValues } from '../guest/reader.js';
import { LabError } from '../guest/wait.js';
import { HOME, pingHome, startHomeNetwork } from './home-access-point.js';
import { run } from './network-manager-host.js';

/**
 * Kinds of hosts that users have. On each the Debian package is installed, and a person follows install.md from section 4
 * on, until a phone has an address.
 */

/** The example of the documents. */
export const PIN = '52107733';
export const UNIT = `hostp2pd@${DEVICE}.service`;
/** Of the group, with which phones get addresses: the example of install.md. */
const BOX = '192.168.49.1';
export const SUPPLICANT_FILE = '/etc/wpa_supplicant/wpa_supplicant-wlan0.conf';
const COUNTRY = 'IT';
/** Of the Debian package nodejs. */
export const NODE = '/usr/bin/node';
const PACKAGES = '/lab/results/packages';

/** What install.md has in place of the reader's own values. */
const OWN_NETWORK = { 'the name of your home network': HOME.ssid, 'its passphrase': HOME.passphrase };

export interface Host {
  readonly lab: Lab;
  readonly reader: Reader;
  readonly phone: AndroidPhone;
  readonly faults: PlantedFaults;
  /** The Node.js of this Debian, if it is too old; null: it is not. */
  readonly oldNode: string | null;
}

/** What all scenarios that play a kind of host ask for: a Debian with systemd, and our package. */
export const ON_HOST = {
  suite: 'hosts',
  system: 'debian',
  needsPackage: true,
  timeoutSeconds: 1200,
} as const;

/** The home network, a phone, and a Debian with a country and the package of hostp2pd. */
export async function prepareHost(lab: Lab, ...packages: readonly string[]): Promise<Host> {
  await startHomeNetwork(lab);
  const phone = await lab.startAndroid({ number: 1, deviceName: 'Pixel', ownNetwork: true });
  await lab.units.start('dbus.service', 'systemd-udevd.service');
  // No network program manages a device that udev has not seen, and the radios existed before udev.
  await run(lab, 'udevadm', 'trigger', '--action=add', '--subsystem-match=net', '--settle');
  // The reader agrees to what apt wants to install.
  lab.units.place('/etc/apt/apt.conf.d/agree', 'APT::Get::Assume-Yes "true";\n');
  // The lab starts with an empty /etc/systemd.
  mkdirSync('/etc/systemd/network', { recursive: true });
  // Of procps, which every usual installation has.
  lab.units.place('/usr/bin/kill', '#!/bin/sh\nkill "$@"\n', 0o755);
  mkdirSync('/etc/sysctl.d', { recursive: true });
  lab.units.place('/usr/sbin/sysctl', '#!/bin/sh\nexec /usr/lib/systemd/systemd-sysctl\n', 0o755);
  appendFileSync('/etc/hosts', `127.0.1.1 ${hostname()}\n`);
  await run(lab, 'apt-get', 'update');
  await install(lab, 'wireless-regdb', ...packages);
  await run(lab, 'iw', 'reg', 'reload');
  await run(lab, 'iw', 'reg', 'set', COUNTRY);
  const oldNode = await renewNode(lab);
  const [file] = readdirSync(PACKAGES).filter((name) => name.endsWith('.deb'));
  await install(lab, `${PACKAGES}/${file}`);
  return {
    lab,
    phone,
    reader: new Reader(lab),
    faults: new PlantedFaults(lab, () => keepsHome({ lab })),
    oldNode,
  };
}

/** Debian 12 has Node.js 18: then one is installed from elsewhere, as a Debian package. @returns the old one */
async function renewNode(lab: Lab): Promise<string | null> {
  const { stdout } = await lab.run({ command: NODE, args: ['--version'] }, 60);
  if (!/^v1\d\./.test(stdout)) return null;
  const oldNode = `${lab.scratch}/node`;
  copyFileSync(NODE, oldNode);
  const folder = `${lab.scratch}/nodejs`;
  for (const part of ['DEBIAN', 'usr/bin']) mkdirSync(`${folder}/${part}`, { recursive: true });
  const fields = {
    Package: 'nodejs',
    Version: `${process.versions.node}-1lab1`,
    Architecture: 'amd64',
    // Without this, apt would remove what the old one needs: node-acorn depends on `nodejs:any`.
    'Multi-Arch': 'allowed',
    Maintainer: 'lab',
    Description: 'the Node.js of the lab',
  };
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${value}\n`);
  writeFileSync(`${folder}/DEBIAN/control`, lines.join(''));
  symlinkSync(process.execPath, `${folder}/usr/bin/node`);
  await run(lab, 'dpkg-deb', '--build', folder, `${folder}.deb`);
  await install(lab, `${folder}.deb`);
  return oldNode;
}

/** Without a network: the root has an archive of its own. */
export async function install(lab: Lab, ...packages: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await lab.run(
    { name: 'apt', command: 'apt-get', args: ['install', '--no-install-recommends', ...packages] },
    480,
  );
  assert.equal(code, 0, stdout + stderr);
}

/** Sections 6 to 9 of install.md: the first start, the service, addresses; then the phone joins. */
export async function serve({ lab, reader, phone }: Host, began: number): Promise<void> {
  lab.note('first start');
  reader.set({ pin: `"${PIN}"` });
  await reader.follow('6. First start', {
    'sudo hostp2pd -c': "printf 'status\\nquit\\n' | sudo hostp2pd -c",
  });
  lab.note('the service');
  await reader.follow('7. The service', {}, 1);
  lab.note('addresses');
  // With the shipped file nothing has to be written for them.
  await reader.follow('8. Addresses', {}, 1);
  await joins({ lab, phone });
  lab.figures['minutes'] = ((lab.now() - began) / 60).toFixed(1);
  lab.figures['typed lines'] = String(reader.typedLines);
  await reader.follow('9. Check');
}

/** The phone joins, if it is not in the group, and gets an address. */
export async function joins({ lab, phone }: Pick<Host, 'lab' | 'phone'>): Promise<void> {
  await lab.until('the group', 60, async () => (await status(lab)).includes('p2p-wlan0-'));
  const device = await ControlClient.open(`/run/wpa_supplicant/${DEVICE}`, DEVICE, lab.timeline);
  const address = (await device.fields('STATUS')).get('p2p_device_address') ?? '';
  device.close();
  if (phone.joined === undefined || !(await hasAddress(phone))) {
    // It may not have noticed that its group has ended.
    if (phone.joined !== undefined) await phone.leave();
    await phone.joinWithPin(address, PIN);
    await phone.network().ask();
    await phone.network().ping(BOX);
  }
}

async function hasAddress(phone: AndroidPhone): Promise<boolean> {
  try {
    await phone.network().ask();
    await phone.network().ping(BOX);
    return true;
  } catch {
    return false;
  }
}

async function status(lab: Lab): Promise<string> {
  const { code, stdout } = await lab.run({ command: 'hostp2pd', args: ['status'] }, 60);
  return code === 0 ? stdout : '';
}

/** Waits until the box is in its home network, and throws if it is not. */
export async function keepsHome({ lab }: Pick<Host, 'lab'>): Promise<void> {
  await lab.until('the home network', 60, async () => {
    try {
      await pingHome(lab);
      return true;
    } catch {
      return false;
    }
  });
}

/** The file of wpa-supplicant.md with the network of install.md. */
export function supplicantFile(): string {
  return `${blockIn('wpa-supplicant.md', 'wpa_supplicant.conf', 'ini')}\n${ownNetwork()}`;
}

/** The home network, for the file of wpa_supplicant. */
export function ownNetwork(): string {
  return withOwnValues(blockIn('install.md', 'wpa_supplicant has the radio', 'ini'), OWN_NETWORK);
}

export function shell(lab: Lab, text: string): Promise<string> {
  return run(lab, 'bash', '-euo', 'pipefail', '-c', text);
}

/** Changes a file; throws if that changes nothing. */
export function changeText(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after === before) throw new LabError(`expected a change of ${path}`);
  writeFileSync(path, after);
}
