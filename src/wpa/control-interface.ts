import { SILENT } from '../logging/logger.js';
import { type Clock, LONGEST_TIMER_MS, systemClock } from '../system/clock.js';
import { HostP2pError } from '../system/errors.js';
import { watchFolder } from '../system/folders.js';
import { isInterfaceName } from '../system/interface-names.js';
import { inQuotes } from '../system/values.js';
import { ClientFolder } from './client-folder.js';
import type { EventName, EventOf, UnknownEvent, WpaEvent } from './event.js';
import { ControlLink, type LinkListener, type LinkParts } from './link.js';
import { type Refusal, refusalOf, replyText } from './status-words.js';
import { openUnixDatagram } from './unix-datagram.js';

/** wpa_supplicant or hostapd has refused a command. */
export class CommandRefusedError extends HostP2pError {
  readonly refusal: Refusal;
  /** The whole reply. */
  readonly reply: string;

  constructor(command: string, refusal: Refusal, reply: string) {
    // The arguments can hold a passphrase.
    super('COMMAND_REFUSED', `${command.split(' ', 1)}: ${replyText(reply)}`);
    this.refusal = refusal;
    this.reply = reply;
  }
}

/** An event that the caller named as a failure came first. */
export class FailureEventError extends HostP2pError {
  readonly event: WpaEvent;

  constructor(event: WpaEvent) {
    super('FAILURE_EVENT', `expected another event, got ${nameOf(event)}`);
    this.event = event;
  }
}

/** The functions are called one by one, after the link has done its own work; an error that one throws is uncaught. */
export type ControlListener = Partial<LinkListener>;

export interface ControlOptions extends Partial<Omit<LinkParts, 'folder'>> {
  /** The folder of `ctrl_interface`. Default: /run/wpa_supplicant. hostapd usually has /run/hostapd. */
  readonly controlFolder?: string;
  /**
   * The folder for our own sockets. The other program must see it under the same path. Default: /run/hostp2pd for root,
   * $XDG_RUNTIME_DIR/hostp2pd for others, else a temporary folder.
   */
  readonly clientFolder?: string;
  readonly listener?: ControlListener;
  /** Longest time in ms to wait for the interface. Default: 10 s. */
  readonly timeout?: number;
  /** Ends that wait. */
  readonly signal?: AbortSignal | undefined;
}

/** An event by its name: a typed one, or an unknown one for names that have no parser. */
export type EventNamed<T extends string> = T extends EventName ? EventOf<T> : UnknownEvent;

export interface WaitOptions<T extends string = string> {
  /** Names of events that end the wait as a failure. */
  readonly failure?: readonly string[];
  /** Longest wait in ms. Default: 30 s. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
  /** Only an event for which it returns true ends the wait. */
  readonly where?: (event: EventNamed<T>) => boolean;
  /** Sent when the wait has begun, so that an early event is not missed. A refusal ends the wait. */
  readonly command?: string;
}

const ATTACH_MS = 10_000;
const EVENT_MS = 30_000;

interface Waiter {
  readonly up?: () => void;
  readonly event?: (event: WpaEvent) => void;
  readonly fail: (error: HostP2pError) => void;
}

interface WaitLimits {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** The error at the time limit. */
  readonly late: () => HostP2pError;
}

/**
 * One interface of a wpa_supplicant or a hostapd: requests, and events. The link attaches again by itself when the program
 * restarts; until then requests fail with CONTROL_UNAVAILABLE.
 */
export class ControlInterface {
  readonly interface: string;
  readonly #link: ControlLink;
  readonly #folder: ClientFolder;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  /** Why the last try to attach has failed. */
  #problem: HostP2pError | null = null;
  #closed = false;

  /**
   * Attaches to an interface.
   * @throws {HostP2pError} CONTROL_UNAVAILABLE, CONTROL_DENIED or CONTROL_TIMEOUT if that fails within the time limit;
   * SOCKET_PATH if our own sockets cannot be made; ABORTED; COMMAND_INVALID if the name is no interface name
   */
  static async open(interfaceName: string, options: ControlOptions = {}): Promise<ControlInterface> {
    if (!isInterfaceName(interfaceName)) {
      const found = inQuotes(interfaceName);
      throw new HostP2pError('COMMAND_INVALID', `expected the name of a network interface, got ${found}`);
    }
    const control = new ControlInterface(interfaceName, options);
    const { timeout = ATTACH_MS, signal } = options;
    try {
      const late = () => control.#problem ?? control.#timedOut('no answer', timeout);
      const attached = control.#wait<void>({ timeout, signal, late }, (up) => ({ up }));
      control.#link.open();
      await attached;
      return control;
    } catch (error) {
      control.close();
      throw error;
    }
  }

