import { setTimeout } from 'node:timers/promises';
import type { CommandSpec } from '../commands/command.js';
import { parseCount, parseSeconds } from '../commands/command.js';
import { qrText, qrValueOf, saveQr, splitQrWords } from '../commands/qr.js';
import type { CommandTarget } from '../commands/target.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { helpFor, helpList, wrap } from './help-text.js';
import { splitLine } from './line.js';

/** How a frontend carries out a command of its own. @returns what it prints */
export type FrontendCommand = (words: readonly string[], signal: AbortSignal) => string | Promise<string>;

export type FrontendCommands = Readonly<Record<string, FrontendCommand>>;

/** What Ctrl-C does to a command that waits. */
export const INTERRUPTED = 'interrupted';

const WAIT_SECONDS = 10;
/** What a timer takes. */
const MOST_SECONDS = 2_147_483;
const HISTORY_LINES = 20;

/**
 * @param about what it says below the list
 * @param columns how wide it may be
 */
export function helpCommand(
  commands: readonly CommandSpec[],
  about: string,
  columns: () => number,
): FrontendCommand {
  return ([name]) => {
    if (name === undefined) return [helpList(commands, columns()), ...wrap(about, columns())].join('\n');
    const command = commands.find((other) => other.name === name);
    if (!command) throw new HostP2pError('USAGE', `help: found ${JSON.stringify(name)}; try "help"`);
    return helpFor(command, columns());
  };
}

/** The text as it was typed; quotes around all of it go. */
export function echoCommand(): FrontendCommand {
  return (words) => {
    const typed = words.join(' ');
    const parts = splitLine(typed);
    return printable(parts.length === 1 ? (parts[0]?.text ?? '') : typed);
  };
}

/** @param say tells that it waits, before it does */
export function waitCommand(say: (text: string) => void): FrontendCommand {
  return async ([word], signal) => {
    const seconds = parseSeconds(word, WAIT_SECONDS, MOST_SECONDS);
    say(`waiting ${seconds} s`);
    try {
      await setTimeout(seconds * 1000, undefined, { signal });
      return '';
    } catch {
      return INTERRUPTED;
    }
  };
}

/**
 * The code into a file, or as it fits this terminal.
 * @param look how codes are drawn here
 */
export function qrCommand(
  target: CommandTarget,
  look: () => { readonly colors: boolean; readonly columns: number },
): FrontendCommand {
  return async (words, signal) => {
    const { files } = splitQrWords(words);
    const value = qrValueOf((await target.execute('qr', [], { signal })).value);
    if (value === null) throw new HostP2pError('NOT_RUNNING', 'qr: what answers is of another version');
    for (const { kind, file } of files) await saveQr(value, kind, file);
    const { colors, columns } = look();
    return files.length > 0 ? '' : qrText(value, colors, columns);
  };
}

/** What the commands of the prompt act upon. */
export interface PromptSurface {
  /** The last lines of the history. */
  history(lines: number): readonly string[];
  clearHistory(): Promise<void>;
  /** @param text undefined switches it off or on */
  prompt(text: string | undefined): string;
  colour(): string;
}

export function promptCommands(surface: PromptSurface): FrontendCommands {
  return {
    history: async ([word]) => {
      if (word !== 'clear') return surface.history(parseCount(word, HISTORY_LINES)).join('\n');
      await surface.clearHistory();
      return 'history cleared';
    },
    prompt: (words) => surface.prompt(words.length === 0 ? undefined : words.join(' ')),
    color: () => surface.colour(),
  };
}
