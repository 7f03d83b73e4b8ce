import type { Leases } from '../addressing/address-server.js';
import type { ConfigMethods } from '../wpa/reply.js';
import type { Phase } from './phase.js';
import type { Failure, GroupWish, PinObstacle } from './reasons.js';
import type { Values } from './temporary-values.js';

/**
 * The state of the session machine: plain data. Its inputs and effects are in messages.ts. Times are milliseconds of a
 * monotonic clock; addresses are lower-case text.
 */

/** Our two links: to the P2P device interface and to the group interface. */
export type LinkName = 'device' | 'group';

/**
 * How a phone is admitted, from our side and in the words of `P2P_CONNECT`: `display`, its user types a PIN that we
 * know; `keypad`, the phone shows a PIN that is typed here; `pbc`, push button. In `config_methods` and `P2P_PROV_DISC`
 * the word `keypad` has the opposite meaning: the phone's user types.
 */
export type WpsMethod = 'display' | 'keypad' | 'pbc';

/** A phone that has asked to join and has not joined yet. */
export interface Enrolment {
  readonly deviceAddress: string;
  readonly name: string | null;
  readonly method: WpsMethod;
  readonly requestedAt: number;
  /** Null for push button, and until the PIN module or the operator has given it. */
  readonly pin: string | null;
  /** The latest question to the PIN module for it. */
  readonly pinCall: number;
  /** The PIN was made for this phone alone and shown; it is good for one attempt. */
  readonly fresh: boolean;
  /** Why its PIN could not be armed when the phone was last seen; null: it could, or the phone was not seen. */
  readonly pinWaitsFor: PinObstacle | null;
  /** Interface address under which it was seen on the group; null until then. */
  readonly stationAddress: string | null;
  /** It has its credential, by button or with the group, and only has to connect. */
  readonly hasCredential: boolean;
  /** It wants to negotiate a group: one is formed with it, or it is invited into the running one. */
  readonly negotiates: boolean;
  /** When it was last invited; null: not yet. */
  readonly invitedAt: number | null;
  /** It waits for the answer to a negotiation of its own. Android drops invitations meanwhile. */
  readonly awaitsAnswer: boolean;
  /**
   * When it was last seen with an attempt that we refuse: its button where it may join by PIN only, or a negotiation while the group is
   * up. It joins after an invitation only. Null: there was none.
   */
  readonly ownAttemptAt: number | null;
}

/** What must be kept of a persistent group so that it can be formed again, the same for the phones that know it. */
export interface StoredGroup {
  /** SSID: 1 to 32 bytes in hexadecimal, for it need not be text. */
  readonly ssidHex: string;
  readonly passphrase: string | null;
  /** 64 hexadecimal digits, where there is no passphrase. */
  readonly psk: string | null;
  /** P2P device addresses of the phones that have joined it, most recent first. */
  readonly clients: readonly string[];
  /**
   * Those that were forgotten and have not joined again. A configuration file that we do not write may still have them,
   * and their passphrases.
   */
  readonly forgotten: readonly string[];
}

/** In place of an address: any device, as `WPS_PIN` calls it. */
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
  readonly outlivesCancel: boolean;
}

/** An invitation under way; wpa_supplicant sends one at a time. */
type Invitation = EndedAttempt | SentInvitation;

/** The phone's own negotiation is being ended, because Android drops invitations meanwhile. Then the phone is invited. */
export interface EndedAttempt {
  readonly kind: 'ends attempt';
  readonly deviceAddress: string;
  /** When it is invited although its negotiation has not ended. */
  readonly until: number;
}

export interface SentInvitation {
  readonly kind: 'sent';
  readonly deviceAddress: string;
  readonly tries: number;
  /** It has no result yet. */
  readonly pending: boolean;
  /** The operator's command that asked for it; null where we invite on our own. */
  readonly operator: number | null;
  /** When the result is overdue, or the next try is due. */
  readonly until: number;
}

/** By what the box lets phones join: the push button, or a PIN that is typed on the phone (`display` in a request). */
export type PairingMethod = 'pbc' | 'pin';

export interface PairingRequest {
  readonly method: PairingMethod;
  /** The PIN that the phone's user types, or that a device without a keypad shows; null with `pbc`. */
  readonly pin: string | null;
  /** Null for the first device that comes. */
  readonly deviceAddress: string | null;
}

/** The pairing window, open until `until`. */
export interface Pairing extends PairingRequest {
  readonly until: number;
  /** The device that has its credential through the window and only has to connect. */
  readonly connecting: { readonly address: string; readonly at: number } | null;
  /** wpa_supplicant would not open the button to all, because several devices had pressed theirs. */
  readonly overlapped: boolean;
}

/** An operator's command that waits until the group is up, or gone. */
export interface GroupOrder {
  readonly operator: number;
  readonly wants: GroupWish;
  /** When it is refused at the latest. */
  readonly until: number;
}

