import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../logging/logger.js';
import type { StoredGroup } from '../session/model.js';
import { MAX_CLIENTS } from '../session/persistent-group.js';
import { failureWithFix, HostP2pError, messageOf } from '../system/errors.js';
import { parseAddress } from '../system/mac-address.js';
import { hasControlCharacter } from '../system/names.js';
import { readPrivateFile, replacePrivateFile } from '../system/private-file.js';
import type { ReportProblem } from '../system/problems.js';
import { describe, isRecord, quoted } from '../system/values.js';

/** What wpa_supplicant has told of the group is no group that could be made again. */
class UnstorableGroup extends Error {}

const RIGHTS_FIX = 'let this user write to its folder, or set state_folder';

/**
 * The program's own record of the persistent group of one P2P device interface, because wpa_supplicant may lose it: it may
 * run without a configuration file, or may not write it. If the file cannot be read or written that is a warning, and the
 * session continues with what is in memory.
 */
export class GroupStore {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #onProblem: ReportProblem;
  #path: string | null = null;
  #current: StoredGroup | null = null;
  /** What the file holds. */
  #stored: StoredGroup | null = null;
  #writing = false;
  #work: Promise<void> = Promise.resolve();
  /** A full disk is reported once, not for every phone that joins. */
  #warnedOfFailure = false;

  constructor(folder: string, logger: Logger, onProblem: ReportProblem = () => {}) {
    this.#onProblem = onProblem;
    this.#folder = folder;
    this.#logger = logger;
  }

  /** The group as it is known now, whether it has been written or not. */
  get current(): StoredGroup | null {
    return this.#current;
  }

  /**
   * Reads the file of an interface, to which the store belongs from now on. Blocks for the time of reading a small file;
   * before the first group nobody waits for it.
   * @returns null if there is nothing, or nothing that can be used; the latter is a warning
   */
  open(interfaceName: string): StoredGroup | null {
    const path = join(this.#folder, `${interfaceName}.json`);
    this.#path = path;
    this.#stored = this.#read(path);
    this.#current = this.#stored;
    return this.#current;
  }

  /**
   * Replaces the group at once, and writes it to the file in the background. If several come during a write, the last one
   * is written; of the clients, the first 100.
   * @throws {HostP2pError} STATE before {@link GroupStore.open}
   */
  save({ ssidHex, passphrase, psk, clients, forgotten }: StoredGroup): void {
    if (this.#path === null) throw new HostP2pError('STATE', 'the group store is not open');
    this.#current = {
      ssidHex,
      passphrase,
      psk,
      clients: clients.slice(0, MAX_CLIENTS),
      forgotten: forgotten.slice(0, MAX_CLIENTS),
    };
    // A write that is under way continues with what is current when it ends.
    if (!this.#writing) this.#work = this.#writeCurrent(this.#path);
  }

  /** Settles when what was saved is in the file, or could not be written; never rejects. */
  close(): Promise<void> {
    return this.#work;
  }

  #read(path: string): StoredGroup | null {
    try {
      const file = readPrivateFile(path);
      if (file === null) return null;
      if (file.exposed !== null) {
        const mode = file.exposed.toString(8).padStart(4, '0');
        const fix = file.closed ? 'set to 0600' : `chmod 600 ${quoted(path)}`;
        this.#warn(
          `${path}: expected mode 0600, got ${mode}: others could read the passphrase in it; ${fix}`,
        );
      }
      const parsed = parseGroupFile(file.text);
      if ('group' in parsed) return parsed.group;
      this.#warn(`${path} cannot be used: ${parsed.problem}`);
    } catch (error) {
      this.#warn(`${path} cannot be used: ${messageOf(error)}`);
    }
    return null;
  }

  async #writeCurrent(path: string): Promise<void> {
    this.#writing = true;
    let tried: StoredGroup | null = null;
    // A failed write is tried again at the next save, not for ever.
    while (
      this.#current !== null &&
      this.#current !== tried &&
      !isDeepStrictEqual(this.#current, this.#stored)
    ) {
      tried = this.#current;
      await this.#write(path, tried);
    }
    this.#writing = false;
  }

