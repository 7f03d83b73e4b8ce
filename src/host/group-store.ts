import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../logging/logger.js';
import { MAX_CLIENTS, type StoredGroup } from '../session/stored-group.js';
import { failureWithFix, HostP2pError, messageOf } from '../system/errors.js';
import { formatGroupFile, parseGroupFile } from './group-file.js';
import { readPrivateFile, replacePrivateFile } from './private-file.js';

/**
 * The program's own record of the persistent group of one P2P device interface, for wpa_supplicant may lose it:
 * some run without a configuration file, or may not write it. What cannot be read or written is a warning, and
 * the session goes on with what is in memory.
 */
export class GroupStore {
  readonly #folder: string;
  readonly #logger: Logger;
  #path: string | null = null;
  #current: StoredGroup | null = null;
  /** What the file holds. */
  #stored: StoredGroup | null = null;
  #writing = false;
  #work: Promise<void> = Promise.resolve();
  /** A full disk need not be told of at every phone that joins. */
  #toldFailure = false;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** The folder to use: the setting, else systemd's StateDirectory=, else the usual one of the user. */
  static folder(
    setting: string | null,
    environment: NodeJS.ProcessEnv = process.env,
    uid = process.getuid?.() ?? -1,
  ): string {
    if (setting !== null) return setting;
    const [given] = environment['STATE_DIRECTORY']?.split(':') ?? [];
    if (given) return given;
    if (uid === 0) return '/var/lib/hostp2pd';
    const state = environment['XDG_STATE_HOME'];
    // The XDG Base Directory Specification: a relative path there is to be ignored.
    if (state && isAbsolute(state)) return join(state, 'hostp2pd');
    return join(environment['HOME'] || homedir(), '.local', 'state', 'hostp2pd');
  }

  /** The group as it is known now, in the file or not. */
  get current(): StoredGroup | null {
    return this.#current;
  }

  /**
   * Binds the store to an interface and reads what is kept of it. Blocks for the time of reading a small file;
   * before the first group nobody waits.
   * @returns null where there is nothing, or nothing that can be used; a warning tells of the latter
   */
  open(interfaceName: string): StoredGroup | null {
    const path = join(this.#folder, `${interfaceName}.json`);
    this.#path = path;
    this.#stored = this.#read(path);
    this.#current = this.#stored;
    return this.#current;
  }

  /**
   * Takes note of the group at once, and writes it to the file in the background. Of several that come while one
   * is being written the last is written; of the clients, the first 100.
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
    // The write that is under way sees what is current when it ends.
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
        const found = `found mode ${file.exposed.toString(8).padStart(4, '0')}, wanted 0600`;
        const cure = file.closed ? 'set to 0600' : `chmod 600 ${path}`;
        this.#warn(`${path}: ${found}, for it holds a passphrase that others could read; ${cure}`);
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
    // What has failed is tried again at the next save, not for ever.
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
      // A file that could not be read again would be worse than the former one.
      if ('problem' in parsed) throw new Error(parsed.problem);
      await replacePrivateFile(path, text);
      this.#stored = group;
      this.#toldFailure = false;
    } catch (error) {
      if (!this.#toldFailure) this.#warn(`${path} cannot be written: ${failureWithFix(error, RIGHTS)}`);
      this.#toldFailure = true;
    }
  }

  #warn(message: string): void {
    this.#logger.log('warning', `state file ${message}`);
  }
}

const RIGHTS = 'let this user write to its folder, or set state_folder';
