import type { Subnet } from '../config/ipv4.js';
import { isGroup } from '../system/interface-names.js';
import { runProgram } from '../system/programs.js';
import type { AddressRequest } from './address-server.js';
import { hasAddress, isThere, subnetText } from './network-interface.js';

/** The address of this machine on the interface of the group. */
export class OwnAddress {
  readonly #name: string;
  readonly #subnet: Subnet;
  /** A bridge, or a radio that carries the group, may have had it before us. The interface of a group has not. */
  readonly #isOurs: boolean;
  #assigned = false;

  constructor({ interface: name, plan }: AddressRequest) {
    this.#name = name;
    this.#subnet = plan.subnet;
    this.#isOurs = isGroup(name) || !hasAddress(name, plan.subnet);
  }

  /** Assigns it, even if the interface has it already. @throws {Error} in the words of `ip` */
  async assign(): Promise<void> {
    this.willBeAssigned();
    await this.#change('replace');
  }

  /** Another program assigns it for us. */
  willBeAssigned(): void {
    this.#assigned = true;
  }

  /** Removes it, unless it was there before us; never rejects. */
  async remove(): Promise<void> {
    if (!this.#assigned || !this.#isOurs || !isThere(this.#name)) return;
    await this.#change('del').catch(() => {});
  }

  async #change(what: 'replace' | 'del'): Promise<void> {
    const args = ['address', what, subnetText(this.#subnet), 'dev', this.#name];
    await runProgram('ip', args, { debianPackage: 'iproute2' });
  }
}
