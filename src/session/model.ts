import type { Leases } from '../addressing/address-server.js';
import type { NetworkProfile, StationReply } from '../wpa/reply.js';
import type { Values } from '../wpa/temporary-values.js';
import type { Failure } from './failure.js';
import type { PairingRequest } from './operator-command.js';

/**
 * What the session machine knows: its state, plain data. What goes in and out of it is in messages.ts. Times are
 * milliseconds of a monotonic clock; addresses are lower-case text.
 */

/** Which of our two links: to the P2P device interface or to the group interface. */
export type LinkName = 'device' | 'group';

export interface Station {
  /** Interface address: by it the group knows the station. */
  readonly address: string;
  /** P2P device address; null for a legacy station. */
  readonly deviceAddress: string | null;
  readonly name: string | null;
  readonly since: number;
  /** Its IPv4 address, as far as it is known. */
  readonly ip: string | null;
  /** The end of a lease that it left behind when it was last here: until that changes it has not asked anew. */
  readonly formerLease: number | null;
  /**
   * Whether it has an IPv4 address that was given in another way than by us: `open` until it has had time to get one,
   * then `sought`; `none` where nobody has given it one.
   */
  readonly addressLook: 'open' | 'sought' | 'none';
  /** The `connect` hook has been called; until then the name is still being asked for. */
  readonly announced: boolean;
}

/** A walk over `STA-FIRST`/`STA-NEXT` under way. */
export interface Walk {
  readonly found: readonly StationReply[];
  /** Addresses that an event spoke of since the walk began: there the event is newer than the walk. */
  readonly touched: ReadonlySet<string>;
  readonly restarts: number;
  /** Another walk was asked for meanwhile: replies of two walks at once could not be told apart. */
  readonly again: boolean;
}

export interface Group {
  readonly interface: string;
  readonly ssid: string | null;
  /** The bytes of the SSID. */
  readonly ssidHex: string | null;
  /** MHz */
  readonly frequency: number | null;
  /** The stored profile behind a persistent group; null for others and where it is not known. */
  readonly networkId: number | null;
  readonly since: number;
  readonly linkUp: boolean;
  /** It was up before we came. */
  readonly adopted: boolean;
  /** Its profile is being made again. */
  readonly restoring: boolean;
  /** A station has been on it. */
  readonly used: boolean;
  /** Its removal has been asked for, this many times; its end has not been told yet. */
  readonly removing: boolean;
  readonly removals: number;
  /** It could not be removed, which has been told. */
  readonly removalFailed: boolean;
  /** When the link to wpa_supplicant was lost; null: the group has been confirmed since. */
  readonly lostAt: number | null;
  /** An operator has had it formed: it waits for its first station however long that takes. */
  readonly ordered: boolean;
  readonly stations: ReadonlyMap<string, Station>;
  readonly walk: Walk | null;
}

/**
 * How a phone is let in, as seen from here and in the words of `P2P_CONNECT`: `display`, its user types a PIN that we
 * know; `keypad`, the phone shows a PIN that is typed here; `pbc`, push button.
 */
export type WpsMethod = 'display' | 'keypad' | 'pbc';

/** A phone that asked to come in and has not yet done so. */
export interface Enrolment {
  readonly deviceAddress: string;
  readonly name: string | null;
  readonly method: WpsMethod;
  readonly requestedAt: number;
  /** Null for push button, and as long as the PIN module or the operator has not given it. */
  readonly pin: string | null;
  /** Which question to the PIN module is the last for it. */
  readonly pinCall: number;
  /** The PIN was made for this phone alone and shown; it is good for one attempt. */
  readonly fresh: boolean;
  /** Interface address under which it was seen on the group; null until then. */
  readonly stationAddress: string | null;
  /** It has got its credential, by button or with the group, and has only to connect. */
  readonly served: boolean;
  /** It wants to negotiate a group: one is formed with it, or it is invited into the one that runs. */
  readonly negotiates: boolean;
  /** When it was last invited; null: not yet. */
  readonly invitedAt: number | null;
}

/** How the group is to be formed. */
export type GroupPlan =
  | { readonly kind: 'profile'; readonly networkId: number; readonly ssid: string | null }
  | { readonly kind: 'new-persistent' }
  | { readonly kind: 'autonomous' };

/**
 * Why a group is formed. `standing`: it is to be there without a phone that asks for it, at all times or because an
 * operator wants it now; `reinvocation`: a phone has started it itself.
 */
export type Occasion =
  | { readonly kind: 'standing' }
  /** A phone negotiates one; `negotiated` when that is over and WPS has begun. */
  | { readonly kind: 'request'; readonly deviceAddress: string; readonly negotiated: boolean }
  | { readonly kind: 'reinvocation'; readonly deviceAddress: string }
  /** The operator calls a phone back to it; null once he has been answered. */
  | { readonly kind: 'recall'; readonly deviceAddress: string; readonly operator: number | null };

/** Where the lines of a new profile come from. */
export type ProfileSource = 'network_parms' | 'state file';

/**
 * `held` is a group that was running when the link was lost: its stations count as connected until it is found
 * again or known to be gone.
 */
