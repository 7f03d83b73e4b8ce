import type { Socket } from 'node:net';

/** What clients may use of the control server. More is refused; the other clients and the radio do not notice. */
export interface ConnectionLimits {
  /** Connections at a time; for one more, the one that has kept the server waiting longest is closed. */
  readonly connections: number;
  /** Event streams among them. */
  readonly streams: number;
  /** Commands that run at the same time. One that waits for something ends when its client disconnects. */
  readonly commands: number;
  /** Body of a request. */
  readonly bodyBytes: number;
  /** Headers of a request, including its first line. */
  readonly headerBytes: number;
  /** Until the headers of a request have arrived. */
  readonly headersMs: number;
  /** From then until its body has arrived. */
  readonly requestMs: number;
  /** Until the client has read its answer. */
  readonly answerMs: number;
  /** Between two requests on one connection. */
  readonly idleMs: number;
  /** Unsent bytes for a client that does not read its events. */
  readonly waitingBytes: number;
  /** For answers under way when the server closes. */
  readonly closingMs: number;
}

export const LIMITS: ConnectionLimits = {
  connections: 32,
  streams: 16,
  commands: 16,
  bodyBytes: 65_536,
  headerBytes: 8_192,
  headersMs: 5_000,
  requestMs: 10_000,
  answerMs: 10_000,
  idleMs: 5_000,
  waitingBytes: 262_144,
  closingMs: 1_000,
};

/**
 * The connections of the control server, with a time limit for each one that the server waits for. Node's own limits
 * (`headersTimeout`, `requestTimeout`) are not used: a timer checks them every few seconds for ever, also without a client,
 * and an idle hostp2pd must not wake up.
 */
export class Connections {
  readonly #most: number;
  /**
   * With the timer that runs while the server waits for the client: for a request, the rest of it, or until the answer has
   * been read. Null while the client waits for the server. In the order in which that began.
   */
  readonly #timers = new Map<Socket, NodeJS.Timeout | null>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @param headersMs time for the first request */
  add(socket: Socket, headersMs: number): void {
    socket.once('close', () => {
      clearTimeout(this.#timers.get(socket) ?? undefined);
      this.#timers.delete(socket);
    });
    this.waitForClient(socket, headersMs);
    if (this.#timers.size > this.#most) this.#makeRoom(socket);
  }

  /** @param onTimeout default: tells the client that its request took too long, and closes the connection */
  waitForClient(socket: Socket, ms: number, onTimeout = () => sendTimeout(socket)): void {
    this.#set(socket, () => setTimeout(onTimeout, ms));
  }

  clientWaits(socket: Socket): void {
    this.#set(socket, () => null);
  }

  destroy(which: (socket: Socket) => boolean = () => true): void {
    for (const socket of this.#timers.keys()) if (which(socket)) socket.destroy();
  }

  #set(socket: Socket, start: () => NodeJS.Timeout | null): void {
    clearTimeout(this.#timers.get(socket) ?? undefined);
    // A new entry goes to the end of the order.
    this.#timers.delete(socket);
    if (!socket.destroyed) this.#timers.set(socket, start());
  }

  /**
   * Clients that keep connections open, or are slow, must not lock out others: the one that has kept the server waiting
   * longest makes room. If every other client is being served, the new one is refused.
   */
  #makeRoom(newcomer: Socket): void {
    const longest = [...this.#timers].find(([, timer]) => timer !== null);
    (longest?.[0] ?? newcomer).destroy();
  }
}

function sendTimeout(socket: Socket): void {
  socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  socket.destroySoon();
}
