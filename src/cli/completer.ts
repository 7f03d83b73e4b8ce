import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { ArgumentSpec, CommandSpec } from '../commands/command.js';
import type { DeviceArgument } from '../commands/devices.js';
import { printable } from '../system/names.js';
import { absolute, quoteWord, readsAsCommand, splitLine, type Word } from './line.js';

/** What may stand in the place of the word before the cursor. */
export interface Completion {
  /** As they are typed, with the blank that follows where nothing else can. */
  readonly hits: readonly string[];
  /** The text before the cursor that one of them takes the place of. */
  readonly on: string;
}

export interface CompletionSources {
  readonly commands: readonly CommandSpec[];
  /** Addresses and names that the session knows. */
  known(what: DeviceArgument): Promise<readonly string[]>;
  /** Properties of what an expression such as `hostp2pd.status` stands for; with null, variables. */
  names(chain: string | null): readonly string[];
}

const NOTHING: Completion = { hits: [], on: '' };

/** @param before the line up to the cursor */
export async function complete(before: string, sources: CompletionSources): Promise<Completion> {
  const words = splitLine(before);
  const last = words.at(-1);
  const within = last !== undefined && last.end === before.length;
  const place = within ? words.length - 1 : words.length;
  const partial: Word = within ? last : { text: '', start: before.length, end: before.length, open: false };
  const on = before.slice(partial.start);
  if (place === 0) {
    const commands = commandHits(on, sources);
    const names = nameCompletion(before, sources);
    return commands.length === 0
      ? names
      : { hits: [...commands, ...(names.on === on ? names.hits : [])], on };
  }
  const command = sources.commands.find(({ name }) => name === words[0]?.text);
  if (!command || !readsAsCommand(before, words)) return nameCompletion(before, sources);
  const specs = command.arguments;
  const spec = specs[Math.min(place, specs.length) - 1];
  if (!spec || (place > specs.length && !spec.rest)) return NOTHING;
  return { hits: await argumentHits(spec, partial.text, sources), on };
}

async function argumentHits(
  spec: ArgumentSpec,
  partial: string,
  sources: CompletionSources,
): Promise<readonly string[]> {
  const { completes } = spec;
  const words = (spec.words ?? []).filter((word) => word.startsWith(partial)).map(withBlank);
  switch (completes) {
    case 'device':
    case 'station':
    case 'client': {
      // Names and addresses are written as one likes.
      const like = partial.toLowerCase();
      const known = (await sources.known(completes)).filter((name) => name.toLowerCase().startsWith(like));
      return [...words, ...known.map((name) => withBlank(quoteWord(name)))];
    }
    case 'file':
      return [...words, ...(await fileHits(partial))];
    case 'command':
      return [...words, ...commandHits(partial, sources)];
    default:
      return words;
  }
}

function commandHits(partial: string, { commands }: CompletionSources): readonly string[] {
  return commands.map(({ name }) => withBlank(name)).filter((name) => name.startsWith(partial));
}

async function fileHits(partial: string): Promise<readonly string[]> {
  const folder = partial.slice(0, partial.lastIndexOf('/') + 1);
  const start = partial.slice(folder.length);
  let entries: readonly Dirent[];
  try {
    entries = await readdir(absolute(folder === '' ? '.' : folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter(({ name }) => name.startsWith(start) && (start !== '' || !name.startsWith('.')))
    .filter(({ name }) => printable(name) === name)
    .map((entry) =>
      entry.isDirectory() ? quoteWord(`${folder}${entry.name}/`) : withBlank(quoteWord(folder + entry.name)),
    )
    .sort();
}

const CHAIN = /(?:^|[^\w$.\])])((?:[A-Za-z_$][\w$]*(?:\[\d+\])*\??\.)*)([A-Za-z_$][\w$]*)?$/;

/** A name of JavaScript: a variable, or a property of one. */
function nameCompletion(before: string, sources: CompletionSources): Completion {
  const [, chain = '', on = ''] = CHAIN.exec(before) ?? [];
  if (chain === '' && on === '') return NOTHING;
  const names = sources.names(chain === '' ? null : chain.replace(/\??\.$/, ''));
  return { hits: names.filter((name) => name.startsWith(on)).sort(), on };
}

function withBlank(word: string): string {
  return `${word} `;
}

/** What all begin with. */
export function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}

/** In columns, as wide as the widest. */
export function inColumns(texts: readonly string[], columns: number): string {
  const width = Math.max(...texts.map(({ length }) => length)) + 2;
  const across = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(texts.length / across);
  // Downwards, as people read lists.
  return Array.from({ length: rows }, (_, row) =>
    texts
      .filter((_text, index) => index % rows === row)
      .map((text) => text.padEnd(width))
      .join('')
      .trimEnd(),
  ).join('\n');
}
