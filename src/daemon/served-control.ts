import type { CommandContext } from '../commands/command.js';
import type { Logger } from '../logging/logger.js';
import { messageOf } from '../system/errors.js';

export interface ControlPlace {
  /** Whose it is: the interface, or `auto` as long as that is looked for. */
  readonly interface: string;
  /** wpa_supplicant's folder: who may use that may use ours. */
  readonly controlFolder: string;
}

export interface OpenedControl {
  readonly path: string;
  /** Looks again who may use it: wpa_supplicant's socket, whose group it takes, may have come meanwhile. */
  refresh(): void;
  close(): Promise<void>;
}

export type OpenControl = (context: CommandContext, place: ControlPlace) => Promise<OpenedControl>;

/** The control server of a service: opened when there is something to tell, moved when the interface is found. */
export class ServedControl {
  readonly #open: OpenControl | undefined;
  readonly #context: CommandContext;
  readonly #logger: Logger;
  #name: string | null = null;
  #closed = false;
  #work: Promise<OpenedControl | null> = Promise.resolve(null);

  constructor(open: OpenControl | undefined, context: CommandContext, logger: Logger) {
    this.#open = open;
    this.#context = context;
    this.#logger = logger;
  }

  /** Settles when what was begun is done. */
  get opened(): Promise<void> {
    return this.#work.then(() => {});
  }

  serve(place: ControlPlace): void {
    const open = this.#open;
    if (!open || this.#closed) return;
    if (place.interface === this.#name) {
      void this.#work.then((control) => control?.refresh());
      return;
    }
    this.#name = place.interface;
    this.#work = this.#work.then(async (former) => {
      await former?.close();
      if (this.#closed) return null;
      try {
        const control = await open(this.#context, place);
        this.#logger.log('debug', `control socket: ${control.path}`);
        return control;
      } catch (error) {
        // The session serves phones all the same.
        // Tried again when something has changed.
        this.#name = null;
        this.#logger.log('error', `no control socket: ${messageOf(error)}`);
        return null;
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const control = await this.#work;
    await control?.close();
  }
}
