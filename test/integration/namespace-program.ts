import type { TestContext } from 'node:test';
import { type AskedStatus, statusThat } from './asked-status.js';
import { configuration, Place } from './place.js';
import type { Program } from './program.js';
import { supplicant, temporaryFolder } from './support.js';

/** hostp2pd as a process in a network namespace; the fake wpa_supplicant has the group, also while it does not run. */
export class NamespaceProgram {
  readonly stateFolder: string;
  readonly #t: TestContext;
  readonly #namespace: string;
  readonly #settings: readonly string[];
  readonly #place: Place;
  readonly #fake: { readonly folder: string };
  #program: Program | null = null;

  /** @param settings of every start */
  constructor(
    t: TestContext,
    namespace: string,
    settings: readonly string[] = [],
    stateFolder = temporaryFolder(t),
  ) {
    this.#t = t;
    this.#namespace = namespace;
    this.#settings = settings;
    this.#place = new Place(t);
    this.#fake = supplicant(t);
    this.stateFolder = stateFolder;
  }

  /** Its log. */
  get log(): string {
    return this.#program?.stdout ?? '';
  }

  start(...settings: readonly string[]): void {
    const lines = [`state_folder: ${this.stateFolder}`, ...this.#settings, ...settings];
    const file = configuration(this.#t, this.#fake, lines);
    const node = ['ip', 'netns', 'exec', this.#namespace, process.execPath];
    this.#program = this.#place.start(['-c', file, '-b', '-', '-d'], { node, input: null });
  }

  /** Waits until the status has such a line. */
  async shows(pattern: RegExp): Promise<string> {
    const line = ({ text }: AskedStatus<unknown>) => text.split('\n').find((one) => pattern.test(one));
    const status = await statusThat(this.#place.folder, (one) => line(one) !== undefined).catch((error) => {
      throw new Error(`no ${pattern} in the status; log:\n${this.log}`, { cause: error });
    });
    return line(status) ?? '';
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#program?.signal(signal);
    await this.#program?.ended();
  }
}