export type Phase =
  | { readonly name: 'detached'; readonly held: Group | null }
  | { readonly name: 'inspecting'; readonly held: Group | null }
  | {
      readonly name: 'adopting';
      readonly held: Group | null;
      readonly candidates: readonly string[];
      /** Those that could not be asked: whether a group runs there is not known. */
      readonly silent: readonly string[];
    }
  /** Which profile? Without an occasion only to have it there when a phone re-invokes the group. */
  | {
      readonly name: 'choosing';
      readonly occasion: Occasion | null;
      readonly profiles: readonly NetworkProfile[];
      /** Those whose mode is still to be asked for; null while the list is read. */
      readonly candidates: readonly NetworkProfile[] | null;
    }
  | {
      readonly name: 'storing';
      readonly occasion: Occasion | null;
      readonly source: ProfileSource;
      readonly networkId: number | null;
      /** Lines of the profile that are not yet confirmed. */
      readonly lines: readonly string[];
    }
  /** `call` tells the answer of this call of the hook from an earlier one's. */
  | {
      readonly name: 'announcing';
      readonly occasion: Occasion;
      readonly plan: GroupPlan;
      readonly call: number;
    }
  | { readonly name: 'forming'; readonly occasion: Occasion; readonly plan: GroupPlan }
  | { readonly name: 'running'; readonly group: Group }
  /** Waits for the next attempt. `failure`: why there is no group; `until`: a time of the session's clock. */
  | { readonly name: 'resting'; readonly failure: Failure; readonly until: number }
  | { readonly name: 'idle' }
  /** What the end still waits for: the hook, and that wpa_supplicant has taken the last request. */
  | { readonly name: 'stopping'; readonly awaits: readonly ('hook' | 'farewell')[] }
  | { readonly name: 'ended' };

export type PhaseName = Phase['name'];

export interface Discovery {
  /** Refreshes in a row without any sign of a peer. */
  readonly quiet: number;
  readonly heard: boolean;
}

/** Wrong PINs in a row, and until when nobody is let in by PIN because of them. */
export interface WrongPins {
  readonly count: number;
  readonly pausedUntil: number;
}

/** The method that phones are told to use: a word of `config_methods`. */
export type Advertised = 'keypad' | 'virtual_push_button';

/** In the place of an address: whoever comes first, as `WPS_PIN` calls it. */
export const ANYBODY = 'any';

/**
 * What the WPS registrar of the running group holds, as far as we know: one PIN or one open button. Only registrar.ts
 * assigns it.
 */
export type Registrar =
  | { readonly holds: 'nothing' }
  | ArmedPin
  | {
      readonly holds: 'button';
      /** Device address of the phone for which the push button is open, or {@link ANYBODY}. */
      readonly deviceAddress: string;
      readonly since: number;
    }
  /** Another program has opened the button. */
  | { readonly holds: 'foreign button'; readonly since: number };

export interface ArmedPin {
  readonly holds: 'pin';
  /** Interface address of the enrollee, or {@link ANYBODY}. */
  readonly address: string;
  /** The phone whose request it belongs to; null for the pairing window, and for a device that made no request. */
  readonly deviceAddress: string | null;
  readonly pin: string;
  readonly since: number;
  /** When wpa_supplicant withdraws it. */
  readonly until: number;
  /** When a device first began WPS with it; null: none has. */
  readonly triedAt: number | null;
  /** Another program has opened the button since: `WPS_CANCEL` closes that and leaves the PIN. */
  readonly buried: boolean;
}

/** Negotiations with one phone that failed in a row, and when the last did. */
export interface FailedNegotiations {
  readonly count: number;
  readonly lastAt: number;
}

/** An invitation under way; wpa_supplicant sends one at a time. */
export interface Invitation {
  readonly deviceAddress: string;
  readonly tries: number;
  /** Sent, and without a result yet. */
  readonly pending: boolean;
  /** The operator's command that asked for it; null where we invite of our own accord. */
  readonly operator: number | null;
}

/** The pairing window, open until `until` on the session's clock. */
export interface Pairing extends PairingRequest {
  readonly until: number;
  /** Who has got his credential through it and has only to connect; null: nobody yet. */
  readonly served: { readonly address: string; readonly at: number } | null;
  /** wpa_supplicant would not open the button to all, for several devices had pressed theirs. */
  readonly barred: boolean;
}

/** An operator's command that waits until the group is there, or gone. */
export interface GroupOrder {
  readonly operator: number;
  readonly wants: 'up' | 'gone';
  /** When it is refused at the latest. */
  readonly until: number;
}

/** The settings of wpa_supplicant that we change for the time being. */
export interface SupplicantValues {
  readonly file: ConfigFile;
  /** As the user wants them: by the configuration file of wpa_supplicant, or `config_parms`. */
  readonly user: Values;
  /** As wpa_supplicant has them now. */
  readonly inForce: Values;
}

/**
 * The configuration file of the P2P interface: `shared` with the radio, or none, or not known; its `own`
 * (`wpa_supplicant -m`); or that of the `radio`, where that is the P2P interface itself.
 */