  async #write(path: string, group: StoredGroup): Promise<void> {
    try {
      const text = formatGroupFile(group);
      const parsed = parseGroupFile(text);
      // A file that cannot be read back would be worse than the former one.
      if ('problem' in parsed) throw new UnstorableGroup(parsed.problem);
      await replacePrivateFile(path, text);
      this.#stored = group;
      this.#warnedOfFailure = false;
      this.#onProblem(null);
    } catch (error) {
      const reason =
        error instanceof UnstorableGroup
          ? `the group is not stored in ${path}: ${error.message}`
          : `${path} cannot be written: ${failureWithFix(error, RIGHTS_FIX)}`;
      if (!this.#warnedOfFailure) this.#warn(reason);
      this.#warnedOfFailure = true;
      this.#onProblem({ reason, waitsFor: 'the next change of the group', nextTryAt: null });
    }
  }

  #warn(message: string): void {
    this.#logger.log('warning', `state file ${message}`);
  }
}

/** The file is JSON. The version changes with the meaning of a key. */
const VERSION = 1;

const SSID = /^(?:[0-9a-f]{2}){1,32}$/i;
const PSK = /^[0-9a-f]{64}$/i;

export function formatGroupFile({ ssidHex, passphrase, psk, clients, forgotten }: StoredGroup): string {
  return `${JSON.stringify({ version: VERSION, ssidHex, passphrase, psk, clients, forgotten }, null, 2)}\n`;
}

/** @returns the group, or what was expected and what was found, in words without the text of any secret */
export function parseGroupFile(text: string): { readonly group: StoredGroup } | { readonly problem: string } {
  const content = parseJson(text);
  if (!isRecord(content)) return { problem: `expected a map in JSON, got ${describe(content, true)}` };
  // Files of older versions have no list of forgotten phones.
  const { version, ssidHex, passphrase, psk, clients, forgotten = [] } = content;
  /** Texts are described only by their length: someone may have put the passphrase into the wrong place. */
  const wrong = (key: string, found: unknown, expected: string) => {
    return { problem: `${key}: expected ${expected}, got ${describe(found, true)}` };
  };
  if (version !== VERSION) {
    // A larger number may be a secret in the wrong place.
    const found = typeof version === 'number' && version < 1000 ? version : describe(version, true);
    return { problem: `version: expected ${VERSION}, got ${found}` };
  }
  if (!isText(ssidHex, SSID))
    return wrong('ssidHex', ssidHex, '2 to 64 hexadecimal digits, two for each byte');
  if (passphrase !== null && !isPassphrase(passphrase))
    return wrong('passphrase', passphrase, '8 to 63 bytes without control characters, or null');
  if (psk !== null && !isText(psk, PSK)) return wrong('psk', psk, '64 hexadecimal digits, or null');
  if ((passphrase === null) === (psk === null))
    return { problem: `expected either passphrase or psk, got ${psk === null ? 'neither' : 'both'}` };
  const list = `a list of at most ${MAX_CLIENTS} device addresses`;
  if (!isAddressList(clients)) return wrong('clients', clients, list);
  if (!isAddressList(forgotten)) return wrong('forgotten', forgotten, list);
  return {
    group: {
      ssidHex: ssidHex.toLowerCase(),
      passphrase,
      psk: psk?.toLowerCase() ?? null,
      clients: clients.map((address) => address.toLowerCase()),
      forgotten: forgotten.map((address) => address.toLowerCase()),
    },
  };
}

/** The parser's own message is not used: it quotes the text around the error, which may be the passphrase. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

/** IEEE 802.11 has ASCII only; wpa_supplicant accepts any bytes, and counts those. */
function isPassphrase(value: unknown): value is string {
  if (typeof value !== 'string' || hasControlCharacter(value)) return false;
  const bytes = Buffer.byteLength(value);
  return bytes >= 8 && bytes <= 63;
}

function isAddressList(value: unknown): value is readonly string[] {
  const isAddress = (item: unknown) => typeof item === 'string' && parseAddress(item) !== null;
  return Array.isArray(value) && value.length <= MAX_CLIENTS && value.every(isAddress);
}
