/** The letters that take a value (main.c of wpa_supplicant). */
const WITH_VALUE = 'bcCDefgGiImoOpPz';

export interface NamedInterface {
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
  return { interfaces, deviceFile, override };
}

/** A command line as getopt(3) reads it, in the order of the words. */
export interface ShortOptions {
  readonly options: readonly { readonly letter: string; readonly value: string }[];
  readonly words: readonly string[];
}

/**
 * Reads the command line of another program.
 * @param args without the name of the program
 * @param withValue the letters that take a value
 */
export function parseShortOptions(args: readonly string[], withValue: string): ShortOptions {
  const options: { letter: string; value: string }[] = [];
  const words: string[] = [];
  for (let place = 0; place < args.length; place += 1) {
    const arg = args[place] ?? '';
    if (arg === '--') {
      words.push(...args.slice(place + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at += 1) {
      const letter = arg.charAt(at);
      if (!withValue.includes(letter)) {
        options.push({ letter, value: '' });
        continue;
      }
      const attached = arg.slice(at + 1);
      if (attached === '') place += 1;
      options.push({ letter, value: attached === '' ? (args[place] ?? '') : attached });
      break;
    }
  }
  return { options, words };
}
