import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../logging/logger.js';
import { backoff, type Clock, type Timer } from '../system/clock.js';
import { causeOf, messageOf } from '../system/errors.js';
import type { ReportProblem } from '../system/problems.js';
import { runProgram } from '../system/programs.js';
import type { AddressRequest, AddressServer, Leases, ServerParts } from './address-server.js';
import { ownAddressNote, TAKE_OVER_MS } from './left-over.js';
import { lookUp, nameOf } from './network-interface.js';
import { Note } from './note.js';
import { otherNetwork } from './other-servers.js';
import { OwnAddress, type OwnAddressParts } from './own-address.js';

interface AddressingParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly stateFolder: string;
  readonly onLeases: (leases: Leases) => void;
  readonly onProblem?: ReportProblem;
  /** Called each time when a server has started. */
  readonly onServing?: () => void;
  /** Default: the real ones. */
  readonly open?: (request: AddressRequest, parts: ServerParts) => Promise<AddressServer>;
  readonly lookUp?: typeof lookUp;
  readonly nameOf?: typeof nameOf;
  readonly run?: typeof runProgram;
}

/** A server that fails is started again after these pauses. */
const RETRY = { firstMs: 1_000, longestMs: 60_000 } as const;
/** A server that lasted this long counts as a success: the next failure starts from the shortest pause. */
const LASTING_MS = 60_000;

/** How often what can change without notice is looked at: our address, and the ports of a bridge. */
const LOOK_MS = 10_000;

/** The state of the addresses of the group's network, for the status. */
interface AddressingState {
  readonly request: AddressRequest;
  readonly serving: boolean;
  /** Why it is not served; null while it is, or is being started. */
  readonly problem: string | null;
}

interface Running {
  readonly request: AddressRequest;
  readonly server: AddressServer;
  readonly since: number;
  /** It cannot go on. */
  readonly end: (reason: string) => void;
}

/** Keeps the requested server running: one at a time, started and stopped in order, and started again if it fails. */
export class Addressing {
  readonly #parts: AddressingParts;
  #wanted: AddressRequest | null = null;
  #running: Running | null = null;
  #address: OwnAddress | null = null;
  /** The server has ended by itself and still has to be stopped. */
  #ended = false;
  #work: Promise<void> = Promise.resolve();
  #busy = false;
  #problem: string | null = null;
  #failures = 0;
  #retry: Timer | null = null;
  #look: Timer | null = null;
  /** Another program has removed the address. */
  #isAddressLost = false;

  constructor(parts: AddressingParts) {
    this.#parts = parts;
  }

