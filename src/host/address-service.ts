import { existsSync } from 'node:fs';
import type { Leases } from '../addressing/address-server.js';
import type { Addressing } from '../addressing/addressing.js';
import type { InternetSharing, SharingRequest } from '../addressing/internet-sharing.js';
import {
  endOldDnsmasq,
  leaseFile,
  networkFile,
  ownAddressNote,
  removeOldNetworkFile,
  sharingNote,
} from '../addressing/left-over.js';
import { addressPlan, announcesRouter, sharesInternet } from '../config/address-plan.js';
import type { Settings } from '../config/schema.js';
import type { Logger } from '../logging/logger.js';
import type { Clock } from '../system/clock.js';
import { messageOf } from '../system/errors.js';
import type { Problems } from '../system/problems.js';
import type { AddressesView, InternetView } from './status.js';

interface AddressServiceParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly stateFolder: string;
  readonly onLeases: (leases: Leases) => void;
  readonly problems: Problems;
}

/** Gives addresses in the group's network, for the session. Loads the code for that when it is first needed. */
export class AddressService {
  readonly #parts: AddressServiceParts;
  #addressing: Addressing | null = null;
  /** Calls that come while the code is being loaded wait for it. */
  #loading: Promise<Addressing> | null = null;
  #leases: Leases = new Map();
  /** What is to be shared as soon as addresses are given; null: nothing. */
  #toShare: SharingRequest | null = null;
  #sharing: InternetSharing | null = null;
  #loadingSharing: Promise<InternetSharing> | null = null;

  constructor(parts: AddressServiceParts) {
    this.#parts = parts;
  }

  /** @param owner the P2P device interface */
  serve(interfaceName: string, owner: string, settings: Settings): void {
    const { addressing: mode, lease_time, share_internet: uplink } = settings;
    if (mode === 'none') return;
    const plan = addressPlan(settings);
    const request = { mode, group: interfaceName, owner, plan };
    const announceRouter = announcesRouter(settings);
    this.#with((addressing) => addressing.serve({ ...request, leaseSeconds: lease_time, announceRouter }));
    const { subnet } = plan;
    if (sharesInternet(settings)) {
      this.#toShare = { owner, group: interfaceName, subnet, uplink };
      if (this.#addressing?.state?.serving) this.#share();
    } else this.#stopSharing();
  }

  /** Where no addresses are given, another program may serve the phones, and our rules would cut them off. */
  #share(): void {
    const request = this.#toShare;
    if (request !== null) this.#withSharing(request.owner, (sharing) => sharing.share(request));
  }

  /**
   * Removes what an earlier instance, which gave addresses and was killed, has left behind; without its files nothing is done.
   * A new address server removes the old one by itself.
   */
  async clearLeftOver(owner: string, { addressing }: Pick<Settings, 'addressing'>): Promise<void> {
    const { stateFolder, logger } = this.#parts;
    if (existsSync(sharingNote(stateFolder, owner)))
      this.#withSharing(owner, (sharing) => sharing.clearLeftOver());
    if (existsSync(ownAddressNote(stateFolder, owner)))
      this.#with((addressing) => addressing.takeOver(owner));
    if (
      addressing !== 'none' ||
      ![networkFile(owner), leaseFile(stateFolder, owner)].some((path) => existsSync(path))
    )
      return;
    try {
      await Promise.all([endOldDnsmasq(stateFolder, owner), removeOldNetworkFile(owner)]);
    } catch (error) {
      logger.log('warning', `the address server of an earlier run could not be removed: ${messageOf(error)}`);
    }
  }

  withdraw(): void {
    this.#with((addressing) => addressing.withdraw());
    this.#stopSharing();
  }

  expectLease(): void {
    this.#with((addressing) => addressing.expectLease());
  }

  /** Null where no addresses are given. */
  get view(): AddressesView | null {
    const state = this.#addressing?.state ?? null;
    if (!state) return null;
    const { request, serving, problem } = state;
    const leases = [...this.#leases].map(([address, { ip, expires }]) => {
      return { address, ip, expires: new Date(expires).toISOString() };
    });
    const { interface: name, mode } = request;
    return { mode, interface: name, serving, problem, leases, internet: this.#internet };
  }

  get #internet(): InternetView | null {
    if (this.#toShare === null) return null;
    return this.#sharing?.state ?? { uplink: null, problem: 'hostp2pd gives no addresses yet' };
  }

  /** Settles when the address server is gone, and the internet is not shared any more. */
  async close(): Promise<void> {
    // If the code could not be loaded there is nothing to stop.
    const parts = [this.#loading, this.#loadingSharing];
    await Promise.all(
      parts.map((loading) =>
        loading?.then(
          (part) => part.close(),
          () => {},
        ),
      ),
    );
  }

  #withSharing(owner: string, act: (sharing: InternetSharing) => void): void {
    this.#loadingSharing ??= this.#loadSharing(owner);
    this.#loadingSharing.then(act).catch((error: unknown) => {
      const reason = `the internet is not shared: ${messageOf(error)}`;
      this.#parts.logger.log('error', reason);
      this.#parts.problems.report('internet', { reason, waitsFor: 'a restart', nextTryAt: null });
    });
  }

  #stopSharing(): void {
    this.#toShare = null;
    this.#loadingSharing?.then(
      (sharing) => sharing.withdraw(),
      () => {},
    );
  }

  async #loadSharing(owner: string): Promise<InternetSharing> {
    const { InternetSharing } = await import('../addressing/internet-sharing.js');
    this.#sharing = new InternetSharing(owner, {
      ...this.#parts,
      onProblem: this.#parts.problems.of('internet'),
    });
    return this.#sharing;
  }

  #with(act: (addressing: Addressing) => void): void {
    if (this.#addressing) act(this.#addressing);
    else {
      this.#loading ??= this.#load();
      this.#loading.then(act, (error: unknown) => {
        this.#parts.logger.log('error', `addresses: ${String(error)}`);
        const reason = String(error);
        this.#parts.problems.report('addresses', { reason, waitsFor: 'a restart', nextTryAt: null });
      });
    }
  }

  async #load(): Promise<Addressing> {
    const { Addressing } = await import('../addressing/addressing.js');
    this.#addressing = new Addressing({
      ...this.#parts,
      onProblem: this.#parts.problems.of('addresses'),
      onServing: () => this.#share(),
      onLeases: (leases) => {
        this.#leases = leases;
        this.#parts.onLeases(leases);
      },
    });
    return this.#addressing;
  }
}
