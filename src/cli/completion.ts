import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { CommandSpec } from '../commands/command.js';
import type { DeviceArgument } from '../commands/devices.js';
import { EXIT } from '../daemon/exit.js';
import { deviceInterfaceOf } from '../system/interface-names.js';
import { printable } from '../system/names.js';
import { commandsOf, describeProgram, optionsFor } from './help.js';
import { absolute, quoteWord, readsAsCommand, splitLine, type Word } from './line.js';
import { OPTIONS, type OptionSpec } from './options.js';

/** Completion (TAB) at the prompt and in the shell. */

interface CompletionSources {
  readonly commands: readonly CommandSpec[];
  /** Addresses and names that the session knows. */
  known(argument: DeviceArgument): Promise<readonly string[]>;
}

/**
 * The candidates for the last word of a command line: the same for the prompt and for the shell.
 * @param words the last one may be incomplete
 */
async function complete(
  words: readonly string[],
  { commands, known }: CompletionSources,
): Promise<readonly string[]> {
  const partial = words.at(-1) ?? '';
  const starting = (all: readonly string[]) => all.filter((word) => word.startsWith(partial));
  const names = starting(commands.map(({ name }) => name));
  if (words.length < 2) return names;
  const specs = commands.find(({ name }) => name === words[0])?.arguments ?? [];
  const last = specs.at(-1);
  const spec = specs[words.length - 2] ?? (last?.rest ? last : undefined);
  if (spec === undefined) return [];
  const fixed = starting(spec.words ?? []);
  switch (spec.completes) {
    case 'device':
    case 'station':
    case 'client': {
      const typed = partial.toLowerCase();
      const devices = await known(spec.completes);
      return [...fixed, ...devices.filter((name) => name.toLowerCase().startsWith(typed))];
    }
    case 'file':
      return [...fixed, ...(await files(partial))];
    case 'command':
      return [...fixed, ...names];
    default:
      return fixed;
  }
}

/** Files and folders whose path starts with the typed text; hidden ones only if their dot is typed. */
async function files(partial: string): Promise<readonly string[]> {
  const folder = partial.slice(0, partial.lastIndexOf('/') + 1);
  const start = partial.slice(folder.length);
  const entries = await readdir(absolute(folder === '' ? '.' : folder), { withFileTypes: true }).catch(
    (): Dirent[] => [],
  );
  return entries
    .filter(({ name }) => name.startsWith(start) && (start !== '' || !name.startsWith('.')))
    .filter(({ name }) => printable(name) === name)
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .sort();
}

/** What can replace the word before the cursor of the prompt. */
export interface Completion {
  /** The candidates, with a blank after a whole word. */
  readonly hits: readonly string[];
  /** The text before the cursor that a hit replaces. */
  readonly on: string;
}

export interface PromptSources extends CompletionSources {
  /** Properties of the value of an expression such as `hostp2pd.status`; with null, variables. */
  names(chain: string | null): readonly string[];
}

/** @param before the line up to the cursor */
export async function completeLine(before: string, sources: PromptSources): Promise<Completion> {
  const words = splitLine(before);
  const last = words.at(-1);
  const isPartial = last !== undefined && last.end === before.length;
  const partial: Word = isPartial
    ? last
    : { text: '', start: before.length, end: before.length, open: false };
  const on = before.slice(partial.start);
  const whole = isPartial ? words.slice(0, -1) : words;
  const [first] = whole;
  const names = nameCompletion(before, sources);
  if (first === undefined) {
    const commands = (await complete([on], sources)).map(typed);
    if (commands.length === 0) return names;
    return { hits: [...commands, ...(names.on === on ? names.hits : [])], on };
  }
  if (!sources.commands.some(({ name }) => name === first.text) || !readsAsCommand(before, words))
    return names;
  const hits = await complete([...whole.map(({ text }) => text), partial.text], sources);
  return { hits: hits.map(typed), on };
}

/** The path of a folder is incomplete; everything else is a whole word. */
function typed(word: string): string {
  return word.endsWith('/') ? quoteWord(word) : `${quoteWord(word)} `;
}

const CHAIN = /(?:^|[^\w$.\])])((?:[A-Za-z_$][\w$]*(?:\[\d+\])*\??\.)*)([A-Za-z_$][\w$]*)?$/;

/** A name of JavaScript: a variable, or a property of one. */
function nameCompletion(before: string, sources: PromptSources): Completion {
  const [, chain = '', on = ''] = CHAIN.exec(before) ?? [];
  if (chain === '' && on === '') return { hits: [], on: '' };
  const names = sources.names(chain === '' ? null : chain.replace(/\??\.$/, ''));
  return { hits: names.filter((name) => name.startsWith(on)).sort(), on };
}

