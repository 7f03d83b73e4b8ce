import type { CommandContext } from '../commands/command.js';
import type { ControlServer } from '../control/server.js';
import type { Logger } from '../logging/logger.js';
import { messageOf } from '../system/errors.js';
import type { ReportProblem } from '../system/problems.js';

interface ControlPlace {
  /** The interface of the session, or `auto` while it is still being searched. */
  readonly interface: string;
  /** wpa_supplicant's folder: the users who may use its sockets may use ours. */
  readonly controlFolder: string;
}

type OpenServer = (
  context: CommandContext,
  place: ControlPlace & { readonly logger: Logger },
) => Promise<ControlServer>;

/** Loads the server only when it is needed: that takes as long as forming a group. */
const openLazily: OpenServer = async (context, options) => {
  const { openControlServer } = await import('../control/server.js');
  return openControlServer(context, options);
};

/** The control socket of a service: opened when the session has something to show, moved when its interface is found. */
export class ControlSocket {
  readonly #context: CommandContext;
  readonly #logger: Logger;
  readonly #openServer: OpenServer;
  readonly #onProblem: ReportProblem;
  #name: string | null = null;
  #closed = false;
  #server: Promise<ControlServer | null> = Promise.resolve(null);

  constructor(
    context: CommandContext,
    logger: Logger,
    onProblem: ReportProblem = () => {},
    openServer = openLazily,
  ) {
    this.#onProblem = onProblem;
    this.#context = context;
    this.#logger = logger;
    this.#openServer = openServer;
  }

  /** Settles when the last {@link open} has succeeded or failed. */
  get opened(): Promise<void> {
    return this.#server.then(() => {});
  }

  open(place: ControlPlace): void {
    if (this.#closed) return;
    if (place.interface === this.#name) {
      void this.#server.then((server) => server?.refresh());
      return;
    }
    this.#name = place.interface;
    this.#server = this.#server.then(async (previous) => {
      await previous?.close();
      if (this.#closed) return null;
      try {
        const server = await this.#openServer(this.#context, { ...place, logger: this.#logger });
        this.#logger.log('debug', `control socket: ${server.path}`);
        this.#onProblem(null);
        return server;
      } catch (error) {
        // The session serves phones without it. The next call tries again.
        this.#name = null;
        const reason = messageOf(error);
        this.#logger.log('error', `no control socket: ${reason}`);
        this.#onProblem({ reason, waitsFor: 'the next group, or a restart', nextTryAt: null });
        return null;
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const server = await this.#server;
    await server?.close();
  }
}
