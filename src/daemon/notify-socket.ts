import type { Logger } from '../logging/logger.js';
import type { Clock, Timer } from '../system/clock.js';
import { messageOf } from '../system/errors.js';
import { DatagramError, type DatagramSender } from '../wpa/datagram.js';

export interface NotifyParts {
  readonly open: () => DatagramSender;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The service manager reads as fast as it can; a queue that stays full is one that nobody reads. */
const RETRY_MS = 200;
const MAX_QUEUED = 20;

/**
 * The way to the service manager's socket. A notification that cannot be sent must never hurt the session: it is
 * told once in the log, and that is all.
 */
export class NotifySocket {
  readonly #address: string;
  readonly #parts: NotifyParts;
  readonly #sender: DatagramSender | null;
  /** In their order: a READY=1 must not come before the RELOADING=1 that it ends. */
  readonly #queue: string[] = [];
  #timer: Timer | null = null;
  #told = false;

  constructor(address: string, parts: NotifyParts) {
    this.#address = address;
    this.#parts = parts;
    this.#sender = this.#open();
  }

  /** Whether there is any use in sending. */
  get usable(): boolean {
    return this.#sender !== null;
  }

  /** @param assignments such as `READY=1`; those of one call go in one datagram */
  send(...assignments: readonly string[]): void {
    if (this.#sender === null) return;
    this.#queue.push(assignments.join('\n'));
    if (this.#queue.length > MAX_QUEUED) this.#queue.shift();
    if (this.#timer === null) this.#flush(this.#sender);
  }

  close(): void {
    if (this.#sender === null) return;
    this.#stopWaiting();
    // A last try; nobody waits for more.
    this.#flush(this.#sender);
    this.#stopWaiting();
    this.#sender.close();
  }

  #stopWaiting(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #open(): DatagramSender | null {
    const address = this.#address;
    if (!address.startsWith('/')) {
      // The addon ends a name at its first NUL, and Node's own dgram takes no descriptor of this family.
      this.#tell(
        `NOTIFY_SOCKET: found ${JSON.stringify(address)}, wanted an absolute path; abstract names and vsock cannot be reached, the service manager is told nothing`,
      );
      return null;
    }
    try {
      return this.#parts.open();
    } catch (error) {
      this.#tell(`the service manager is told nothing: ${messageOf(error)}`);
      return null;
    }
  }

  #flush(sender: DatagramSender): void {
    for (let text = this.#queue[0]; text !== undefined; text = this.#queue[0]) {
      try {
        sender.send(text, this.#address);
      } catch (error) {
        if (error instanceof DatagramError && error.errno === 'EAGAIN') {
          this.#timer = this.#parts.clock.after(RETRY_MS, () => {
            this.#timer = null;
            this.#flush(sender);
          });
          return;
        }
        this.#tell(
          `a notification to the service manager cannot be sent to ${this.#address}: ${messageOf(error)}`,
        );
      }
      this.#queue.shift();
    }
  }

  #tell(message: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#parts.logger.log('warning', message);
  }
}
