import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { escapeRegExp } from '#src/system/values.js';
import type { Lab } from './lab.js';
import { LabError } from './wait.js';

const DOCUMENTS = fileURLToPath(new URL('../../../../packaging/docs/', import.meta.url));

/** What the reader puts in place of the examples of a document: the example, and their own value. */
type OwnValues = Readonly<Record<string, string>>;

/** A person at the box who follows a document: types its commands and its files, and counts the lines. */
export class Reader {
  readonly #lab: Lab;
  readonly #document: string;
  #lines = 0;

  constructor(lab: Lab, document = 'install.md') {
    this.#lab = lab;
    this.#document = document;
  }

  /** How many lines of commands and of files had to be typed. */
  get typedLines(): number {
    return this.#lines;
  }

  /** Types the commands of a section. @param place which of its blocks of commands */
  async follow(heading: string, own: OwnValues = {}, place = 0): Promise<void> {
    await this.type(withOwnValues(blockIn(this.#document, heading, 'shell', place), own));
  }

  /** Types commands; throws with their output if one fails. */
  async type(commands: string): Promise<string> {
    this.#lines += linesOf(commands.replace(/^\s*#.*$/gm, '')).length;
    // wpa_supplicant takes some seconds to make its sockets. A person who does not see them looks again.
    const [last = '', look] = /^(sudo ls [^#\n]*).*\n*$/m.exec(commands.trimEnd()) ?? [];
    if (look === undefined || !commands.trimEnd().endsWith(last)) return this.#run(commands);
    const output = await this.#run(commands.trimEnd().slice(0, -last.length));
    let seen = '';
    await this.#lab.until(look, 60, async () => {
      seen = await this.#run(`${look} || true`);
      return seen !== '';
    });
    return output + seen;
  }

  async #run(commands: string): Promise<string> {
    const { code, stdout, stderr } = await this.#lab.run(
      { name: 'reader', command: 'bash', args: ['-euo', 'pipefail', '-c', commands] },
      480,
    );
    if (code !== 0) throw new LabError(`exit ${code} of:\n${commands}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Writes a file with an editor. */
  write(path: string, text: string, mode = 0o644): void {
    this.#lines += linesOf(text).length;
    writeFileSync(path, text, { mode });
  }

  /** Changes keys of /etc/hostp2pd.yaml, or adds them below `hostp2pd:`. */
  set(settings: OwnValues): void {
    const path = '/etc/hostp2pd.yaml';
    let text = readFileSync(path, 'utf8');
    for (const [key, value] of Object.entries(settings)) {
      this.#lines += 1;
      text = withSetting(text, key, value);
    }
    writeFileSync(path, text);
  }
}

/** The text of hostp2pd.yaml with a key changed, or added below `hostp2pd:`. */
export function withSetting(text: string, key: string, value: string): string {
  const line = new RegExp(`^  ${key}: .*$`, 'm');
  if (line.test(text)) return text.replace(line, `  ${key}: ${value}`);
  return text.replace(/^hostp2pd:\n/m, (head) => `${head}  ${key}: ${value}\n`);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

export function withOwnValues(text: string, own: OwnValues): string {
  return Object.entries(own).reduce((result, [example, value]) => {
    if (!result.includes(example)) throw new LabError(`expected "${example}" in:\n${text}`);
    return result.replaceAll(example, value);
  }, text);
}

/** A block of code in a section of a document of packaging/docs, up to the next heading of any level. */
export function blockIn(document: string, heading: string, language: string, place = 0): string {
  const text = readFileSync(`${DOCUMENTS}${document}`, 'utf8');
  const [, section] = text.split(new RegExp(`^#+ ${escapeRegExp(heading)}$`, 'm'));
  const blocks: string[] = [];
  // A comment in a block looks like a heading.
  for (const [, indent = '', name, code = ''] of (section ?? '').matchAll(
    /^( *)```(\w*)\n(.*?)^ *```|^#+ /gms,
  )) {
    if (name === undefined) break;
    if (name === language) blocks.push(code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
  }
  const block = blocks[place];
  if (block === undefined)
    throw new LabError(
      `${document}, "${heading}": expected block ${place} of ${language}, got ${blocks.length}`,
    );
  return block;
}
