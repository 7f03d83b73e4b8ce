import { realpathSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import type { ConfigFile } from '../session/model.js';
import { deviceInterfaceOf, isDevice } from '../system/interface-names.js';
import { commandLine, parseShortOptions, processIds, readProcess } from '../system/processes.js';

/**
 * Whose configuration file the P2P interface uses. Only the command line of wpa_supplicant tells; if it cannot be read, or
 * does not decide it, the file counts as shared and is not changed. Blocks for the time of reading /proc.
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
  return processIds(proc)
    .filter((pid) => readProcess(pid, proc)?.name === 'wpa_supplicant')
    .map((pid) => parseSupplicantArguments(commandLine(pid, proc).slice(1)));
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

// The command line of wpa_supplicant.

/** The letters that take a value (main.c of wpa_supplicant). */
const WITH_VALUE = 'bcCDefgGiImoOpPz';

interface NamedInterface {
  readonly name: string;
  readonly configFile: string | null;
  /** From `-C`, which counts without a configuration file only, or `-O`, which always counts. */
  readonly controlInterface: string | null;
}

/** The command line of a wpa_supplicant: `wpa_supplicant -i … -c … -N -i … -c … -m …`. */
export interface SupplicantArguments {
  readonly interfaces: readonly NamedInterface[];
  /** The file of `-m`: there is one for all P2P devices (main.c, conf_p2p_dev). Without it they use the radio's. */
  readonly deviceFile: string | null;
  /** `-O`: with `-m` a P2P device has no control socket without it (wpa_supplicant.c, wpa_supplicant_init_iface). */
  readonly override: string | null;
  /** `-P` of the first interface. */
  readonly pidFile: string | null;
}

/** @param args without the name of the program */
export function parseSupplicantArguments(args: readonly string[]): SupplicantArguments {
  const blocks: Map<string, string>[] = [new Map()];
  let override: string | null = null;
  let deviceFile: string | null = null;
  for (const { letter, value } of parseShortOptions(args, WITH_VALUE).options) {
    if (letter === 'N') blocks.push(new Map());
    else if (letter === 'O') override = value;
    else if (letter === 'm') deviceFile = value;
    else blocks.at(-1)?.set(letter, value);
  }
  const interfaces = blocks.flatMap((block) => {
    const name = block.get('i');
    if (name === undefined) return [];
    const configFile = block.get('c') ?? null;
    const own = configFile === null ? (block.get('C') ?? null) : null;
    return [{ name, configFile, controlInterface: override ?? own }];
  });
  return { interfaces, deviceFile, override, pidFile: blocks[0]?.get('P') ?? null };
}
