import type { PhaseName } from '../session/phase.js';
import type { EnrolmentView, GroupView, PairingView, StationView } from '../session/session-event.js';
import type { StationCounters } from '../wpa/reply.js';
import type { NoGroupCause } from './no-group.js';

/** An IPv4 address that a station has for a time. */
export interface LeaseView {
  /** Interface address of the station. */
  readonly address: string;
  readonly ip: string;
  /** ISO 8601, UTC. */
  readonly expires: string;
}

/** The addresses in the group's network, where hostp2pd gives them. */
export interface AddressesView {
  readonly mode: 'networkd' | 'dnsmasq';
  /** The group's, or the bridge that it belongs to. */
  readonly interface: string;
  readonly serving: boolean;
  /** Why no addresses are given; null while they are, or are about to be. */
  readonly problem: string | null;
  /** Leases given by DHCP, including those of stations that have left. */
  readonly leases: readonly LeaseView[];
}

/** Why no group is up, and when the session tries again. */
export interface NoGroupView {
  readonly cause: NoGroupCause;
  /** In words, for a person. */
  readonly reason: string;
  /** Until the next try; null where nothing is tried at a fixed time. */
  readonly nextTrySeconds: number | null;
}

/** A station, and what the radio knows of it; null where the driver does not tell. */
export interface StationDetail extends StationView, StationCounters {}

/** The state of the session at this moment. */
export interface StatusView {
  readonly phase: PhaseName;
  /** P2P device interface; null until it has been found. */
  readonly interface: string | null;
  /** Whether the session is attached to wpa_supplicant, and so receives its events. */
  readonly attached: boolean;
  /** Which program keeps wpa_supplicant from sending events, although we are attached, by not reading its own. Else null. */
  readonly eventsHeldBack: string | null;
  readonly group: GroupView | null;
  /** Null while a group is up. */
  readonly noGroup: NoGroupView | null;
  /** Phones that have asked to join and have not joined yet, in the order in which they asked. */
  readonly enrolling: readonly EnrolmentView[];
  /** The pairing window that an operator has opened. */
  readonly pairing: PairingView | null;
  /** An operator has paused the session: it admits no one and forms no group. */
  readonly paused: boolean;
  /** An operator has stopped the group: none is formed. */
  readonly groupStopped: boolean;
  /** Interface addresses of the stations that got no IPv4 address in time. */
  readonly withoutAddress: readonly string[];
  /** Null where hostp2pd gives none now: `addressing` is none, or there is no group. */
  readonly addresses: AddressesView | null;
}

/** Before the start, and after the end. */
export function statusWithoutSession(ended: boolean): StatusView {
  const reason = ended ? 'the session has ended' : 'starting';
  return {
    phase: 'detached',
    interface: null,
    attached: false,
    eventsHeldBack: null,
    group: null,
    noGroup: { cause: 'starting', reason, nextTrySeconds: null },
    enrolling: [],
    pairing: null,
    paused: false,
    groupStopped: false,
    withoutAddress: [],
    addresses: null,
  };
}
