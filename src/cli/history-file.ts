import { writeFileSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { codeOf, failureWithFix } from '../system/errors.js';
import { readOwnFile, replaceFile } from '../system/files.js';
import { hasControlCharacter } from '../system/names.js';
import { holdsTypedSecret } from '../system/secrets.js';
import { hidesTypedRequest } from '../wpa/shown-text.js';

export const MOST_LINES = 1_000;
const MOST_BYTES = 4_194_304;
const OWNER_ONLY = 0o600;
/** How long to wait for another session that is writing; that takes a few milliseconds. */
const LOCK_MS = 1_000;
/** An older lock was left behind by a crash. */
const STALE_LOCK_MS = 10_000;
const LOCK_RETRY_MS = 20;

export function defaultHistoryFile(): string {
  return join(homedir(), '.hostp2pd_history');
}

/**
 * The history of the prompt, shared by all sessions of a user: read at the start; at the end the new lines are added to
 * the lines that are in the file then.
 */
export class History {
  readonly #path: string;
  #former: readonly string[] = [];
  #added: string[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws Error with the reason if the file cannot be used */
  load(): void {
    this.#former = this.#read();
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return [...this.#former, ...this.#added].slice(-MOST_LINES);
  }

  add(line: string): void {
    if (line !== this.lines.at(-1) && !holdsTypedSecret(line) && !hidesTypedRequest(line))
      this.#added.push(line);
  }

  /** @throws Error with the reason if the file cannot be written */
  async save(): Promise<void> {
    if (this.#added.length === 0) return;
    const added = this.#added;
    this.#former = await this.#replace(() => [...this.#read(), ...added]);
    this.#added = [];
  }

  /** Removes all lines, also from the file. @throws Error with the reason if the file cannot be used */
  async clear(): Promise<void> {
    this.#former = [];
    this.#added = [];
    await this.#replace(() => this.#read().slice(0, 0));
  }

  /** A symbolic link is not followed: as root we would write to a file of another user's choice. */
  #read(): readonly string[] {
    const content = readOwnFile(this.#path, { maxBytes: MOST_BYTES, owner: 'us' });
    // A line with a control sequence was not typed here.
    return (content?.bytes.toString().split('\n') ?? [])
      .filter((line) => line !== '' && !hasControlCharacter(line))
      .slice(-MOST_LINES);
  }

  /** @returns the new lines of the file */
  async #replace(content: () => readonly string[]): Promise<readonly string[]> {
    const lock = `${this.#path}.lock`;
    const locked = await takeLock(lock);
    try {
      const lines = content().slice(-MOST_LINES);
      await replaceFile(this.#path, lines.map((line) => `${line}\n`).join(''), { mode: OWNER_ONLY });
      return lines;
    } catch (error) {
      throw new Error(failureWithFix(error), { cause: error });
    } finally {
      if (locked) await rm(lock, { force: true }).catch(() => {});
    }
  }
}

/** @returns false if the lock cannot be taken: the file is then written without it, so that the prompt can end */
async function takeLock(path: string): Promise<boolean> {
  const end = performance.now() + LOCK_MS;
  while (performance.now() < end) {
    try {
      writeFileSync(path, '', { flag: 'wx', mode: OWNER_ONLY });
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return false;
    }
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_LOCK_MS) await rm(path, { force: true }).catch(() => {});
    else await setTimeout(LOCK_RETRY_MS);
  }
  return false;
}
