import { parseShortOptions } from '../system/processes.js';

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
