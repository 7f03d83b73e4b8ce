import type { PhaseName } from '../session/model.js';
import type { NoGroupCause } from '../session/no-group.js';
import type { EnrolmentView, GroupView, PairingView } from '../session/session-event.js';

/** An IPv4 address that a station has for a time. */
export interface LeaseView {
  /** Interface address of the station. */
  readonly address: string;
  readonly ip: string;
  /** ISO 8601, UTC. */
  readonly expires: string;
}

/** The addresses of the group's network, where hostp2pd sees to them. */
export interface AddressesView {
  readonly mode: 'networkd' | 'dnsmasq';
  /** The group's, or the bridge that it belongs to. */
  readonly interface: string;
  readonly serving: boolean;
  /** Why not; null while it is served, or about to be. */
  readonly problem: string | null;
  /** Those given by DHCP, also of stations that have left. */
  readonly leases: readonly LeaseView[];
}

/** Why no group is up, and when that is looked at again. */
export interface NoGroupView {
  readonly cause: NoGroupCause;
  /** In words, for a person. */
  readonly reason: string;
  /** Until the next try; null where nothing is tried at a fixed time. */
  readonly nextTrySeconds: number | null;
}

/** How things stand at this moment. */
export interface StatusView {
  readonly phase: PhaseName;
  /** P2P device interface; null as long as it is looked for. */
  readonly interface: string | null;
  /** Whether wpa_supplicant tells us its events. */
  readonly attached: boolean;
  /** Why wpa_supplicant holds back its events although we are attached: who does not read them. Null where it does not. */
  readonly eventsHeldBack: string | null;
  readonly group: GroupView | null;
  /** Null where a group is up. */
  readonly noGroup: NoGroupView | null;
  /** Phones that have asked to come in and are not in yet, in the order in which they asked. */
  readonly enrolling: readonly EnrolmentView[];
  /** The pairing window that an operator has opened. */
  readonly pairing: PairingView | null;
  /** An operator has paused the session: nobody is let in, no group is formed. */
  readonly paused: boolean;
  /** An operator has stopped the group: none is formed. */
  readonly groupStopped: boolean;
  /** Interface addresses of the stations that nobody has given an IPv4 address in time. */
  readonly withoutAddress: readonly string[];
  /** Null where hostp2pd gives none now: `addressing` is none, or there is no group. */
  readonly addresses: AddressesView | null;
}
