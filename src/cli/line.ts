import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ArgumentSpec, CommandSpec } from '../commands/command.js';
import { HostP2pError } from '../system/errors.js';

/** A word of a typed line, and its place. */
export interface Word {
  /** Without the quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether a quote is not closed. */
  readonly open: boolean;
}

/**
 * Splits a line like a shell: blanks separate words, '…' keeps everything unchanged, "…" everything but `\"` and `\\`,
 * and outside of quotes a backslash keeps the next character.
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

/** The word as it must be typed: quoted where needed. */
export function quoteWord(text: string): string {
  if (/^[^\s"'\\#]+$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

// An operator and something after it. An argument that looks like an operator, such as `prompt >`, is the last word.
const GOES_ON = /^(?:[=(]|(?:[-+*/%&|^<>?!=]{1,4}|in|instanceof)\s+\S)/;

/**
 * Whether a line with this first word is a command. An expression can begin with the same word: `stats = 3`,
 * `find => 1`. The first word of `status.group` is another one.
 */
export function readsAsCommand(line: string, [first]: readonly Word[]): boolean {
  return first !== undefined && !GOES_ON.test(line.slice(first.end).trimStart());
}

/**
 * The arguments of a command as its table describes them: an argument that takes the rest gets it as typed, with the
 * quotes; the path of a file is made absolute.
 * @param words of the line, with the name of the command
 * @throws {HostP2pError} USAGE where a quote is not closed
 */
export function argumentsOf(command: CommandSpec, line: string, words: readonly Word[]): readonly string[] {
  const specs = command.arguments;
  const rest = specs.findIndex((spec) => spec.rest);
  const single = rest < 0 ? words.slice(1) : words.slice(1, rest + 1);
  const found = single.map((word, place) => {
    if (word.open) throw new HostP2pError('USAGE', `${command.name}: a quote is not closed`);
    return withAbsolutePath(specs[place], word.text);
  });
  const last = words[single.length + 1];
  if (rest < 0 || last === undefined) return found;
  // Joined by blanks, these are as typed.
  return [...found, ...line.slice(last.start).trimEnd().split(' ')];
}

/** The word, as an absolute path if it names a file: the daemon has another working directory. */
export function withAbsolutePath(spec: ArgumentSpec | undefined, word: string): string {
  return spec?.completes === 'file' && !spec.words?.includes(word) && word !== '-' ? absolute(word) : word;
}

/** Resolves a typed path; `~/` is the home folder. */
export function absolute(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path);
}
