import { readFileSync, readlinkSync } from 'node:fs';
import { arch, release } from 'node:os';
import { basename } from 'node:path';
import { parentOf } from '#src/system/interface-names.js';
import { runProgram } from '#src/system/programs.js';
import { type Box, executableOf, serviceOf, supplicantPid } from './box.js';

/** What a report says about the machine: a name and a value. */
type Fact = readonly [name: string, value: string];

export interface MachineFacts {
  readonly table: readonly Fact[];
  /** `iw phy … info`, and what wpa_supplicant says that the radio can do. */
  readonly radio: string;
}

export async function gatherFacts(box: Box): Promise<MachineFacts> {
  const status = await box.status();
  const radio = parentOf(status.interface);
  const node = executableOf(status.pid);
  const supplicant = supplicantPid();
  const firmware = /^firmware-version: (\S.*)$/m.exec(await output('ethtool', '-i', radio))?.[1];
  const [supplicantVersion = ''] = (await output('wpa_supplicant', '-v')).split('\n');
  const table: Fact[] = [
    ['machine', textOf('/proc/device-tree/model') ?? textOf('/sys/class/dmi/id/product_name') ?? 'unknown'],
    ['system', /^PRETTY_NAME="?(.*?)"?$/m.exec(textOf('/etc/os-release') ?? '')?.[1] ?? 'unknown'],
    ['kernel', `${release()} ${arch()}`],
    ['radio', radio],
    ['driver', linkOf(`/sys/class/net/${radio}/device/driver`) ?? 'unknown'],
    ['firmware', firmware ?? 'unknown (ethtool)'],
    ['regulatory domain', /^country (\w\w)/m.exec(await output('iw', 'reg', 'get'))?.[1] ?? 'unknown (iw)'],
    ['wpa_supplicant', supplicantVersion],
    ['its package', (await output('dpkg-query', '-W', 'wpasupplicant')).trim().replace(/\s+/, ' ')],
    ['its service', (supplicant === null ? null : serviceOf(supplicant)) ?? 'none'],
    ['hostp2pd', status.version],
    ['its service', serviceOf(status.pid) ?? 'none'],
    ['its Node.js', node === null ? 'unknown' : (await output(node, '--version')).trim()],
    ['P2P device interface', status.interface],
  ];
  return { table, radio: await radioText(box, radio) };
}

async function radioText(box: Box, radio: string): Promise<string> {
  const phy = textOf(`/sys/class/net/${radio}/phy80211/name`);
  const parts = [
    phy === null ? 'no phy80211 folder: not a radio of this machine' : await output('iw', 'phy', phy, 'info'),
  ];
  for (const request of ['DRIVER_FLAGS', 'GET_CAPABILITY modes', 'GET_CAPABILITY freq'])
    parts.push(`${request}:\n${await box.wpa(...request.split(' ')).catch(reasonOf)}`);
  return parts.map((part) => part.trim()).join('\n\n');
}

/** The output of a program, or why there is none. */
function output(program: string, ...args: readonly string[]): Promise<string> {
  return runProgram(program, args).catch(reasonOf);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim();
  } catch {
    return null;
  }
}

function linkOf(path: string): string | null {
  try {
    return basename(readlinkSync(path));
  } catch {
    return null;
  }
}