  private constructor(interfaceName: string, options: ControlOptions) {
    const { controlFolder = '/run/wpa_supplicant', clientFolder, listener = {} } = options;
    const { open = openUnixDatagram, clock = systemClock, watch = watchFolder, logger = SILENT } = options;
    const folder = clientFolder === undefined ? ClientFolder.open() : ClientFolder.at(clientFolder);
    const tell = (call: () => void) => queueMicrotask(() => (this.#closed ? undefined : call()));
    this.interface = interfaceName;
    this.#folder = folder;
    this.#clock = clock;
    this.#link = new ControlLink(
      controlFolder,
      interfaceName,
      { open, clock, watch, folder, logger },
      {
        up: () => {
          for (const waiter of [...this.#waiters]) waiter.up?.();
          tell(() => listener.up?.());
        },
        down: (error) => {
          for (const waiter of [...this.#waiters]) waiter.fail(error);
          tell(() => listener.down?.(error));
        },
        event: (event, text) => {
          for (const waiter of [...this.#waiters]) waiter.event?.(event);
          tell(() => listener.event?.(event, text));
        },
        waiting: (error) => {
          this.#problem = error;
          // Another try does not help.
          if (!error.retryable) for (const waiter of [...this.#waiters]) waiter.fail(error);
          tell(() => listener.waiting?.(error));
        },
        missed: () => tell(() => listener.missed?.()),
        heldBack: () => tell(() => listener.heldBack?.()),
        heartbeat: () => tell(() => listener.heartbeat?.()),
      },
    );
  }

  /** Whether requests can be sent at the moment. */
  get attached(): boolean {
    return this.#link.attached;
  }

  /**
   * Sends a command; commands are answered in order.
   * @returns the reply without the line end behind it
   * @throws {CommandRefusedError} COMMAND_REFUSED
   * @throws {HostP2pError} COMMAND_INVALID, CONTROL_UNAVAILABLE, CONTROL_TIMEOUT or CONTROL_CLOSED
   */
  request(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#link.request(command, (outcome) => {
        if ('error' in outcome) return reject(outcome.error);
        const refusal = refusalOf(outcome.reply);
        if (refusal === null) resolve(outcome.reply.replace(/\n$/, ''));
        else reject(new CommandRefusedError(command, refusal, outcome.reply));
      });
    });
  }

  /**
   * Waits for the first event of that name, or of one of several names.
   * @throws {FailureEventError} FAILURE_EVENT if one of the `failure` events comes first
   * @throws {CommandRefusedError} COMMAND_REFUSED if the command is refused
   * @throws {HostP2pError} CONTROL_TIMEOUT; ABORTED; CONTROL_UNAVAILABLE if the link is lost or is not there;
   * CONTROL_CLOSED
   */
  async waitFor<T extends string>(
    event: T | readonly T[],
    options: WaitOptions<T> = {},
  ): Promise<EventNamed<T>> {
    const { failure = [], where = () => true, command, timeout = EVENT_MS, signal } = options;
    const wanted: readonly string[] = typeof event === 'string' ? [event] : event;
    // A malformed event has no fields.
    const isWanted = (one: WpaEvent): one is EventNamed<T> =>
      wanted.includes(nameOf(one)) && !(one.type === 'unknown' && one.malformed);
    if (!this.attached) throw new HostP2pError('CONTROL_UNAVAILABLE', `${this.interface}: not attached`);
    const late = () => this.#timedOut(`no ${wanted.join(' or ')}`, timeout);
    return this.#wait<EventNamed<T>>({ timeout, signal, late }, (resolve, fail) => {
      if (command !== undefined) this.request(command).catch(fail);
      return {
        event: (one) => {
          try {
            if (isWanted(one) && where(one)) resolve(one);
            else if (failure.includes(nameOf(one))) fail(new FailureEventError(one));
          } catch (error) {
            fail(error);
          }
        },
      };
    });
  }

  /** Detaches and removes the sockets. Pending requests and waits end with CONTROL_CLOSED. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link.close();
    const error = new HostP2pError('CONTROL_CLOSED', `${this.interface}: the link was closed`);
    for (const waiter of [...this.#waiters]) waiter.fail(error);
    this.#folder.close();
  }

  /** Settles with the first of its callbacks, or at the limits, and leaves no timer or listener. */
  #wait<R>(
    { timeout, signal, late }: WaitLimits,
    begin: (resolve: (result: R) => void, fail: (error: unknown) => void) => Omit<Waiter, 'fail'>,
  ): Promise<R> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiters.delete(waiter);
        timer.cancel();
        signal?.removeEventListener('abort', abort);
      };
      const fail = (error: unknown) => {
        end();
        reject(error);
      };
      const abort = () => {
        fail(
          new HostP2pError('ABORTED', `${this.interface}: the wait was aborted`, { cause: signal?.reason }),
        );
      };
      const timer = this.#clock.after(Math.min(timeout, LONGEST_TIMER_MS), () => fail(late()));
      const succeed = (result: R) => {
        end();
        resolve(result);
      };
      const waiter: Waiter = { ...begin(succeed, fail), fail };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted) abort();
    });
  }

  #timedOut(what: string, ms: number): HostP2pError {
    return new HostP2pError('CONTROL_TIMEOUT', `${this.interface}: ${what} within ${ms / 1000} s`);
  }
}

function nameOf(event: WpaEvent): string {
  return event.type === 'unknown' ? event.name : event.type;
}
