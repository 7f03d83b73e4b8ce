import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { ConfigFile } from '../session/model.js';
import { deviceInterfaceOf } from '../system/names.js';
import { parseSupplicantArguments, type SupplicantArguments } from '../wpa/supplicant-arguments.js';
import { isDevice } from './control-folder.js';

/**
 * Whose configuration file the P2P interface uses. Only the command line of wpa_supplicant tells; where that cannot be
 * read, or leaves it open, the file counts as shared, and is left alone. Blocks for the time of reading /proc.
 * @param proc for tests
 */
export function configFileOf(deviceInterface: string, proc = '/proc'): ConfigFile {
  if (!isDevice(deviceInterface)) return 'radio';
  const running = supplicants(proc);
  const serving = running.filter(({ interfaces }) =>
    interfaces.some(({ name }) => deviceInterfaceOf(name) === deviceInterface),
  );
  // Interfaces can be added over D-Bus, too.
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
  let pids: string[];
  try {
    pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.flatMap((pid) => {
    try {
      if (readFileSync(join(proc, pid, 'comm'), 'utf8').trim() !== 'wpa_supplicant') return [];
      const line = readFileSync(join(proc, pid, 'cmdline'), 'utf8').replace(/\0$/, '');
      return [parseSupplicantArguments(line.split('\0').slice(1))];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/** A relative name counts from a folder that is not known: `wpa_supplicant -B` leaves it. */
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
