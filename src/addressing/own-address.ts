import type { AddressPlan } from '../config/address-plan.js';
import { isGroup } from '../system/interface-names.js';
import { runProgram } from '../system/programs.js';
import { hasAddress, isThere, subnetText } from './network-interface.js';

interface Place {
  readonly interface: string;
  /** The index of that interface in the kernel. */
  readonly index: number | null;
  readonly plan: AddressPlan;
}

/** The address of this machine on the interface of the group. */
export class OwnAddress {
  readonly #place: Place;
  #isOurs = false;
  #isServed = false;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Whether the request needs this address, on this interface. */
  fits(request: Place | null): boolean {
    const { interface: name, index, plan } = this.#place;
    return (
      request?.interface === name &&
      request.index === index &&
      subnetText(request.plan.subnet) === subnetText(plan.subnet)
    );
  }

  /** Assigns it, even if the interface has it already. @throws {Error} in the words of `ip` */
  async assign(): Promise<void> {
    this.willBeAssigned();
    await this.#change('replace');
  }

  /** Another program assigns it for us. */
  willBeAssigned(): void {
    const { interface: name, plan } = this.#place;
    this.#isOurs ||= !hasAddress(name, plan.subnet);
  }

  /**
   * Our server uses it. If the interface of a group had it already, an instance of ours that was killed has left it there. A bridge,
   * or a radio that carries the group, may have had it before us.
   */
  isServed(): void {
    this.#isServed = true;
    if (isGroup(this.#place.interface)) this.#isOurs = true;
  }

  /** A server could not be started: without one before, there are no connections that need the address. Never rejects. */
  async startFailed(): Promise<void> {
    if (!this.#isServed) await this.remove();
  }

  /** Removes it, unless it was there before us; never rejects. */
  async remove(): Promise<void> {
    if (!this.#isOurs || !isThere(this.#place.interface)) return;
    await this.#change('del').catch(() => {});
  }

  async #change(what: 'replace' | 'del'): Promise<void> {
    const { interface: name, plan } = this.#place;
    const args = ['address', what, subnetText(plan.subnet), 'dev', name];
    await runProgram('ip', args, { debianPackage: 'iproute2' });
  }
}
