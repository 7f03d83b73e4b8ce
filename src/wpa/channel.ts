import type { Clock, Timer } from '../system/clock.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import { DatagramError, type DatagramSocket, type OpenDatagram } from './unix-datagram.js';

/** As long as the C client library waits: a driver call can block wpa_supplicant's only loop (wpa_ctrl.c). */
export const REPLY_LIMIT_MS = 10_000;
/** How long to wait while the receive queue is full, and how often to try: as wpa_ctrl.c does. */
const CONGESTION_LIMIT_MS = 5_000;
const CONGESTION_STEP_MS = 50;

/** The result of a request: the text of its reply, or the reason why there is none. */
export type Outcome = { readonly reply: string } | { readonly error: HostP2pError };

export type Done = (outcome: Outcome) => void;

export interface ChannelOptions {
  /** The path of wpa_supplicant's control socket. */
  readonly server: string;
  /** The path of our own socket. */
  readonly address: string;
  readonly open: OpenDatagram;
  readonly clock: Clock;
  /** Whether a datagram with that sender comes from wpa_supplicant. */
  readonly trusts: (sender: string | null) => boolean;
  /**
   * For a socket that attaches. Others get no events (ctrl_iface_unix.c), so there every datagram is a reply: also a passphrase
   * that begins like an event.
   */
  readonly onEvent?: (text: string, level: number) => void;
  /** A reply did not come, or a send has failed for good. The channel is closed. */
  readonly onBroken: (error: HostP2pError) => void;
}

interface Request {
  readonly command: string;
  readonly done: Done;
}

/**
 * One bound socket and the requests that go through it, strictly one at a time: replies carry no identifier, so only their
 * order shows to which request they belong. A missing reply breaks the channel for good. Its owner opens another one under
 * a new address, where a late reply cannot arrive.
 */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #socket: DatagramSocket;
  readonly #waiting: Request[] = [];
  #current: Request | null = null;
  #timer: Timer | null = null;
  #sentAt: number | null = null;
  #closed = false;

  /** @throws {DatagramError} when the address cannot be bound */
  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#socket = options.open(options.address, (data, sender) => this.#receive(data, sender));
  }

  /** When the request was sent that has no reply yet, on the clock of the channel; null if there is none. */
  get waitingSince(): number | null {
    return this.#sentAt;
  }

  /** Calls `done` exactly once: later, or at once if the channel is closed. */
  request(command: string, done: Done): void {
    if (this.#closed) {
      done({ error: new HostP2pError('CONTROL_CLOSED', `${this.#options.server}: the link is closed`) });
      return;
    }
    const request = { command, done };
    if (this.#current) this.#waiting.push(request);
    else this.#begin(request);
  }

  /** Ends everything that is pending, with CONTROL_CLOSED or the reason given, and removes the socket. */
  close(reason?: HostP2pError): void {
    this.#end(reason ?? new HostP2pError('CONTROL_CLOSED', `${this.#options.server}: the link was closed`));
  }

  /** Sends without waiting for a reply, before `close`. */
  sendLast(command: string): void {
    try {
      if (!this.#closed) this.#socket.send(command, this.#options.server);
    } catch {
      // wpa_supplicant has gone, and the attachment with it.
    }
  }

  #next(): void {
    const request = this.#waiting.shift();
    if (request && !this.#closed) this.#begin(request);
  }

  #begin(request: Request): void {
    this.#current = request;
    this.#send(request, null);
  }

  /** @param givingUpAt null until the receiver's queue is full */
  #send(request: Request, givingUpAt: number | null): void {
    const { clock, server } = this.#options;
    try {
      this.#socket.send(request.command, server);
      this.#sentAt = clock.now();
      this.#timer = clock.after(REPLY_LIMIT_MS, () => {
        const seconds = REPLY_LIMIT_MS / 1000;
        this.#break(new HostP2pError('CONTROL_TIMEOUT', `${server}: no reply within ${seconds} s`));
      });
    } catch (error) {
      const congested = error instanceof DatagramError && error.code === 'EAGAIN';
      const until = givingUpAt ?? clock.now() + CONGESTION_LIMIT_MS;
      if (congested && clock.now() < until) {
        this.#timer = clock.after(CONGESTION_STEP_MS, () => this.#send(request, until));
      } else {
        // Not now: first the caller of `request`, or the reply to the request before, must finish.
        this.#timer = clock.after(0, () => this.#break(sendFailure(error, server)));
      }
    }
  }

  #receive(data: Buffer, sender: string | null): void {
    if (this.#closed || !this.#options.trusts(sender)) return;
    const { onEvent } = this.#options;
    const frame = onEvent ? parseFrame(data) : ({ kind: 'reply', text: data.toString() } as const);
    if (frame.kind === 'event') {
      onEvent?.(frame.text, frame.level);
      return;
    }
    const request = this.#current;
    if (!request) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#sentAt = null;
    this.#current = null;
    // The next request goes out before the reply is handled: a request that the reply causes must not overtake it.
    this.#next();
    request.done({ reply: frame.text });
  }

  #break(error: HostP2pError): void {
    if (this.#closed) return;
    this.#end(error);
    this.#options.onBroken(error);
  }

  #end(error: HostP2pError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#socket.close();
    const pending = this.#current ? [this.#current, ...this.#waiting] : [...this.#waiting];
    this.#current = null;
    this.#waiting.length = 0;
    for (const request of pending) request.done({ error });
  }
}

/** What a failed send means: no program there, or not permitted. */
function sendFailure(error: unknown, server: string): HostP2pError {
  const errno = error instanceof DatagramError ? error.code : 'UNKNOWN';
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new HostP2pError('CONTROL_DENIED', `${server}: permission denied`, { cause: error });
  }
  return new HostP2pError('CONTROL_UNAVAILABLE', `${server}: no program answers there (${errno})`, {
    cause: error,
  });
}

/** The error for a channel that could not be made. */
export function bindFailure(cause: unknown): HostP2pError {
  if (cause instanceof HostP2pError) return cause;
  const where = cause instanceof DatagramError ? ` at ${cause.path}` : '';
  return new HostP2pError('SOCKET_PATH', `our own socket cannot be made${where}: ${messageOf(cause)}`, {
    cause,
  });
}

/**
 * An event or a reply. An event starts with its message level in angle brackets; on the global control socket the interface
 * comes before it (ctrl_iface_unix.c, wpa_supplicant_ctrl_iface_send). Everything else is a reply, also an empty datagram.
 */
type Frame =
  | {
      readonly kind: 'event';
      readonly level: number;
      readonly interface: string | null;
      readonly text: string;
    }
  | { readonly kind: 'reply'; readonly text: string };

const EVENT = /^(?:IFNAME=(\S+) )?<(\d)>([\s\S]*)$/;

/** Classifies one datagram. Bytes that are not UTF-8 become U+FFFD. */
export function parseFrame(data: Buffer): Frame {
  // With an argument, toString() takes twice as long.
  const text = data.toString();
  // Only events of the global socket begin in another way. This is faster than a regular expression.
  if (text[0] === '<' && text[2] === '>') {
    const level = text.charCodeAt(1) - ZERO;
    if (level >= 0 && level <= 9) return { kind: 'event', level, interface: null, text: text.slice(3) };
  }
  const match = text[0] === 'I' ? EVENT.exec(text) : null;
  if (!match) return { kind: 'reply', text };
  return { kind: 'event', level: Number(match[2]), interface: match[1] ?? null, text: match[3] ?? '' };
}

const ZERO = 0x30;
