import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../logging/logger.js';
import type { Clock, Timer } from '../system/clock.js';
import { causeOf, messageOf } from '../system/errors.js';
import type { AddressRequest, AddressServer, ServerParts } from './address-server.js';
import type { Leases } from './lease.js';
import { lookUp } from './network-interface.js';

export interface AddressingParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly stateFolder: string;
  readonly onLeases: (leases: Leases) => void;
  /** Default: the real ones. */
  readonly open?: (request: AddressRequest, parts: ServerParts) => Promise<AddressServer>;
  readonly lookUp?: typeof lookUp;
}

/** A server that fails is started again, after pauses that grow. */
const REST_FIRST_MS = 1_000;
const REST_LAST_MS = 60_000;
/** A server that lasted this long counts as a success: the next failure starts from the shortest pause. */
const LASTING_MS = 60_000;

/** How it stands with the addresses of the group's network. */
export interface AddressingState {
  readonly request: AddressRequest;
  readonly serving: boolean;
  /** Why it is not served; null while it is, or is about to be. */
  readonly problem: string | null;
}

interface Running {
  readonly request: AddressRequest;
  readonly server: AddressServer;
  readonly since: number;
}

/** Keeps the one server that is wanted running: one at a time, started and stopped in order, started again. */
export class Addressing {
  readonly #parts: AddressingParts;
  #wanted: AddressRequest | null = null;
  #running: Running | null = null;
  /** It has ended by itself, and is to be cleared away. */
  #broken = false;
  #work: Promise<void> = Promise.resolve();
  #busy = false;
  #problem: string | null = null;
  #rest = REST_FIRST_MS;
  #resting: Timer | null = null;

  constructor(parts: AddressingParts) {
    this.#parts = parts;
  }

  /** Null where nothing is wanted. */
  get state(): AddressingState | null {
    const request = this.#wanted;
    if (!request) return null;
    const serving = this.#running?.request === request && !this.#broken;
    return { request, serving, problem: this.#problem };
  }

  /** Another request takes the place of the former; the same again changes nothing. */
  serve(asked: Omit<AddressRequest, 'interface' | 'index'>): void {
    const request = { ...asked, ...(this.#parts.lookUp ?? lookUp)(asked.group) };
    if (!isDeepStrictEqual(request, this.#wanted)) this.#want(request);
  }

  withdraw(): void {
    if (this.#wanted) this.#want(null);
  }

  expectLease(): void {
    this.#running?.server.expectLease();
  }

  /** Settles when nothing of it is left. */
  async close(): Promise<void> {
    this.withdraw();
    await this.#work;
  }

  #want(request: AddressRequest | null): void {
    this.#wanted = request;
    this.#problem = null;
    this.#rest = REST_FIRST_MS;
    this.#resting?.cancel();
    this.#resting = null;
    this.#go();
  }

  #go(): void {
    if (!this.#busy) this.#work = this.#settle();
  }

  /** Until what runs is what is wanted; that may change meanwhile. */
  async #settle(): Promise<void> {
    this.#busy = true;
    for (;;) {
      const running = this.#running;
      if (running && (this.#broken || running.request !== this.#wanted)) {
        this.#running = null;
        this.#broken = false;
        await running.server.stop();
      } else if (!running && this.#wanted && !this.#resting) await this.#start(this.#wanted);
      else break;
    }
    this.#busy = false;
  }

  async #start(request: AddressRequest): Promise<void> {
    const { logger, clock, stateFolder, onLeases } = this.#parts;
    let server: AddressServer | null = null;
    const onEnd = (reason: string): void => {
      if (this.#running?.server !== server || this.#broken) return;
      this.#broken = true;
      this.#failed(request, reason);
      this.#go();
    };
    try {
      server = await (this.#parts.open ?? openServer)(request, { logger, stateFolder, onLeases, onEnd });
      await server.start();
      this.#running = { request, server, since: clock.now() };
      this.#problem = null;
      logger.log('info', `${request.interface}: addresses are given by ${request.mode}`);
    } catch (error) {
      await server?.stop();
      this.#failed(request, messageOf(error));
    }
  }

  #failed(request: AddressRequest, reason: string): void {
    const { clock, logger } = this.#parts;
    // No group, no addresses: that it has ended is told elsewhere.
    if (this.#wanted !== request) return;
    if (this.#running && clock.now() - this.#running.since >= LASTING_MS) this.#rest = REST_FIRST_MS;
    const again = this.#problem !== null && causeOf(reason) === causeOf(this.#problem);
    const level = again ? 'debug' : 'error';
    logger.log(level, `${request.interface}: no addresses for phones: ${reason}`);
    this.#problem = reason;
    this.#resting = clock.after(this.#rest, () => {
      this.#resting = null;
      this.#go();
    });
    this.#rest = Math.min(this.#rest * 2, REST_LAST_MS);
  }
}

/** Its code is loaded only where it is wanted. */
async function openServer(request: AddressRequest, parts: ServerParts): Promise<AddressServer> {
  if (request.mode === 'dnsmasq') {
    const { Dnsmasq } = await import('./dnsmasq.js');
    return new Dnsmasq(request, parts);
  }
  const { Networkd } = await import('./networkd.js');
  return new Networkd(request, parts);
}