  /** Null if no addresses are given. */
  get state(): AddressingState | null {
    const request = this.#wanted;
    if (!request) return null;
    const serving = this.#running?.request === request && !this.#ended;
    return { request, serving, problem: this.#problem };
  }

  /**
   * Removes the address that an earlier instance, which was killed, has left on an interface; unless it is wanted again soon, as for a
   * group that has stayed up. Without a note nothing is done.
   */
  takeOver(owner: string): void {
    if (this.#wanted || this.#address) return;
    this.#address = OwnAddress.leftOver(this.#addressParts(owner));
    if (this.#address) this.#goAfter(TAKE_OVER_MS);
  }

  /** A new request replaces the former one; the same request again changes nothing. */
  serve(asked: Omit<AddressRequest, 'interface' | 'index'>): void {
    const request = { ...asked, ...this.#lookUp(asked.group) };
    if (!isDeepStrictEqual(request, this.#wanted)) this.#request(request);
  }

  withdraw(): void {
    if (this.#wanted) this.#request(null);
  }

  expectLease(): void {
    this.#running?.server.expectLease();
  }

  /** Settles when the server has stopped, and the address is removed or one more attempt to do that has failed. */
  async close(): Promise<void> {
    this.#request(null);
    await this.#work;
    this.#retry?.cancel();
  }

  #request(request: AddressRequest | null): void {
    this.#wanted = request;
    this.#noProblem();
    this.#failures = 0;
    this.#retry?.cancel();
    this.#retry = null;
    this.#go();
  }

  #go(): void {
    if (!this.#busy) this.#work = this.#reconcile();
  }

  /** Starts and stops servers until the requested one runs. The request may change while this waits. */
  async #reconcile(): Promise<void> {
    this.#busy = true;
    for (;;) {
      const running = this.#running;
      if (running && (this.#ended || running.request !== this.#wanted)) {
        this.#running = null;
        this.#ended = false;
        this.#look?.cancel();
        await running.server.stop();
      } else if (this.#isAddressLost) {
        this.#isAddressLost = false;
        await this.#address?.giveUp();
      } else if (running || this.#retry) break;
      else if (this.#address && !this.#address.fits(this.#wanted)) await this.#removeAddress(this.#address);
      else if (this.#wanted) await this.#start(this.#wanted);
      else break;
    }
    this.#busy = false;
  }

  async #removeAddress(address: OwnAddress): Promise<void> {
    const request = this.#wanted;
    try {
      await address.remove();
      this.#address = null;
      if (!this.#wanted) this.#noProblem();
    } catch (error) {
      this.#failed(request, messageOf(error));
    }
  }

  async #start(request: AddressRequest): Promise<void> {
    const { logger, clock, stateFolder, onLeases } = this.#parts;
    let server: AddressServer | null = null;
    const onEnd = (reason: string): void => {
      if (this.#running?.server !== server || this.#ended) return;
      this.#ended = true;
      this.#failed(request, reason);
      this.#go();
    };
    try {
      const { interface: name, index, owner, plan } = request;
      const place = { interface: name, index, subnet: plan.subnet };
      this.#address ??= new OwnAddress(place, this.#addressParts(owner));
      const parts = { logger, stateFolder, address: this.#address, onLeases, onEnd };
      server = await (this.#parts.open ?? openServer)(request, parts);
      await server.start();
      this.#address.isServed();
      this.#running = { request, server, since: clock.now(), end: onEnd };
      this.#lookAfter(this.#running, this.#address);
      this.#noProblem();
      logger.log('info', `${name}: addresses are given by ${request.mode}`);
      this.#parts.onServing?.();
    } catch (error) {
      await server?.stop();
      await this.#address?.startFailed();
      this.#failed(request, messageOf(error));
    }
  }

  /** Looks again and again whether the server can go on. */
  #lookAfter(running: Running, address: OwnAddress): void {
    this.#look = this.#parts.clock.after(LOOK_MS, () => void this.#lookAt(running, address));
  }

  async #lookAt(running: Running, address: OwnAddress): Promise<void> {
    const { request, end } = running;
    const isLost = await address.isLost();
    if (this.#running !== running || this.#follow()) return;
    if (isLost) {
      // `networkctl reconfigure` does that on a bridge.
      this.#isAddressLost = true;
      end(`another program has removed ${address.text} from ${request.interface}`);
      return;
    }
    const reason = address.isOurs ? otherNetwork(request) : null;
    if (reason === null) this.#lookAfter(running, address);
    else end(reason);
  }

  /** A bridge can be made again while the group is up, and the group can become its port. @returns whether there is a new request */
  #follow(): boolean {
    const wanted = this.#wanted;
    if (!wanted) return false;
    const found = this.#lookUp(wanted.group);
    // Without its interface the group has ended, which is reported elsewhere.
    if (found.index === null || (found.interface === wanted.interface && found.index === wanted.index))
      return false;
    this.#request({ ...wanted, ...found });
    return true;
  }

  #lookUp(group: string): ReturnType<typeof lookUp> {
    return (this.#parts.lookUp ?? lookUp)(group);
  }

  /** @param request null: the address could not be removed after the last one */
  #failed(request: AddressRequest | null, reason: string): void {
    const { clock, logger } = this.#parts;
    // The group has ended, which is reported elsewhere.
    if (this.#wanted !== request) return;
    if (this.#running && clock.now() - this.#running.since >= LASTING_MS) this.#failures = 0;
    const known = this.#problem !== null && causeOf(reason) === causeOf(this.#problem);
    const text = request ? `${request.interface}: no addresses for phones: ${reason}` : reason;
    logger.log(known ? 'debug' : 'error', text);
    this.#problem = reason;
    const pause = backoff(this.#failures, RETRY);
    this.#parts.onProblem?.({ reason, waitsFor: null, nextTryAt: clock.now() + pause });
    this.#goAfter(pause, () => {
      // Until the attempt has ended, which takes some seconds, it is still a problem.
      this.#parts.onProblem?.({ reason, waitsFor: 'the attempt under way', nextTryAt: null });
    });
    this.#failures += 1;
  }

  /** Nothing is started or removed before, unless there is a new request. */
  #goAfter(ms: number, first = (): void => {}): void {
    this.#retry = this.#parts.clock.after(ms, () => {
      this.#retry = null;
      if (this.#follow()) return;
      first();
      this.#go();
    });
  }

  #noProblem(): void {
    this.#problem = null;
    this.#parts.onProblem?.(null);
  }

  #addressParts(owner: string): OwnAddressParts {
    const { logger, stateFolder, run = runProgram, nameOf: find = nameOf } = this.#parts;
    return { logger, note: new Note(ownAddressNote(stateFolder, owner)), run, nameOf: find };
  }
}

/** Loads only the code of the server that is used. */
async function openServer(request: AddressRequest, parts: ServerParts): Promise<AddressServer> {
  if (request.mode === 'dnsmasq') {
    const { Dnsmasq } = await import('./dnsmasq.js');
    return new Dnsmasq(request, parts);
  }
  const { Networkd } = await import('./networkd.js');
  return new Networkd(request, parts);
}
