import { readdirSync } from 'node:fs';
import type { ArgumentSpec } from '../commands/command.js';
import type { DeviceArgument } from '../commands/devices.js';
import { EXIT } from './exit.js';
import { describeProgram, SHELL_COMMANDS } from './help.js';
import { COMMAND_OPTIONS, OPTIONS, type OptionSpec } from './options.js';

/** TAB in the shell: yargs makes the script, and the script asks us for the words. */

/** Asks the session for addresses and names; may fail, or find no daemon. */
export type Lookup = (what: DeviceArgument, interfaceName: string | undefined) => Promise<readonly string[]>;

/** Prints the script for that shell, bash or zsh; without one for the shell that is in use. */
export function printCompletionScript(shell?: string): void {
  // yargs goes by the environment, and by it alone.
  if (shell !== undefined) {
    process.env['SHELL'] = `/bin/${shell}`;
    delete process.env['ZSH_NAME'];
  }
  describeProgram().showCompletionScript();
}

/**
 * What the script of yargs wants to hear, one word a line. The colons of addresses are special in both shells: bash
 * takes them for the end of a word, zsh for the beginning of an explanation.
 * @param words the command line with the program in front, the word under the cursor last
 * @param isZsh its script tells by setting COMP_LINE
 */
export async function completionReply(
  words: readonly string[],
  isZsh: boolean,
  lookup: Lookup,
): Promise<readonly string[]> {
  if (isZsh) return (await completeWords(words, lookup)).map((word) => word.replaceAll(':', '\\:'));
  const joined = joinAtColons(words);
  const current = joined.at(-1) ?? '';
  const split = current !== words.at(-1);
  const typed = split ? current.lastIndexOf(':') + 1 : 0;
  return (await completeWords(joined, lookup)).map((word) => word.slice(typed));
}

/** Prints that reply; what a daemon knows is asked of the one that runs. @returns the exit code */
export async function answerCompletion(words: readonly string[]): Promise<number> {
  const lookup: Lookup = async (what, interfaceName) => {
    const { findControlSocket, RemoteTarget } = await import('../control/client.js');
    return (await RemoteTarget.connect(await findControlSocket(interfaceName))).complete(what);
  };
  const reply = await completionReply(words, process.env['COMP_LINE'] !== undefined, lookup);
  for (const word of reply) process.stdout.write(`${word}\n`);
  return EXIT.ok;
}

/** `42`, `:`, `00`, `:` → `42:00:` */
function joinAtColons(words: readonly string[]): string[] {
  const joined: string[] = [];
  let open = false;
  for (const word of words) {
    const isColon = /^:+$/.test(word);
    if ((isColon || open) && joined.length > 1) joined.push(`${joined.pop() ?? ''}${word}`);
    else joined.push(word);
    open = isColon;
  }
  return joined;
}

/**
 * The words that may stand in the last place.
 * @param words the command line with the program in front, the word under the cursor last
 */
export async function completeWords(words: readonly string[], lookup: Lookup): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const found = await candidates(read(words.slice(1, -1)), current, lookup);
  return [...new Set(found)].filter((word) => word.startsWith(current)).toSorted();
}

interface Typed {
  readonly command: string | null;
  readonly words: readonly string[];
  readonly interfaceName: string | undefined;
  /** The option whose value stands in the last place. */
  readonly option: string | null;
}

function read(before: readonly string[]): Typed {
  let command: string | null = null;
  let interfaceName: string | undefined;
  let option: string | null = null;
  const words: string[] = [];
  for (const word of before) {
    if (option !== null) {
      if (option === 'interface') interfaceName = word;
      option = null;
    } else if (word.startsWith('-')) {
      option = wantsValue(word, command === null ? OPTIONS : COMMAND_OPTIONS);
    } else if (command === null) {
      command = word;
    } else {
      words.push(word);
    }
  }
  return { command, words, interfaceName, option };
}

/** The name of the option, where its value is the next word. */
function wantsValue(word: string, specs: Readonly<Record<string, OptionSpec>>): string | null {
  for (const [name, { type, short }] of Object.entries(specs)) {
    if (type === 'string' && (word === `--${name}` || word === `-${short}`)) return name;
  }
  return null;
}

async function candidates(typed: Typed, current: string, lookup: Lookup): Promise<readonly string[]> {
  const { command, words, interfaceName, option } = typed;
  if (option === 'interface') return interfaces();
  if (option !== null) return files(current);
  if (current.startsWith('-')) return optionWords(command === null ? OPTIONS : COMMAND_OPTIONS);
  if (command === null) return SHELL_COMMANDS.map(({ name }) => name);
  const spec = SHELL_COMMANDS.find(({ name }) => name === command);
  const argument = spec?.arguments[Math.min(words.length, spec.arguments.length - 1)];
  if (!argument || (words.length >= (spec?.arguments.length ?? 0) && !argument.rest)) return [];
  return [...(argument.words ?? []), ...(await values(argument, current, interfaceName, lookup))];
}

async function values(
  { completes }: ArgumentSpec,
  current: string,
  interfaceName: string | undefined,
  lookup: Lookup,
): Promise<readonly string[]> {
  switch (completes) {
    case 'device':
    case 'station':
    case 'client':
      // A shell would take others apart.
      return (await lookup(completes, interfaceName).catch(() => [])).filter((name) =>
        /^[\w.:-]+$/.test(name),
      );
    case 'command':
      return SHELL_COMMANDS.map(({ name }) => name);
    case 'file':
      return files(current);
    default:
      return [];
  }
}

function optionWords(specs: Readonly<Record<string, OptionSpec>>): string[] {
  return Object.keys(specs).map((name) => `--${name}`);
}

/** Of the kernel: what wpa_supplicant serves beside them only it can tell. */
function interfaces(): string[] {
  return names('/sys/class/net').flatMap((name) => [name, `p2p-dev-${name}`]);
}

/** What begins as it is typed so far, below the folder that is typed so far. */
export function files(current: string): string[] {
  const folder = current.slice(0, current.lastIndexOf('/') + 1);
  return names(folder === '' ? '.' : folder).map((name) => folder + name);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
