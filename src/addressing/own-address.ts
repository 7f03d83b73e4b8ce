import type { Subnet } from '../config/ipv4.js';
import { runProgram } from '../system/programs.js';
import type { AddressRequest } from './address-server.js';
import { hasAddress, isThere, subnetText } from './network-interface.js';

/** Our address on the group's interface, where nobody else sees to it. */
export class OwnAddress {
  readonly #name: string;
  readonly #subnet: Subnet;
  /** A bridge, or a radio that carries the group, may have had it before; what a group has is of our making. */
  readonly #isOurs: boolean;
  #given = false;

  constructor({ interface: name, plan }: AddressRequest) {
    this.#name = name;
    this.#subnet = plan.subnet;
    this.#isOurs = name.startsWith('p2p-') || !hasAddress(name, plan.subnet);
  }

  /** Gives it; the interface may have it already. @throws {Error} in the words of `ip` */
  async assign(): Promise<void> {
    this.given();
    await runProgram('ip', ['address', 'replace', subnetText(this.#subnet), 'dev', this.#name], {
      debianPackage: 'iproute2',
    });
  }

  /** Somebody else gives it for us. */
  given(): void {
    this.#given = true;
  }

  /** Takes it away where it was not there before us; nothing happens where the interface has gone. */
  async remove(): Promise<void> {
    if (!this.#given || !this.#isOurs || !isThere(this.#name)) return;
    const args = ['address', 'del', subnetText(this.#subnet), 'dev', this.#name];
    await runProgram('ip', args, { debianPackage: 'iproute2' }).catch(() => {});
  }
}
