import { mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Entry, Journal, type Matched } from './journal.js';
import type { Surroundings } from './supplicant.js';
import { patient } from './wait.js';

/** One call of the hook script. `text` is the arguments as JSON. */
interface HookCall extends Entry {
  /** All arguments, byte for byte. */
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly pid: number;
}

export interface HookOptions {
  /** Shell text that runs after the call is recorded: `sleep 30`, `exit 3`, `echo something`. */
  readonly afterwards?: string;
}

/**
 * A hook script for the program under test, and the record of its calls.
 *
 * The script writes each call to a file of its own, with NUL after each field, and renames it. So nothing in a peer's name can be
 * mistaken for another field, and no incomplete call is read.
 */
export class HookLog {
  /** The value for `run_program`. */
  readonly script: string;
  readonly #journal: Journal<HookCall>;
  readonly #surroundings: Surroundings;
  readonly #name: string;
  readonly #records: string;
  readonly #read = new Set<string>();

  constructor(surroundings: Surroundings, name = 'hook', options: HookOptions = {}) {
    this.#surroundings = surroundings;
    this.#name = name;
    this.#journal = new Journal(name, surroundings.timeline);
    this.#records = join(surroundings.scratch, `${name}.calls`);
    this.script = join(surroundings.scratch, `${name}.sh`);
    // For all users: the program may run hooks as another user.
    mkdirSync(this.#records, { recursive: true });
    writeFileSync(this.script, scriptText(this.#records, options.afterwards ?? ''), { mode: 0o755 });
    watch(this.#records, () => this.#look()).unref();
  }

  /** All calls so far, in order. */
  get calls(): readonly HookCall[] {
    this.#look();
    return this.#journal.since(0);
  }

  mark(): number {
    this.#look();
    return this.#journal.mark();
  }

  /** The first call since `mark` (default: since the beginning) with exactly these arguments. */
  expect(args: readonly string[], seconds: number, mark = 0): Promise<Matched<HookCall>> {
    return this.waitCall((call) => isDeepStrictEqual(call.args, args), seconds, mark, JSON.stringify(args));
  }

  /** The first call since `mark` (default: since the beginning) that the condition accepts. */
  waitCall(
    accepts: (call: HookCall) => boolean,
    seconds: number,
    mark = 0,
    what = String(accepts),
  ): Promise<Matched<HookCall>> {
    // The error message shows this instead of the function.
    const pattern = Object.assign((call: HookCall) => accepts(call), { toString: () => what });
    return this.#journal.wait(pattern, patient(seconds), mark);
  }

  #look(): void {
    const names = readdirSync(this.#records).filter((name) => !name.startsWith('.') && !this.#read.has(name));
    const calls = names.map((name) => {
      this.#read.add(name);
      return parseCall(readFileSync(join(this.#records, name)), this.#surroundings.timeline.origin);
    });
    for (const call of calls.sort((a, b) => a.at - b.at || a.pid - b.pid)) {
      this.#surroundings.timeline.add(this.#name, `called: ${call.text}`, call.at);
      this.#journal.add(call);
    }
  }
}

/** Only POSIX shell. /proc/uptime is the clock of the timeline. */
function scriptText(records: string, afterwards: string): string {
  return `#!/bin/sh
# ${basename(records)}: one file a call
read -r uptime idle < /proc/uptime
{ printf '%s\\0' "$uptime" "$$" "$#" "$@"; cat "/proc/$$/environ"; } > '${records}'/".$$" &&
  mv '${records}'/".$$" '${records}'/"$uptime-$$"
${afterwards}
`;
}

function parseCall(record: Buffer, origin: number): HookCall {
  const [uptime = '', pid = '', count = '', ...rest] = record.toString().split('\0');
  const args = rest.slice(0, Number(count));
  const environment: Record<string, string> = {};
  for (const entry of rest.slice(Number(count))) {
    const at = entry.indexOf('=');
    if (at > 0) environment[entry.slice(0, at)] = entry.slice(at + 1);
  }
  return { at: Number(uptime) - origin, text: JSON.stringify(args), args, environment, pid: Number(pid) };
}
