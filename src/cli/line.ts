import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandSpec } from '../commands/command.js';
import { HostP2pError } from '../system/errors.js';

/** A word of a line that was typed: what it says, and where it stands. */
export interface Word {
  /** Without the quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** A quote that was not closed. */
  readonly open: boolean;
}

/**
 * Splits as a shell does: blanks part words, '…' takes all as it stands, "…" all but `\"` and `\\`, and a backslash
 * outside takes the next character as it stands.
 */
export function splitLine(line: string): readonly Word[] {
  const words: Word[] = [];
  let place = 0;
  for (;;) {
    while (/\s/.test(line[place] ?? '')) place += 1;
    if (place >= line.length) return words;
    const word = readWord(line, place);
    words.push(word);
    place = word.end;
  }
}

function readWord(line: string, start: number): Word {
  let text = '';
  let quote = '';
  let place = start;
  for (; place < line.length; place += 1) {
    const character = line[place] ?? '';
    const next = line[place + 1] ?? '';
    if (quote === '' && /\s/.test(character)) break;
    if (character === '\\' && next !== '' && (quote === '' || (quote === '"' && /["\\]/.test(next)))) {
      text += next;
      place += 1;
    } else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else text += character;
  }
  return { text, start, end: place, open: quote !== '' };
}

/** The word as it has to be typed to be read again as it is. */
export function quoteWord(text: string): string {
  if (/^[^\s"'\\#]+$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

// An operator and something behind it: of an argument that looks like one, such as `prompt >`, nothing follows.
const GOES_ON = /^(?:[=(]|(?:[-+*/%&|^<>?!=]{1,4}|in|instanceof)\s+\S)/;

/**
 * Whether a line with this first word may be a command. An expression may begin with the same word: `stats = 3`,
 * `find => 1`; `status.group` has another one.
 */
export function readsAsCommand(line: string, [first]: readonly Word[]): boolean {
  return first !== undefined && !GOES_ON.test(line.slice(first.end).trimStart());
}

/**
 * The arguments of a command as its table wants them: what an argument that takes the rest gets is as it was typed,
 * quotes and all; the path of a file is absolute.
 * @param words of the line, with the name of the command
 * @throws {HostP2pError} USAGE where a quote is not closed
 */
export function argumentsOf(command: CommandSpec, line: string, words: readonly Word[]): readonly string[] {
  const specs = command.arguments;
  const rest = specs.findIndex((spec) => spec.rest);
  const single = rest < 0 ? words.slice(1) : words.slice(1, rest + 1);
  const found = single.map((word, place) => {
    if (word.open) throw new HostP2pError('USAGE', `${command.name}: found a quote that is not closed`);
    const spec = specs[place];
    const file = spec?.completes === 'file' && !spec.words?.includes(word.text) && word.text !== '-';
    return file ? absolute(word.text) : word.text;
  });
  const last = words[single.length + 1];
  if (rest < 0 || last === undefined) return found;
  // Whoever joins them by a blank has them as they were typed.
  return [...found, ...line.slice(last.start).trimEnd().split(' ')];
}

/** `~/` is the home folder, as people type it. */
export function absolute(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path);
}
