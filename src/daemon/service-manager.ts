import type { HostP2pD } from '../host/host.js';
import { systemClock, type Timer } from '../system/clock.js';
import { codeOf, messageOf } from '../system/errors.js';
import { openUnixSender } from '../wpa/unix-datagram.js';
import { type NotifyParts, NotifySocket } from './notify-socket.js';
import type { ServiceEnvironment } from './service-environment.js';
import { oneLine, statusText } from './status-text.js';

/** The session as it is looked at here. */
export type Watched = Pick<HostP2pD, 'on' | 'onPhase' | 'status' | 'stations' | 'pulse'>;

export type ServiceManagerParts = Pick<NotifyParts, 'logger'> &
  Partial<NotifyParts> & {
    /** Microseconds of CLOCK_MONOTONIC. */
    readonly monotonicUsec?: () => bigint;
  };

/** What changes the line of text; the others leave it as it is. */
const TELLING = ['waiting', 'stationConnected', 'stationDisconnected', 'paused', 'resumed'] as const;

/**
 * Tells the service manager how it stands with the session (sd_notify(3)), and feeds its watchdog as long as the
 * session takes inputs.
 */
export class ServiceManager {
  readonly #host: Watched;
  readonly #parts: NotifyParts & { readonly monotonicUsec: () => bigint };
  readonly #socket: NotifySocket;
  readonly #watchdogMs: number | null;
  #reloadProblem: string | null = null;
  #text = '';
  #ready = false;
  #ending = false;
  #reloads = 0;
  #asked = false;
  #beat: Timer | null = null;

  constructor(environment: ServiceEnvironment, host: Watched, parts: ServiceManagerParts) {
    this.#host = host;
    // libuv's high-resolution time is CLOCK_MONOTONIC.
    const monotonicUsec = () => process.hrtime.bigint() / 1000n;
    this.#parts = { open: openUnixSender, clock: systemClock, monotonicUsec, ...parts };
    this.#socket = new NotifySocket(environment.socket, this.#parts);
    this.#watchdogMs = this.#socket.usable ? environment.watchdogMs : null;
  }

  /** @param serving settles when operators are served: who is told that we are ready may ask at once */
  follow(serving: Promise<void>): void {
    const host = this.#host;
    host.on('attached', () => {
      // Rejects where the session ends before.
      serving.then(
        () => this.#becomeReady(),
        () => {},
      );
    });
    for (const event of TELLING) host.on(event, () => this.#tell());
    host.onPhase(() => this.#tell());
    host.on('reloaded', () => {
      this.#reloadProblem = null;
      this.#tell();
    });
    this.#tell();
    if (this.#watchdogMs !== null) this.#feed(this.#watchdogMs / 2);
  }

  /** The configuration is about to be read again. */
  reloading(): void {
    this.#reloads++;
    // Before READY=1 the one that ends the reload would be taken for it.
    if (!this.#ready || this.#ending) return;
    this.#socket.send('RELOADING=1', `MONOTONIC_USEC=${this.#parts.monotonicUsec()}`);
  }

  /** @param problem why the former configuration stays in force; null where the new one is */
  reloaded(problem: string | null): void {
    this.#reloads--;
    this.#reloadProblem = problem;
    if (this.#ready && this.#reloads === 0) this.#tell('READY=1');
    else this.#tell();
  }

  /** @param reason what ends the session, where it is not asked to end */
  stopping(reason?: string): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#socket.send(
      'STOPPING=1',
      `STATUS=${reason === undefined ? 'ending' : oneLine(`failed: ${reason}`)}`,
    );
  }

  close(): void {
    this.#ending = true;
    this.#beat?.cancel();
    this.#socket.close();
  }

  /** Once, and not where the link has been lost again meanwhile. */
  #becomeReady(): void {
    if (this.#ready || this.#ending || !this.#host.status.attached) return;
    this.#ready = true;
    this.#tell('READY=1');
  }

  /** Sends the line of text where it has changed, and what goes with it in any case. */
  #tell(...assignments: readonly string[]): void {
    if (this.#ending) return;
    const { group, noGroup, paused } = this.#host.status;
    const text = statusText({
      group,
      noGroup,
      stations: this.#host.stations.length,
      paused,
      reloadProblem: this.#reloadProblem,
    });
    const status = text === this.#text && assignments.length === 0 ? [] : [`STATUS=${text}`];
    this.#text = text;
    if (status.length > 0) this.#socket.send(...assignments, ...status);
  }

  /**
   * The dog is fed by what comes out of the session machine, never by the timer alone: a wedged loop or a session
   * that takes no more inputs leaves it hungry. Half of its patience is what sd_watchdog_enabled(3) advises.
   */
  #feed(everyMs: number): void {
    this.#beat = this.#parts.clock.after(everyMs, () => this.#feed(everyMs));
    if (this.#asked) return;
    this.#asked = true;
    const answered = () => {
      this.#asked = false;
    };
    this.#host.pulse().then(
      () => {
        answered();
        this.#socket.send('WATCHDOG=1');
        // What changes without an event of its own, such as a group that an operator keeps stopped.
        this.#tell();
      },
      (error: unknown) => {
        answered();
        // Not begun yet, or ended.
        if (codeOf(error) === 'STATE') return;
        this.#parts.logger.log('error', `the session is stuck: ${messageOf(error)}`);
      },
    );
  }
}
