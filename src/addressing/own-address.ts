import { type AddressPlan, parseGroupAddress } from '../config/address-plan.js';
import { parseSubnet, type Subnet } from '../config/ipv4.js';
import type { Logger } from '../logging/logger.js';
import { messageOf } from '../system/errors.js';
import { isInterfaceName } from '../system/interface-names.js';
import type { runProgram } from '../system/programs.js';
import { describe } from '../system/values.js';
import { hasAddress, isThere, subnetText } from './network-interface.js';
import type { Note } from './note.js';

interface Place {
  readonly interface: string;
  /** The index of that interface in the kernel, which stays if it is renamed; null: it does not exist. */
  readonly index: number | null;
  readonly subnet: Subnet;
}

/** What a request says of it. */
interface Wanted extends Omit<Place, 'subnet'> {
  readonly plan: AddressPlan;
}

export interface OwnAddressParts {
  readonly logger: Logger;
  /** Has the address that is ours, so that the next instance knows it if this one is killed. */
  readonly note: Note;
  readonly run: typeof runProgram;
  readonly nameOf: (index: number) => string | null;
}

/** The address of this machine on the interface of the group. It is ours if the interface has it only because of us. */
export class OwnAddress {
  readonly #place: Place;
  readonly #parts: OwnAddressParts;
  #isOurs = false;
  #isServed = false;
  #warned = false;

  constructor(place: Place, parts: OwnAddressParts) {
    this.#place = place;
    this.#parts = parts;
  }

  /** The address that an instance which was killed has left behind; null if there is none, or the note cannot be used. */
  static leftOver(parts: OwnAddressParts): OwnAddress | null {
    const { logger, note, nameOf } = parts;
    try {
      const content = note.read();
      if (content === null) return null;
      const place = parsePlace(content);
      const name = nameOf(place.index);
      if (name === null && isThere(place.interface))
        logger.log('info', `${place.interface} is another interface now, nothing is removed from it`);
      const address = new OwnAddress({ ...place, interface: name ?? place.interface }, parts);
      address.#isOurs = true;
      // Phones may have connections that need it.
      address.#isServed = true;
      return address;
    } catch (error) {
      logger.log('warning', `${note.path} is ignored, no address is removed: ${messageOf(error)}`);
      return null;
    }
  }

  /** With the length of its prefix. */
  get text(): string {
    return subnetText(this.#place.subnet);
  }

  /** It is on the interface because of us, or will be. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  /** Whether the request needs this address, on this interface. */
  fits(request: Wanted | null): boolean {
    const { interface: name, index } = this.#place;
    return (
      request?.interface === name && request.index === index && subnetText(request.plan.subnet) === this.text
    );
  }

  /** The interface has it, and not because of us. @throws {Error} in the words of `ip` */
  async isOfAnother(): Promise<boolean> {
    return !this.#isOurs && (await this.#isThere());
  }

  /** Whether another program has removed it. What cannot be found out is no loss. Never rejects. */
  async isLost(): Promise<boolean> {
    const { interface: name, subnet } = this.#place;
    try {
      // Cheap, and enough nearly always.
      return !hasAddress(name, subnet) && !(await this.#isThere());
    } catch {
      // Without descriptors, for example; or the interface is gone, which the caller looks at.
      return false;
    }
  }

  /** The address is no longer ours; it belongs to whoever adds it next. Never rejects. */
  async giveUp(): Promise<void> {
    if (this.#isOurs) await this.#forget();
  }

  /** Adds it to the interface, unless another program or the user has done so. @throws {Error} in the words of `ip` */
  async assign(): Promise<void> {
    await this.willBeAssigned();
    if (this.#isOurs) await this.#ip('address', 'replace', this.text);
  }

  /** Another program assigns it for us. @throws {Error} in the words of `ip` */
  async willBeAssigned(): Promise<void> {
    if (this.#isOurs || (await this.#isThere())) return;
    this.#isOurs = true;
    await this.#writeNote();
  }

  /** Our server uses it. */
  isServed(): void {
    this.#isServed = true;
  }

  /** A server could not be started: without one before, there are no connections that need the address. Never rejects. */
  async startFailed(): Promise<void> {
    // It stays ours, and is removed later.
    if (!this.#isServed) await this.remove().catch(() => {});
  }

  /** Removes it, if it is ours. @throws {Error} with the reason, for a person; then it is still ours */
  async remove(): Promise<void> {
    if (!this.#isOurs) return;
    try {
      await this.#ip('address', 'del', this.text);
    } catch (cause) {
      // Another program may have removed it, or the interface.
      if (this.#name !== null && (await this.#isThere()))
        throw new Error(`${this.text} cannot be removed from ${this.#place.interface}: ${messageOf(cause)}`, {
          cause,
        });
    }
    await this.#forget();
  }

  async #writeNote(): Promise<void> {
    const { logger, note } = this.#parts;
    const { interface: name, index } = this.#place;
    try {
      await note.write({ interface: name, index, address: this.text });
    } catch (error) {
      const meaning = `if hostp2pd is killed now, ${this.text} stays on ${name}`;
      logger.log(
        this.#warned ? 'debug' : 'warning',
        `${note.path} cannot be written: ${messageOf(error)}; ${meaning}`,
      );
      this.#warned = true;
    }
  }

  async #forget(): Promise<void> {
    const { logger, note } = this.#parts;
    this.#isOurs = false;
    try {
      await note.remove();
    } catch (error) {
      const meaning = `delete it, or the next start removes ${this.text} from ${this.#place.interface}, also if it is yours then`;
      logger.log('warning', `${note.path} cannot be removed: ${messageOf(error)}; ${meaning}`);
    }
  }

  /** Whether the kernel has it on the interface. Node does not list an interface without a carrier. */
  async #isThere(): Promise<boolean> {
    const words = (await this.#ip('-4', '-oneline', 'address', 'show')).split(/\s+/);
    return words.includes(this.text);
  }

  get #name(): string | null {
    const { index } = this.#place;
    return index === null ? null : this.#parts.nameOf(index);
  }

  #ip(...args: readonly string[]): Promise<string> {
    const name = this.#name;
    if (name === null) return Promise.reject(new Error('the interface has been removed'));
    return this.#parts.run('ip', [...args, 'dev', name], { debianPackage: 'iproute2' });
  }
}

/** @throws {Error} with what is wrong; another version may have written it */
function parsePlace(note: Readonly<Record<string, unknown>>): Place & { readonly index: number } {
  const { interface: name, index, address, ...others } = note;
  const expect = (what: string, value: unknown): Error =>
    new Error(`expected ${what}, got ${describe(value)}`);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw expect('no other keys', unknown);
  if (typeof name !== 'string' || !isInterfaceName(name)) throw expect('the name of an interface', name);
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 1)
    throw expect('the index of an interface', index);
  const isValid = typeof address === 'string' && 'text' in parseGroupAddress(address);
  const subnet = isValid ? parseSubnet(address) : null;
  if (!subnet) throw expect('an address that a group can have', address);
  return { interface: name, index, subnet };
}