/** The settings of wpa_supplicant that we change while we run. */
export interface SupplicantValues {
  readonly file: ConfigFile;
  /** As the user wants them: by wpa_supplicant's configuration file, or `config_parms`. */
  readonly user: Values;
  /** As wpa_supplicant has them now. */
  readonly inForce: Values;
}

/**
 * The configuration file of the P2P interface: `shared` with the radio, or none, or not known; its `own`
 * (`wpa_supplicant -m`); or that of the `radio`, where that is the P2P interface itself.
 */
export type ConfigFile = 'shared' | 'own' | 'radio';

/** The search for peers. */
interface Discovery {
  /** Refreshes in a row without a sign of a peer. */
  readonly quiet: number;
  readonly heard: boolean;
  /** When the search is refreshed; null: not at all. */
  readonly nextAt: number | null;
}

/** Timers. When each is due follows from the state; see reconcile.ts. */
export const TIMER_NAMES = [
  /** The time limit of the phase: a lost group, a candidate, an attempt, the wait for the next one, the end. */
  'kept-group',
  'adopting',
  'forming',
  'backoff',
  'stopping',
  /** The search for peers is refreshed. */
  'discovery',
  /** A phone's request expires. */
  'enrolment',
  /** While no link to the group confirms it, wpa_supplicant is asked for it. */
  'group-check',
  /** The push button is opened, for the next phone or again. */
  'button',
  /** A group on demand has had its time to be used. */
  'unused',
  /** A station has had its time to get an address. */
  'address',
  /** An invitation got no result, or is to be repeated. */
  'invitation',
  /** Phones see the configured method again. */
  'method',
  /** The pairing window: its end, or the next thing to do for it. */
  'pairing',
  /** A group that is being removed has had its time to end, or a failed removal is due again. */
  'removal',
  /** Operators have waited long enough for the group, or its end. */
  'orders',
] as const;

export type TimerName = (typeof TIMER_NAMES)[number];

/** When each timer is due, in milliseconds of the session's clock; null: not at all. */
export type Deadlines = Readonly<Record<TimerName, number | null>>;

/** An operator's standing wishes, and the commands that wait. */
export interface Operator {
  readonly paused: boolean;
  readonly groupStopped: boolean;
  readonly orders: readonly GroupOrder[];
}

/** The method by which phones join, and what has decided it: the setting, else wpa_supplicant's `config_methods`. */
export interface MethodChoice {
  readonly used: PairingMethod;
  readonly pbcInUse: boolean | null;
  readonly configMethods: ConfigMethods | null;
}

/** The method by which phones join. */
interface Method {
  /** By the settings or wpa_supplicant's configuration. */
  readonly used: PairingMethod;
  /** How it was chosen, as it was last logged; null: not yet. */
  readonly choice: MethodChoice | null;
  /** The button is used, but until then phones see the PIN as the method. */
  readonly pinOfferedUntil: number | null;
}

/** The attempts to form a group since one lasted. */
export interface Attempts {
  /** Failures in a row. */
  readonly failures: number;
  /** Why the last attempt failed, until a group lasts. */
  readonly last: Failure | null;
  /** Failures that have been logged, the latest last. They are logged once. */
  readonly logged: ReadonlySet<string>;
  /** Words of wpa_supplicant since the attempt began, the latest last. */
  readonly said: readonly string[];
  /** An attempt timed out: its interface may still be there, without a group. */
  readonly leftover: boolean;
  /**
   * The last hook about a group. Null: none yet, and a group that is found may be known from an earlier instance. `stop_group` also
   * where no group was found at first: there is nothing to be known.
   */
  readonly lastHook: 'start_group' | 'stop_group' | null;
}

/** What we know of the wpa_supplicant at the other end of the device link. */
export interface Supplicant {
  /** When the device link was last attached. */
  readonly attachedAt: number;
  /** Times in a row that it could not be reached. */
  readonly linkErrors: number;
  /** Our own P2P device address. */
  readonly deviceAddress: string | null;
  /** Why it holds back the events of that link; null where it does not. */
  readonly heldBack: Readonly<Record<LinkName, string | null>>;
  /**
   * The radio has no second interface: the group runs on the existing one (`p2p_no_group_iface`, or a driver that cannot
   * have two).
   */
  readonly sharesInterface: boolean;
  /** The radio uses one channel at a time, as far as is known: the group has that of the radio's own connection. */
  readonly sharesChannel: boolean;
  /**
   * Whether the radio was ever connected as a station while we looked; `absent`: it was not, or did not come in time;
   * `coming`: wpa_supplicant has removed a group for its connection; `given-up`: that connection did not come, so groups go
   * first. Kept when wpa_supplicant is restarted.
   */
  readonly station: 'unknown' | 'seen' | 'absent' | 'coming' | 'given-up';
  /** The highest number of a group interface since the link is up; -1: none was seen. */
  readonly newestGroup: number;
  /** Another group is up beside the running one, or may be: when the running one ends, the other is looked for. */
  readonly secondGroup: boolean;
  /** The settings that we change while we run; null: not known yet. */
  readonly values: SupplicantValues | null;
  /** The answers so far, while they are asked for. */
  readonly answers: Partial<Values>;
  /** It knows only what is in its file: nothing that we have told it since. */
  readonly freshFromFile: boolean;
  /** The look at our settings that is under way; see overwritten.ts. */
  readonly look: SettingsLook | null;
  /** How often in a row a setting was set back because another program had changed it, and when last. */
  readonly setBack: ReadonlyMap<string, { readonly count: number; readonly lastAt: number }>;
  /** Settings that another program changes again and again: they are left so. */
  readonly overwritten: readonly OverwrittenSetting[];
}

