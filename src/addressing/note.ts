import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrivateFile, replacePrivateFile } from '../system/private-file.js';
import { isRecord } from '../system/values.js';

/**
 * A file about what this program has changed on the machine. It is written before the change, so that the next instance can undo it if
 * this one is killed. A restart of the machine undoes such a change too, so the note holds for one boot.
 */
export class Note {
  readonly path: string;
  readonly #root: string;

  constructor(path: string, root = '/proc/sys') {
    this.path = path;
    this.#root = root;
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  /**
   * @returns null if there is none, or if it is of an earlier boot
   * @throws {Error} with the reason, if it is none that this program has written
   */
  read(): Readonly<Record<string, unknown>> | null {
    const file = readPrivateFile(this.path);
    if (file === null) return null;
    const value = parseJson(file.text);
    if (!isRecord(value)) throw new Error('expected a JSON object, got something else');
    const { boot, ...content } = value;
    if (typeof boot !== 'string') throw new Error('expected the id of a boot in it, got none');
    return boot === this.#boot ? content : null;
  }

  /** @throws the error of the file system; then there is still the former note, or the new one */
  async write(content: Readonly<Record<string, unknown>>): Promise<void> {
    await replacePrivateFile(this.path, `${JSON.stringify({ boot: this.#boot, ...content })}\n`);
  }

  /** @throws the error of the file system */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  get #boot(): string {
    return readFileSync(join(this.#root, 'kernel/random/boot_id'), 'utf8').trim();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('expected JSON, got other text', { cause });
  }
}
