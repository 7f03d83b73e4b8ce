import { appendFileSync } from 'node:fs';

/** Seconds since the machine started: the clock of /proc/uptime, which the hook scripts use too. */
export function uptimeSeconds(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1e6;
}

/** The log of everything that happened in a scenario, in emulated time. */
export class Timeline {
  /** Uptime at the scenario's start; lines show seconds since then. */
  readonly origin = uptimeSeconds();
  readonly #file: string | undefined;
  readonly #pending = new Set<string>();

  /** Writes to `file` line by line, so that the lines are there even if the scenario is killed. */
  constructor(file?: string) {
    this.#file = file;
  }

  /** Seconds since the scenario's start. */
  now(): number {
    return uptimeSeconds() - this.origin;
  }

  /** Records what `who` did or saw; `at` is in seconds since the scenario's start. */
  add(who: string, text: string, at = this.now()): void {
    if (this.#file === undefined) return;
    const printable = text.replace(/[\x00-\x1f\x7f]/g, (c) => (c === '\n' ? ' ⏎ ' : `\\x${hex(c)}`));
    appendFileSync(this.#file, `+${at.toFixed(3).padStart(7)} s  ${who.padEnd(12)}  ${printable}\n`);
  }

  /** The current waits, which best explain why a scenario timed out. */
  get pending(): readonly string[] {
    return [...this.#pending];
  }

  /** Lists `what` as a current wait while the promise is pending. */
  async track<T>(what: string, promise: Promise<T>): Promise<T> {
    // Two waits for the same thing need two entries.
    const entry = this.#pending.has(what) ? `${what} (again)` : what;
    this.#pending.add(entry);
    try {
      return await promise;
    } finally {
      this.#pending.delete(entry);
    }
  }
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}
