import { realpathSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import type { ConfigFile } from '../session/model.js';
import { deviceInterfaceOf, isDevice } from '../system/interface-names.js';
import { commandLine, processesNamed } from '../system/processes.js';
import { parseSupplicantArguments, type SupplicantArguments } from './supplicant-arguments.js';

/**
 * Whose configuration file the P2P interface uses. Only the command line of wpa_supplicant shows that; if it cannot be
 * read, or does not decide it, the file counts as shared and is not changed. Blocks for the time of reading /proc.
 * @param proc for tests
 */
export function configFileOf(deviceInterface: string, proc = '/proc'): ConfigFile {
  if (!isDevice(deviceInterface)) return 'radio';
  const running = supplicants(proc);
  const serving = running.filter(({ interfaces }) =>
    interfaces.some(({ name }) => deviceInterfaceOf(name) === deviceInterface),
  );
  // Interfaces can also be added over D-Bus.
  const [supplicant, ...more] = serving.length > 0 ? serving : running;
  if (!supplicant || more.length > 0) return 'shared';
  const { deviceFile } = supplicant;
  if (deviceFile === null) return 'shared';
  const others = running.flatMap((one) => [
    ...one.interfaces.map(({ configFile }) => configFile),
    ...(one === supplicant || one.deviceFile === null ? [] : [one.deviceFile]),
  ]);
  return others.some((file) => file !== null && maybeSame(file, deviceFile)) ? 'shared' : 'own';
}

function supplicants(proc: string): SupplicantArguments[] {
  const pids = processesNamed('wpa_supplicant', proc);
  return pids.map((pid) => parseSupplicantArguments(commandLine(pid, proc).slice(1)));
}

/** The folder that a relative name starts from is not known: `wpa_supplicant -B` leaves it. */
function maybeSame(one: string, other: string): boolean {
  if (!isAbsolute(one) || !isAbsolute(other)) return basename(one) === basename(other);
  return real(one) === real(other);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
