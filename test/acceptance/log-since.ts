import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunningConfiguration } from '#src/doctor/gather/configuration-in-use.js';
import { runProgram } from '#src/system/programs.js';

/** A report contains at most this much of the log: its end. */
const MAX_BYTES = 200_000;

/** What hostp2pd has logged since a moment: in its file, or in the journal of its service. */
export class LogSince {
  readonly #file: string | null;
  readonly #unit: string | null;
  readonly #at: Date;
  readonly #from: number;

  constructor(running: RunningConfiguration | undefined, unit: string | null, at: Date) {
    const file = running?.logging['file'];
    this.#file = running !== undefined && typeof file === 'string' ? resolve(running.folder, file) : null;
    this.#unit = unit;
    this.#at = at;
    this.#from = this.#size();
  }

  async text(): Promise<string> {
    try {
      if (this.#file !== null) return this.#added(this.#file);
      if (this.#unit === null) return 'hostp2pd writes no log file, and is not a service.';
      const since = `@${Math.floor(this.#at.getTime() / 1000)}`;
      const journal = await runProgram('journalctl', [
        '--no-pager',
        '-o',
        'short-iso',
        '-u',
        this.#unit,
        '-S',
        since,
      ]);
      return journal.slice(-MAX_BYTES);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #size(): number {
    return this.#file === null ? 0 : (statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0);
  }

  #added(file: string): string {
    const size = this.#size();
    // A smaller file is a new one.
    const from = Math.max(size < this.#from ? 0 : this.#from, size - MAX_BYTES);
    const buffer = Buffer.alloc(size - from);
    const descriptor = openSync(file, 'r');
    try {
      return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, from)).toString();
    } finally {
      closeSync(descriptor);
    }
  }
}
