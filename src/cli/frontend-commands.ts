import { setTimeout } from 'node:timers/promises';
import { type CommandSpec, parseCount, parseSeconds } from '../commands/command.js';
import { qrText, qrValueOf, saveQr, splitQrWords } from '../commands/qr.js';
import type { CommandTarget } from '../commands/target.js';
import { LONGEST_TIMER_MS } from '../system/clock.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { inQuotes } from '../system/values.js';
import { wrap } from '../system/wrap.js';
import { helpFor, helpList } from './help.js';
import { splitLine } from './line.js';

/** How a frontend carries out a command of its own. @returns what it prints */
type FrontendCommand = (words: readonly string[], signal: AbortSignal) => string | Promise<string>;

export type FrontendCommands = Readonly<Record<string, FrontendCommand>>;

/** How a frontend prints values. */
export interface OutputStyle {
  readonly colors: boolean;
  readonly columns: number;
}

/** The outcome of a command that Ctrl-C ended. */
export const INTERRUPTED = 'interrupted';

const WAIT_SECONDS = 10;
/** The longest time of a timer, in seconds. */
const MOST_SECONDS = Math.floor(LONGEST_TIMER_MS / 1000);
const HISTORY_LINES = 20;

interface FrontendOptions {
  readonly target: CommandTarget;
  readonly commands: readonly CommandSpec[];
  /** What the help says below the list of commands. */
  readonly about: string;
  readonly style: () => OutputStyle;
  readonly print: (text: string) => void;
  readonly quit: () => void;
}

/** The commands that the prompt and batch mode share. */
export function commonCommands({
  target,
  commands,
  about,
  style,
  print,
  quit,
}: FrontendOptions): FrontendCommands {
  return {
    help: ([name]) => {
      const { columns } = style();
      if (name === undefined) return [helpList(commands, columns), ...wrap(about, columns)].join('\n');
      const command = commands.find((other) => other.name === name);
      if (command) return helpFor(command, columns);
      throw new HostP2pError('USAGE', `unknown command: ${inQuotes(name)}; try "help"`);
    },
    // The text as it was typed; quotes around the whole of it are removed.
    echo: (words) => {
      const typed = words.join(' ');
      const parts = splitLine(typed);
      return printable(parts.length === 1 ? (parts[0]?.text ?? '') : typed);
    },
    wait: async ([word], signal) => {
      const seconds = parseSeconds('wait', word, WAIT_SECONDS, MOST_SECONDS);
      print(`waiting ${seconds} s`);
      try {
        await setTimeout(seconds * 1000, undefined, { signal });
        return '';
      } catch {
        return INTERRUPTED;
      }
    },
    qr: async (words, signal) => {
      const { files } = splitQrWords(words);
      const value = qrValueOf((await target.execute('qr', [], { signal })).value);
      if (value === null) throw new HostP2pError('NOT_RUNNING', 'qr: the daemon is of another version');
      for (const { kind, file } of files) await saveQr(value, kind, file);
      const { colors, columns } = style();
      return files.length > 0 ? '' : qrText(value, colors, columns);
    },
    quit: () => {
      quit();
      return '';
    },
  };
}

/** What the commands of the prompt act on. */
export interface PromptSurface {
  /** The last lines of the history. */
  history(lines: number): readonly string[];
  clearHistory(): Promise<void>;
  /** @param text undefined hides or shows the prompt */
  prompt(text: string | undefined): string;
  colour(): string;
}

export function promptCommands(surface: PromptSurface): FrontendCommands {
  return {
    history: async ([word]) => {
      if (word !== 'clear') return surface.history(parseCount('history', word, HISTORY_LINES)).join('\n');
      await surface.clearHistory();
      return 'history cleared';
    },
    prompt: (words) => surface.prompt(words.length === 0 ? undefined : words.join(' ')),
    color: () => surface.colour(),
  };
}
