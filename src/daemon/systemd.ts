import { statusLine } from '../commands/status-text.js';
import type { HostP2pD } from '../host/host.js';
import type { Logger } from '../logging/logger.js';
import { type Clock, systemClock, type Timer } from '../system/clock.js';
import { codeOf, messageOf } from '../system/errors.js';
import { printable } from '../system/names.js';
import { inQuotes } from '../system/values.js';
import { DatagramError, type DatagramSender, openUnixSender } from '../wpa/unix-datagram.js';

/** Everything that a service tells systemd: sd_notify(3) and sd_watchdog_enabled(3). */

interface ServiceEnvironment {
  /** NOTIFY_SOCKET: where notifications go. */
  readonly socket: string;
  /** systemd kills a service that is silent for longer than this; null: no watchdog for this process. */
  readonly watchdogMs: number | null;
}

/** A unit says with it which NODE_OPTIONS are ours. They are not if a drop-in has other ones. */
const OWN_NODE_OPTIONS = 'HOSTP2PD_NODE_OPTIONS';

/**
 * Reads systemd's variables and removes them from the environment: a hook must not send notifications in our name, or run with the
 * Node.js options of this process.
 * @returns null where systemd expects no notifications
 */
export function takeServiceEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
): ServiceEnvironment | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec = '', WATCHDOG_PID: watched } = environment;
  if (environment[OWN_NODE_OPTIONS] === environment['NODE_OPTIONS']) delete environment['NODE_OPTIONS'];
  for (const name of [OWN_NODE_OPTIONS, 'NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'])
    delete environment[name];
  if (!socket) return null;
  // WATCHDOG_PID may name the launcher of the daemon.
  const watchdog = (watched === undefined || watched === String(pid)) && /^[1-9]\d{0,15}$/.test(usec);
  return { socket, watchdogMs: watchdog ? Number(usec) / 1000 : null };
}

/** The part of the session that is reported. */
export type ReportedSession = Pick<HostP2pD, 'on' | 'onPhase' | 'status' | 'stations' | 'pulse'>;

interface NotifierParts {
  readonly logger: Logger;
  readonly open?: () => DatagramSender;
  readonly clock?: Clock;
  /** Microseconds of CLOCK_MONOTONIC. */
  readonly monotonicUsec?: () => bigint;
}

/** These events change the status line. */
const STATUS_EVENTS = ['waiting', 'stationConnected', 'stationDisconnected', 'paused', 'resumed'] as const;

/** Reports the state of the session to systemd, and feeds its watchdog while the session takes inputs. */
export class SystemdNotifier {
  readonly #session: ReportedSession;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #monotonicUsec: () => bigint;
  readonly #socket: NotifySocket;
  readonly #watchdogMs: number | null;
  #status = '';
  #ready = false;
  #stopping = false;
  #reloads = 0;
  #pulsePending = false;
  #watchdogTimer: Timer | null = null;

  constructor(environment: ServiceEnvironment, session: ReportedSession, parts: NotifierParts) {
    this.#session = session;
    this.#logger = parts.logger;
    this.#clock = parts.clock ?? systemClock;
    // libuv's high-resolution time is CLOCK_MONOTONIC.
    this.#monotonicUsec = parts.monotonicUsec ?? (() => process.hrtime.bigint() / 1000n);
    const open = parts.open ?? openUnixSender;
    this.#socket = new NotifySocket(environment.socket, open, this.#clock, this.#logger);
    this.#watchdogMs = this.#socket.usable ? environment.watchdogMs : null;
  }

