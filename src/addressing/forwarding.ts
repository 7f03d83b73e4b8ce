import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { isRecord } from '../system/values.js';
import { Note } from './note.js';

/** What we have switched on: by interface, the value that `net.ipv4.ip_forward` had. */
type SwitchedOn = ReadonlyMap<string, string>;

/**
 * Switches on that the kernel forwards the IPv4 packets that come in on an interface (`net.ipv4.conf.<interface>.forwarding`),
 * and puts it back. For one connection both its interfaces need it, and `net.ipv4.ip_forward`, which is for all, can stay off.
 * What was off before is noted in a file first, so that the next instance can put it back if this one is killed.
 */
export class Forwarding {
  readonly #note: Note;
  readonly #root: string;
  #switchedOn: SwitchedOn = new Map();

  constructor(file: string, root = '/proc/sys') {
    this.#note = new Note(file, root);
    this.#root = root;
  }

  /** An earlier instance, or this one, has left the file. */
  get noted(): boolean {
    return this.#note.exists;
  }

  /** Reads what an earlier instance has noted. A note that cannot be used is none. */
  load(): void {
    try {
      this.#switchedOn = switchedOnOf(this.#note.read());
    } catch {
      this.#switchedOn = new Map();
    }
  }

  /** The interface forwards only because of us: without us it would not, nor would any other. */
  isOurs(name: string): boolean {
    return this.#router === '0' && (this.#switchedOn.has(name) || this.#read(name) === '0');
  }

  /** Writes the note, so that its absence means that nothing of ours is in force. */
  async begin(): Promise<void> {
    if (!this.noted) await this.#write(new Map());
  }

  /**
   * Switches it on for these interfaces, and back for others that we had switched on.
   * @throws {HostP2pError} if the kernel does not let us
   */
  async use(...names: readonly string[]): Promise<void> {
    const before = this.#switchedOn;
    const off = names.filter((name) => this.#read(name) === '0');
    const added = off.filter((name) => !before.has(name));
    // First the note. It has the former ones, too, until they are put back.
    if (added.length > 0)
      await this.#write(new Map([...before, ...added.map((name) => [name, this.#router] as const)]));
    for (const name of off) this.#set(name, '1');
    const unused = [...this.#switchedOn].filter(([name]) => !names.includes(name));
    if (unused.length === 0) return;
    for (const [name, router] of unused) this.#putBack(name, router);
    await this.#write(new Map([...this.#switchedOn].filter(([name]) => names.includes(name))));
  }

  /**
   * Puts everything back, once: what another program switches on after that is not ours. The note stays.
   * @throws {HostP2pError} if the kernel does not let us
   */
  restore(): void {
    for (const [name, router] of this.#switchedOn) this.#putBack(name, router);
    this.#switchedOn = new Map();
  }

  /** Removes the note. */
  async forget(): Promise<void> {
    this.#switchedOn = new Map();
    await this.#note.remove();
  }

  /** If `net.ipv4.ip_forward` has changed, all interfaces were set by another program, such as Docker, and stay as they are. */
  #putBack(name: string, router: string): void {
    if (this.#router === router) this.#set(name, '0');
  }

  get #router(): string {
    return this.#read('all');
  }

  async #write(switchedOn: SwitchedOn): Promise<void> {
    await this.#note.write({ switchedOn: Object.fromEntries(switchedOn) });
    this.#switchedOn = switchedOn;
  }

  #path(name: string): string {
    return join(this.#root, 'net/ipv4/conf', name, 'forwarding');
  }

  /** Empty if there is no such interface. */
  #read(name: string): string {
    try {
      return readFileSync(this.#path(name), 'utf8').trim();
    } catch {
      return '';
    }
  }

  #set(name: string, value: '0' | '1'): void {
    try {
      writeFileSync(this.#path(name), value, { flag: 'r+' });
    } catch (cause) {
      // The interface has been removed.
      if (codeOf(cause) === 'ENOENT') return;
      const what = `net.ipv4.conf.${name}.forwarding cannot be set to ${value}`;
      throw new HostP2pError('STATE', `${what}: ${messageOf(cause)}`, { cause });
    }
  }
}

function switchedOnOf(note: Readonly<Record<string, unknown>> | null): SwitchedOn {
  const switchedOn = note?.['switchedOn'];
  if (!isRecord(switchedOn)) return new Map();
  return new Map(
    Object.entries(switchedOn).map(([name, router]): [string, string] => [name, String(router)]),
  );
}
