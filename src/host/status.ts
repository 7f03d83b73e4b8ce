import type { PhaseName } from '../session/phase.js';
import type { TechniqueName } from '../session/selectors.js';
import type { EnrolmentView, GroupView, PairingView, StationView } from '../session/session-event.js';
import type { ProblemSubject } from '../system/problems.js';
import type { StationCounters } from '../wpa/reply.js';
import { type AdmissionView, NO_ADMISSION } from './admission-view.js';
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
  /** Null if the internet is not shared. */
  readonly internet: InternetView | null;
}

/** How phones reach the internet through this machine. */
export interface InternetView {
  /** The interface whose connection they use; null: none. */
  readonly uplink: string | null;
  /** Why they do not reach the internet, and what to do; null if nothing is known to be in the way. */
  readonly problem: string | null;
}

/** Something that cannot be done now. The texts are for people. */
export interface ConditionView {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** What must happen; null where it is only a matter of time. */
  readonly waitsFor: string | null;
  /** Until the next try; null where nothing is tried at a fixed time. */
  readonly nextTrySeconds: number | null;
}

/** Why no group is up, since when, and when the session tries again. */
export interface NoGroupView extends ConditionView {
  readonly cause: NoGroupCause;
}

/** What else does not work. */
interface ProblemView extends ConditionView {
  readonly subject: ProblemSubject;
}

/** A station, and what the radio knows of it; null where the driver does not report it. */
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
  /** When it came up, or was adopted: ISO 8601, UTC; null without a group. */
  readonly groupSince: string | null;
  /** Null while a group is up. */
  readonly noGroup: NoGroupView | null;
  /** What the settings make of the group; null before they are read. */
  readonly technique: TechniqueName | null;
  readonly admission: AdmissionView;
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
  /** What does not work now, beside the group. */
  readonly problems: readonly ProblemView[];
  /** The program of `run_program`; null: none. */
  readonly hook: string | null;
  /** The file in which the session is recorded; null: none. */
  readonly recording: string | null;
}

/** Before the start, and after the end. */
export function statusWithoutSession(ended: boolean, since: Date): StatusView {
  const reason = ended ? 'the session has ended' : 'starting';
  const waitsFor = ended ? 'a restart' : 'the configuration';
  return {
    phase: 'detached',
    interface: null,
    attached: false,
    eventsHeldBack: null,
    group: null,
    groupSince: null,
    noGroup: { cause: 'starting', reason, since: since.toISOString(), waitsFor, nextTrySeconds: null },
    technique: null,
    admission: NO_ADMISSION,
    enrolling: [],
    pairing: null,
    paused: false,
    groupStopped: false,
    withoutAddress: [],
    addresses: null,
    problems: [],
    hook: null,
    recording: null,
  };
}