  /** @param serving settles when the control socket is open, so that a client can connect as soon as we are ready */
  start(serving: Promise<void>): void {
    const session = this.#session;
    session.on('attached', () => {
      // Rejects where the session ends first.
      serving.then(
        () => this.#becomeReady(),
        () => {},
      );
    });
    for (const event of STATUS_EVENTS) session.on(event, () => this.#sendStatus());
    session.onPhase(() => this.#sendStatus());
    this.#sendStatus();
    if (this.#watchdogMs !== null) this.#feedWatchdog(this.#watchdogMs / 2);
  }

  /** A reload of the configuration begins. */
  reloading(): void {
    this.#reloads++;
    // Before the first READY=1, systemd would take the one that ends the reload for it.
    if (!this.#ready || this.#stopping) return;
    this.#socket.send('RELOADING=1', `MONOTONIC_USEC=${this.#monotonicUsec()}`);
  }

  /** The reload has ended, successfully or not. */
  reloaded(): void {
    this.#reloads--;
    if (this.#ready && this.#reloads === 0) this.#sendStatus('READY=1');
    else this.#sendStatus();
  }

  /** @param reason the error that ends the session; undefined where it was asked to stop */
  stopping(reason?: string): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const status = reason === undefined ? 'stopping' : oneLine(`failed: ${reason}`);
    this.#socket.send('STOPPING=1', `STATUS=${status}`);
  }

  /** The status may have changed without an event. */
  changed(): void {
    // The end of a reload sends it.
    if (this.#reloads === 0) this.#sendStatus();
  }

  close(): void {
    this.#stopping = true;
    this.#watchdogTimer?.cancel();
    this.#socket.close();
  }

  /** Once, and only if the link has not been lost in the meantime. */
  #becomeReady(): void {
    if (this.#ready || this.#stopping || !this.#session.status.attached) return;
    this.#ready = true;
    this.#sendStatus('READY=1');
  }

  /** Sends the status line if it has changed, or if other assignments are to be sent with it. */
  #sendStatus(...assignments: readonly string[]): void {
    if (this.#stopping) return;
    const { status: view, stations } = this.#session;
    const status = oneLine(statusLine(view, stations.length));
    if (status === this.#status && assignments.length === 0) return;
    this.#status = status;
    this.#socket.send(...assignments, `STATUS=${status}`);
  }

  /**
   * The watchdog is fed by the session machine, never by the timer alone: it starves when the event loop hangs and when
   * the session takes no more inputs. sd_watchdog_enabled(3) advises half of its time.
   */
  #feedWatchdog(everyMs: number): void {
    this.#watchdogTimer = this.#clock.after(everyMs, () => this.#feedWatchdog(everyMs));
    if (this.#pulsePending) return;
    this.#pulsePending = true;
    void this.#pulse().finally(() => {
      this.#pulsePending = false;
    });
  }

  async #pulse(): Promise<void> {
    try {
      await this.#session.pulse();
    } catch (error) {
      // STATE: the session has not started yet, or has ended.
      if (codeOf(error) !== 'STATE') {
        this.#logger.log('error', `the session does not respond: ${messageOf(error)}`);
      }
      return;
    }
    this.#socket.send('WATCHDOG=1');
    // Some changes have no event of their own, such as a group that an operator has stopped.
    this.#sendStatus();
  }
}

/** systemd drops a datagram of more than 4,096 bytes (NOTIFY_BUFFER_MAX), and shows the text in one line. */
const MAX_CHARACTERS = 1_000;

/** An SSID could contain a line break followed by an assignment such as READY=1. */
export function oneLine(text: string): string {
  const line = printable(text.trim().replace(/\s*\n\s*/g, '; '));
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}

const RETRY_MS = 200;
/** systemd reads as fast as it can. A queue that stays full has no reader. */
const MAX_QUEUED = 20;

/** Sends to NOTIFY_SOCKET. A failure is logged once and never disturbs the session. */
class NotifySocket {
  readonly #address: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sender: DatagramSender | null;
  /** In order: a READY=1 must not overtake the RELOADING=1 before it. */
  readonly #queue: string[] = [];
  #retry: Timer | null = null;
  #failureLogged = false;

  constructor(address: string, open: () => DatagramSender, clock: Clock, logger: Logger) {
    this.#address = address;
    this.#clock = clock;
    this.#logger = logger;
    this.#sender = this.#open(open);
  }

  get usable(): boolean {
    return this.#sender !== null;
  }

  /** @param assignments such as `READY=1`; those of one call go into one datagram */
  send(...assignments: readonly string[]): void {
    if (this.#sender === null) return;
    this.#queue.push(assignments.join('\n'));
    if (this.#queue.length > MAX_QUEUED) this.#queue.shift();
    if (this.#retry === null) this.#flush(this.#sender);
  }

  close(): void {
    if (this.#sender === null) return;
    this.#retry?.cancel();
    // One last attempt, without a retry.
    this.#flush(this.#sender);
    this.#retry?.cancel();
    this.#sender.close();
  }

  #open(open: () => DatagramSender): DatagramSender | null {
    const address = this.#address;
    if (!address.startsWith('/')) {
      // The addon ends a name at its first NUL, and Node's own dgram takes no descriptor of this family.
      const got = `got ${inQuotes(address)} (abstract names and vsock are not supported)`;
      this.#logFailure(`NOTIFY_SOCKET: expected an absolute path, ${got}`);
      return null;
    }
    try {
      return open();
    } catch (error) {
      this.#logFailure(messageOf(error));
      return null;
    }
  }

  #flush(sender: DatagramSender): void {
    for (let text = this.#queue[0]; text !== undefined; text = this.#queue[0]) {
      try {
        sender.send(text, this.#address);
      } catch (error) {
        if (error instanceof DatagramError && error.code === 'EAGAIN') {
          this.#retry = this.#clock.after(RETRY_MS, () => {
            this.#retry = null;
            this.#flush(sender);
          });
          return;
        }
        this.#logFailure(`${this.#address}: ${messageOf(error)}`);
      }
      this.#queue.shift();
    }
  }

  #logFailure(reason: string): void {
    if (this.#failureLogged) return;
    this.#failureLogged = true;
    this.#logger.log('warning', `cannot notify systemd: ${reason}`);
  }
}