/** What our settings should be, and the answers so far. */
interface SettingsLook {
  readonly wanted: ReadonlyMap<string, string>;
  readonly replies: ReadonlyMap<string, string>;
}

/** A setting of ours to which another program has given another value. */
export interface OverwrittenSetting {
  readonly key: string;
  readonly wanted: string;
  readonly found: string;
}

/** What has been logged, or done for a device, and is not repeated at once. */
export interface Repeats {
  /** Negotiations with one phone that failed in a row, and when the last one did. */
  readonly negotiations: ReadonlyMap<string, { readonly count: number; readonly lastAt: number }>;
  /** When a phone was last told that it may not use the button. */
  readonly buttons: ReadonlyMap<string, number>;
  /** Until when the button is not opened again for a device, or for {@link ANYBODY}, because it was refused. */
  readonly openings: ReadonlyMap<string, number>;
  /** When the rejection of a station was last reported, by event and address. */
  readonly stations: ReadonlyMap<string, number>;
  /** Hooks for a PIN in the minute that began then. */
  readonly prompts: { readonly since: number; readonly count: number };
  /** Warnings about profiles, as JSON. */
  readonly profiles: ReadonlySet<string>;
  /** Requests whose refusal has been logged, by their purpose. */
  readonly requests: ReadonlySet<string>;
  /** `SAVE_CONFIG` was refused: there is no file to save. */
  readonly save: boolean;
}

export interface SessionState {
  readonly phase: Phase;
  /** How many phases were entered before: a phase of the same name, entered again, has another number. */
  readonly phaseNumber: number;
  readonly operator: Operator;
  /** An operator's pairing window. */
  readonly pairing: Pairing | null;
  readonly enrolments: readonly Enrolment[];
  readonly method: Method;
  readonly registrar: Registrar;
  /** Wrong PINs in a row, and until when nobody is admitted by PIN because of them. */
  readonly wrongPins: { readonly count: number; readonly pausedUntil: number };
  readonly invitation: Invitation | null;
  readonly discovery: Discovery;
  readonly attempts: Attempts;
  readonly supplicant: Supplicant;
  /** Profile of the persistent group, as far as it is known. */
  readonly networkId: number | null;
  /** Whether the group's network is given addresses by us, and all leases known, also of stations that have left. */
  readonly addresses: { readonly served: boolean; readonly leases: Leases };
  readonly repeats: Repeats;
  /** Calls of `start_group`, and questions to the PIN module, so far. */
  readonly calls: { readonly startGroup: number; readonly pinModule: number };
  /** The timers as they were last set; see reconcile.ts. */
  readonly deadlines: Deadlines;
  /** The earliest of them. */
  readonly nextDueAt: number | null;
}

export const INITIAL: SessionState = {
  phase: { name: 'detached', keptGroup: null, since: 0 },
  phaseNumber: 0,
  operator: { paused: false, groupStopped: false, orders: [] },
  pairing: null,
  enrolments: [],
  method: { used: 'pin', choice: null, pinOfferedUntil: null },
  registrar: { holds: 'nothing' },
  wrongPins: { count: 0, pausedUntil: 0 },
  invitation: null,
  discovery: { quiet: 0, heard: false, nextAt: null },
  attempts: { failures: 0, last: null, logged: new Set(), said: [], leftover: false, lastHook: null },
  supplicant: {
    attachedAt: 0,
    linkErrors: 0,
    deviceAddress: null,
    heldBack: { device: null, group: null },
    sharesInterface: false,
    sharesChannel: false,
    station: 'unknown',
    newestGroup: -1,
    secondGroup: false,
    values: null,
    answers: {},
    freshFromFile: false,
    look: null,
    setBack: new Map(),
    overwritten: [],
  },
  networkId: null,
  addresses: { served: false, leases: new Map() },
  repeats: {
    negotiations: new Map(),
    buttons: new Map(),
    openings: new Map(),
    stations: new Map(),
    prompts: { since: 0, count: 0 },
    profiles: new Set(),
    requests: new Set(),
    save: false,
  },
  calls: { startGroup: 0, pinModule: 0 },
  deadlines: {
    'kept-group': null,
    adopting: null,
    forming: null,
    backoff: null,
    stopping: null,
    discovery: null,
    enrolment: null,
    'group-check': null,
    button: null,
    unused: null,
    address: null,
    invitation: null,
    method: null,
    pairing: null,
    removal: null,
    orders: null,
  },
  nextDueAt: null,
};
