import { AsyncLocalStorage } from 'node:async_hooks';
import { realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parsePin } from '../config/text-values.js';
import { HostP2pError } from '../system/errors.js';
import { expectRegularFile } from '../system/files.js';
import { HIDDEN, secrets } from '../system/secrets.js';
import { describe } from '../system/values.js';

/** The phone that asks to be let in, as the user's function sees it. */
export interface PinStation {
  /** P2P device address, in lower case. */
  readonly deviceAddress: string;
  readonly name: string | null;
}

type GetPin = (pin: string, station: PinStation) => unknown;

const NAMES = ['getPin', 'get_pin'];

/** Node carries it along with everything that the user's code starts: timers, promises, requests. */
const origin = new AsyncLocalStorage<PinModule>();

/**
 * The module whose code threw the error that Node is reporting as uncaught or unhandled; undefined where it is another's.
 * For the handlers of these two events only.
 */
export function originOfStrayError(): PinModule | undefined {
  return origin.getStore();
}

export interface PinModuleOptions {
  /** A relative one starts from the working directory of now. */
  readonly path: string;
  /** Longest time for an answer, with the loading; a function that never yields cannot be stopped. */
  readonly timeoutMs: number;
  /** Whether its PINs are shown to a person, in the log as well; else they are secrets. */
  readonly shown: boolean;
}

/** The user's module of the setting `pin_module`, which gives each phone its PIN. */
export class PinModule {
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #shown: boolean;
  #getPin: Promise<GetPin> | null = null;

  /** Loads nothing yet. */
  constructor({ path, timeoutMs, shown }: PinModuleOptions) {
    this.#path = resolve(path);
    this.#timeoutMs = timeoutMs;
    this.#shown = shown;
  }

  /**
   * The PIN for one phone, 4 or 8 digits. The module is loaded at the first call and kept; a new PinModule sees
   * what has changed in the file, though not in files that it imports.
   * @param pin the PIN that holds without the module
   * @throws {HostP2pError} PIN_MODULE when the module cannot be loaded, fails, takes too long or gives no PIN
   */
  async getPin(pin: string, station: PinStation): Promise<string> {
    const found = await this.#inTime(this.#ask(pin, station));
    const parsed = typeof found === 'string' ? parsePin(found) : { expected: 'a text of 4 or 8 digits' };
    if ('text' in parsed) {
      if (!this.#shown) secrets.remember(parsed.text);
      return parsed.text;
    }
    throw this.#failure(`found ${describe(found, true)} as the answer of getPin, wanted ${parsed.expected}`);
  }

  async #ask(pin: string, station: PinStation): Promise<unknown> {
    this.#getPin ??= this.#load().catch((error: unknown) => {
      // Once the file is put right the next phone need not wait for a reload.
      this.#getPin = null;
      throw error;
    });
    const getPin = await this.#getPin;
    try {
      return await origin.run(this, () => getPin(pin, station));
    } catch (error) {
      throw this.#failure(`getPin failed: ${wordsOf(error)}`);
    }
  }

  async #load(): Promise<GetPin> {
    let exported: unknown;
    try {
      exported = await origin.run(this, () => importAnew(this.#path));
    } catch (error) {
      throw this.#failure(`cannot be loaded: ${wordsOf(error)}`);
    }
    const getPin = functionOf(exported);
    if (getPin) return getPin;
    throw this.#failure(`found no function among its exports, wanted one named ${NAMES.join(' or ')}`);
  }

  /** An error that the user's code left to nobody, such as a promise that it does not wait for, in one line. */
  describeStray(error: unknown): string {
    return this.#failure(`an error that it does not catch: ${wordsOf(error)}`).message;
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const failure = this.#failure(`found no answer, wanted one within ${this.#timeoutMs / 1000} s`);
      timer = setTimeout(() => reject(failure), this.#timeoutMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Without a cause: what the module threw may hold a PIN, and causes are printed with their error. */
  #failure(reason: string): HostP2pError {
    return new HostP2pError('PIN_MODULE', `pin_module ${this.#path}: ${reason}`);
  }
}

/** Node keeps modules by address for ever: another version of the file needs another address. */
async function importAnew(path: string): Promise<unknown> {
  const file = realpathSync(path);
  expectRegularFile(file);
  const { ino, mtimeNs } = statSync(file, { bigint: true });
  // CommonJS modules are kept by path besides, whatever the address says.
  delete createRequire(import.meta.url).cache[file];
  return import(`${pathToFileURL(file).href}?version=${ino}-${mtimeNs}`);
}

/** A named export, a member of the default export, or the default export itself. */
function functionOf(exported: unknown): GetPin | null {
  const main = memberOf(exported, 'default');
  for (const holder of [exported, main]) {
    for (const name of NAMES) {
      const member = memberOf(holder, name);
      // As a method: the default export may be an instance of a class.
      if (typeof member === 'function') return (...args) => Reflect.apply(member, holder, args);
    }
  }
  return typeof main === 'function' ? (...args) => Reflect.apply(main, undefined, args) : null;
}

function memberOf(holder: unknown, name: string): unknown {
  const hasMembers = (typeof holder === 'object' && holder !== null) || typeof holder === 'function';
  return hasMembers ? Reflect.get(holder, name) : undefined;
}

/** What went wrong, in the first line of its own words, with everything that could be a PIN taken out. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : describe(error);
  return (words.split('\n')[0] ?? '').replace(/\d{4,}/g, HIDDEN);
}