export type ConfigFile = 'shared' | 'own' | 'radio';

export interface SessionState {
  readonly phase: Phase;
  /** An operator's pairing window. */
  readonly pairing: Pairing | null;
  /** An operator wants nothing to happen for now. */
  readonly paused: boolean;
  /** An operator wants no group for now. */
  readonly groupStopped: boolean;
  readonly groupOrders: readonly GroupOrder[];
  readonly enrolments: readonly Enrolment[];
  /** The method in use, by the settings or wpa_supplicant's configuration. */
  readonly method: Advertised;
  /** How it was chosen, as it was last logged; null: not yet. */
  readonly methodChoice: string | null;
  /** The button is in use, but for a while phones are told to ask by PIN. */
  readonly showsPin: boolean;
  readonly registrar: Registrar;
  /** Why wpa_supplicant holds back the events of that link; null where it does not. */
  readonly deaf: Readonly<Record<LinkName, string | null>>;
  readonly invitation: Invitation | null;
  readonly failedNegotiations: ReadonlyMap<string, FailedNegotiations>;
  /** When phones were last told that they may not come in by button. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Warnings about profiles, each of which is logged once. */
  readonly profileWarnings: ReadonlySet<string>;
  /** When it was last told that a station was turned away, by event and address. */
  readonly rejections: ReadonlyMap<string, number>;
  /** Hooks for a PIN in the minute that began then. */
  readonly prompts: { readonly since: number; readonly count: number };
  /** Questions to the PIN module so far. */
  readonly pinCalls: number;
  readonly discovery: Discovery;
  /** Attempts in a row that did not give a lasting group. */
  readonly failures: number;
  /** Why the last attempt failed, until a group lasts. */
  readonly lastFailure: Failure | null;
  /** Failures that have been logged since a group lasted, the latest last. Each of them again is no news. */
  readonly toldFailures: ReadonlySet<string>;
  /** Requests whose refusal has been logged, by what they were for; the same again is no news. */
  readonly notedRefusals: ReadonlySet<string>;
  /** The highest number of a group's interface since the link is up; -1: none was seen. */
  readonly newestGroup: number;
  /** What wpa_supplicant has said in words since the attempt began, the latest last. */
  readonly said: readonly string[];
  /** Another group came up beside the one that runs: when that ends, it is looked for. */
  readonly secondGroup: boolean;
  /** An attempt timed out: its interface may still be there, without a group. */
  readonly leftover: boolean;
  /** The hook `start_group` has been called and its `stop_group` not yet. */
  readonly groupAnnounced: boolean;
  /** Calls of `start_group` so far. */
  readonly calls: number;
  readonly wrongPins: WrongPins;
  /** Our own P2P device address. */
  readonly deviceAddress: string | null;
  /** When the link to wpa_supplicant was last attached. */
  readonly attachedAt: number;
  /**
   * The radio has no interface to spare: the group runs on the one that is there (`p2p_no_group_iface`, or a driver that
   * cannot have two).
   */
  readonly sharesInterface: boolean;
  /** Profile of the persistent group, as far as it is known. */
  readonly networkId: number | null;
  /** `SAVE_CONFIG` was refused once: there is no file to save, and that need not be said again. */
  readonly saveRefused: boolean;
  /** The settings of wpa_supplicant that we change for the time being; null: not known yet. */
  readonly values: SupplicantValues | null;
  /** The answers so far, while they are asked for. */
  readonly toldValues: Partial<Values>;
  /** wpa_supplicant knows only what it has read from its file: what we have told it since then is not in there. */
  readonly freshFromFile: boolean;
  /** The group's network has been given its addresses. */
  readonly servesAddresses: boolean;
  /** Of those that have left, too. */
  readonly leases: Leases;
  /** Times in a row that wpa_supplicant could not be reached. */
  readonly linkErrors: number;
}

export const INITIAL: SessionState = {
  phase: { name: 'detached', held: null },
  pairing: null,
  paused: false,
  groupStopped: false,
  groupOrders: [],
  enrolments: [],
  method: 'keypad',
  methodChoice: null,
  showsPin: false,
  registrar: { holds: 'nothing' },
  deaf: { device: null, group: null },
  invitation: null,
  failedNegotiations: new Map(),
  refusals: new Map(),
  rejections: new Map(),
  profileWarnings: new Set(),
  prompts: { since: 0, count: 0 },
  pinCalls: 0,
  discovery: { quiet: 0, heard: false },
  failures: 0,
  lastFailure: null,
  toldFailures: new Set(),
  said: [],
  notedRefusals: new Set(),
  newestGroup: -1,
  secondGroup: false,
  leftover: false,
  groupAnnounced: false,
  calls: 0,
  wrongPins: { count: 0, pausedUntil: 0 },
  deviceAddress: null,
  attachedAt: 0,
  sharesInterface: false,
  networkId: null,
  saveRefused: false,
  values: null,
  toldValues: {},
  freshFromFile: false,
  servesAddresses: false,
  leases: new Map(),
  linkErrors: 0,
};
