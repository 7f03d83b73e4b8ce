import { AsyncLocalStorage } from 'node:async_hooks';
import { realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parsePin } from '../config/text-values.js';
import type { Logger } from '../logging/logger.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import { expectRegularFile } from '../system/files.js';
import type { ReportProblem } from '../system/problems.js';
import { HIDDEN, secrets } from '../system/secrets.js';
import { describe } from '../system/values.js';
import { within } from '../system/within.js';

/** The phone that asks to join, as the user's function sees it. */
export interface PinStation {
  /** P2P device address, in lower case. */
  readonly deviceAddress: string;
  readonly name: string | null;
}

type GetPin = (pin: string, station: PinStation) => unknown;

const NAMES = ['getPin', 'get_pin'];

/** Node passes it on to everything that the user's code starts: timers, promises, requests. */
const origin = new AsyncLocalStorage<PinModule>();

export interface PinModuleOptions {
  /** A relative path starts from the present working directory. */
  readonly path: string;
  /** Longest time for an answer, including the time to load; a function that never yields cannot be stopped. */
  readonly timeoutMs: number;
  /** Whether its PINs are shown to a person, also in the log; else they are secrets. */
  readonly shown: boolean;
}

/** Different errors of one module that are logged as errors. */
const MAX_STRAY_ERRORS = 20;

/** The PINs of phones: from the user's `pin_module` if there is one, else the PIN of the settings. */
export class PinSource {
  readonly #logger: Logger;
  readonly #onProblem: ReportProblem;
  #module: PinModule | null = null;
  /** Errors that have been logged: a timer of the module may throw the same one every second. */
  readonly #logged = new Set<string>();

  constructor(logger: Logger, onProblem: ReportProblem = () => {}) {
    this.#logger = logger;
    this.#onProblem = onProblem;
  }

  /** Another module, or the same file in its present version, from the next phone on; null: none. */
  configure(module: PinModuleOptions | null): void {
    this.#logged.clear();
    this.#module = module && new PinModule(module);
    this.#onProblem(null);
  }

  /** @throws {HostP2pError} PIN_MODULE */
  async ask(pin: string, station: PinStation): Promise<string> {
    if (!this.#module) return pin;
    try {
      const given = await this.#module.getPin(pin, station);
      this.#onProblem(null);
      return given;
    } catch (error) {
      const reason = messageOf(error);
      this.#onProblem({ reason, waitsFor: 'the next phone that asks for a PIN', nextTryAt: null });
      throw error;
    }
  }

  /** See {@link HostP2pD.takeStrayError}. */
  takeStrayError(error: unknown): boolean {
    // While Node reports an uncaught error it is the store of the code that threw it.
    const module = origin.getStore();
    if (!module) return false;
    const text = module.describeStray(error);
    const again = this.#logged.has(text) || this.#logged.size >= MAX_STRAY_ERRORS;
    this.#logger.log(again ? 'debug' : 'error', text);
    if (!again) this.#logged.add(text);
    return true;
  }
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
   * The PIN for one phone, 4 or 8 digits. The module is loaded at the first call and kept. A new PinModule sees changes of
   * the file, but not of files that it imports.
   * @param pin the PIN of the settings
   * @throws {HostP2pError} PIN_MODULE if the module cannot be loaded, fails, takes too long or gives no PIN
   */
  async getPin(pin: string, station: PinStation): Promise<string> {
    const found = await within(this.#timeoutMs, this.#ask(pin, station), () => {
      throw this.#failure(`getPin: expected an answer within ${this.#timeoutMs / 1000} s, got none`);
    });
    const parsed = typeof found === 'string' ? parsePin(found) : { expected: 'a text of 4 or 8 digits' };
    if ('text' in parsed) {
      if (!this.#shown) secrets.remember(parsed.text);
      return parsed.text;
    }
    throw this.#failure(`getPin: expected ${parsed.expected}, got ${describe(found, true)}`);
  }

  async #ask(pin: string, station: PinStation): Promise<unknown> {
    this.#getPin ??= this.#load().catch((error: unknown) => {
      // Once the file is corrected, it works for the next phone without a reload.
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
      exported = await origin.run(this, () => importPresentVersion(this.#path));
    } catch (error) {
      throw this.#failure(`cannot be loaded: ${wordsOf(error)}`);
    }
    const getPin = functionOf(exported);
    if (getPin) return getPin;
    throw this.#failure(`expected an exported function ${NAMES.join(' or ')}, got none`);
  }

  /** An error that the user's code does not catch, for instance in a promise that it does not wait for, in one line. */
  describeStray(error: unknown): string {
    return this.#failure(`an error that it does not catch: ${wordsOf(error)}`).message;
  }

  /** Without a cause: the module's error may hold a PIN, and causes are printed with their error. */
  #failure(reason: string): HostP2pError {
    return new HostP2pError('PIN_MODULE', `pin_module ${this.#path}: ${reason}`);
  }
}

/** Node keeps modules by URL for ever: another version of the file needs another URL. */
async function importPresentVersion(path: string): Promise<unknown> {
  const file = realpathSync(path);
  expectRegularFile(file);
  const { ino, mtimeNs } = statSync(file, { bigint: true });
  // CommonJS modules are also kept by path, whatever the URL is.
  delete createRequire(import.meta.filename).cache[file];
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

/** The first line of its message, with everything hidden that could be a PIN. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : describe(error);
  return (words.split('\n')[0] ?? '').replace(/\d{4,}/g, HIDDEN);
}