/** Prints the completion script of yargs for bash or zsh; without a name, for the shell in use. */
export async function printCompletionScript(shell?: string): Promise<void> {
  // yargs decides by the environment only.
  if (shell !== undefined) {
    process.env['SHELL'] = `/bin/${shell}`;
    delete process.env['ZSH_NAME'];
  }
  (await describeProgram()).showCompletionScript();
}

/** Asks the session for addresses and names; rejects where there is no daemon. */
export type Lookup = (
  argument: DeviceArgument,
  interfaceName: string | undefined,
) => Promise<readonly string[]>;

/** Answers the completion script, which calls the program for each TAB. @returns the exit code */
export async function answerCompletion(words: readonly string[]): Promise<number> {
  const lookup: Lookup = async (argument, interfaceName) => {
    const { RemoteTarget } = await import('../control/client.js');
    const { findControlSocket } = await import('../control/find-socket.js');
    return (await RemoteTarget.connect(await findControlSocket(interfaceName))).complete(argument);
  };
  const reply = await completionReply(words, process.env['COMP_LINE'] !== undefined, lookup);
  for (const word of reply) process.stdout.write(`${word}\n`);
  return EXIT.ok;
}

/**
 * The answer to the completion script, one word a line. The colons of addresses are special in both shells: they end
 * a word in bash, and begin a description in zsh.
 * @param words the command line from the program on, the word under the cursor last
 * @param isZsh the script of zsh sets COMP_LINE
 */
export async function completionReply(
  words: readonly string[],
  isZsh: boolean,
  lookup: Lookup,
): Promise<readonly string[]> {
  if (isZsh) return (await completeWords(words, lookup)).map((word) => word.replaceAll(':', '\\:'));
  const joined = joinAtColons(words);
  const current = joined.at(-1) ?? '';
  const isSplit = current !== words.at(-1);
  const start = isSplit ? current.lastIndexOf(':') + 1 : 0;
  return (await completeWords(joined, lookup)).map((word) => word.slice(start));
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

/** The candidates for the last word of a shell's command line: options, their values, and commands. */
export async function completeWords(words: readonly string[], lookup: Lookup): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const { line, interfaceName, option } = parse(words.slice(1, -1));
  const known = async (argument: DeviceArgument): Promise<readonly string[]> => {
    const names = await lookup(argument, interfaceName).catch(() => []);
    // The shell would split others into words.
    return names.filter((name) => /^[\w.:-]+$/.test(name));
  };
  const found = async (): Promise<readonly string[]> => {
    if (option === 'interface') return interfaces();
    if (option !== null) return files(current);
    if (current.startsWith('-')) return Object.keys(optionsOf(line)).map((name) => `--${name}`);
    return complete([...line, current], { commands: commandsOf('shell'), known });
  };
  return [...new Set(await found())].filter((word) => word.startsWith(current)).toSorted();
}

interface ShellLine {
  /** The command and its arguments, without options. */
  readonly line: readonly string[];
  readonly interfaceName: string | undefined;
  /** The option whose value is the next word. */
  readonly option: string | null;
}

function parse(words: readonly string[]): ShellLine {
  let interfaceName: string | undefined;
  let option: string | null = null;
  const line: string[] = [];
  for (const word of words) {
    if (option !== null) {
      if (option === 'interface') interfaceName = word;
      option = null;
    } else if (word.startsWith('-')) option = optionWithValue(word, optionsOf(line));
    else line.push(word);
  }
  return { line, interfaceName, option };
}

/** The options that are allowed there: before a command, or after it. */
function optionsOf(line: readonly string[]): Readonly<Record<string, OptionSpec>> {
  const [command] = line;
  return command === undefined ? OPTIONS : optionsFor(command);
}

function optionWithValue(word: string, specs: Readonly<Record<string, OptionSpec>>): string | null {
  for (const [name, { type, short }] of Object.entries(specs)) {
    if (type === 'string' && (word === `--${name}` || word === `-${short}`)) return name;
  }
  return null;
}

/** The interfaces of the kernel, and the P2P device interfaces, which only wpa_supplicant knows, by their usual name. */
async function interfaces(): Promise<readonly string[]> {
  const names = await readdir('/sys/class/net').catch((): string[] => []);
  return names.flatMap((name) => [name, deviceInterfaceOf(name)]);
}
