import type { Settings } from '../config/schema.js';
import type { ErrorCode } from '../errors.js';
import type { LogLevel } from '../logging/logger.js';
import type { WpaEvent } from '../wpa/event.js';
import type { NetworkProfile, StationReply } from '../wpa/reply.js';
import type { SessionEvent } from './session-event.js';

/**
 * The session machine's vocabulary: what it knows (state), what it is told (input) and what it wants done (effect).
 * All of it is plain data. Times are milliseconds of a monotonic clock; addresses are lower-case text.
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
  /** MHz */
  readonly frequency: number | null;
  /** The stored profile behind a persistent group; null for others and where it is not known. */
  readonly networkId: number | null;
  readonly since: number;
  readonly linkUp: boolean;
  readonly stations: ReadonlyMap<string, Station>;
  readonly walk: Walk | null;
}

/** A phone that asked to come in and has not yet done so. */
export interface Enrolment {
  readonly deviceAddress: string;
  readonly name: string | null;
  readonly requestedAt: number;
  /** Interface address under which it was seen on the group; null until then. */
  readonly stationAddress: string | null;
}

/** How the group is to be formed. */
export type GroupPlan =
  | { readonly kind: 'profile'; readonly networkId: number; readonly ssid: string | null }
  | { readonly kind: 'new-persistent' }
  | { readonly kind: 'autonomous' };

/**
 * `held` is a group that was running when the link was lost: its stations count as connected until it is found
 * again or known to be gone.
 */
export type Phase =
  | { readonly name: 'detached'; readonly held: Group | null }
  | { readonly name: 'inspecting'; readonly held: Group | null }
  | { readonly name: 'adopting'; readonly held: Group | null; readonly candidates: readonly string[] }
  | { readonly name: 'choosing'; readonly profiles: readonly NetworkProfile[] }
  | { readonly name: 'storing'; readonly networkId: number | null }
  /** `call` tells the answer of this call of the hook from an earlier one's. */
  | { readonly name: 'announcing'; readonly plan: GroupPlan; readonly call: number }
  | { readonly name: 'forming'; readonly plan: GroupPlan }
  | { readonly name: 'running'; readonly group: Group }
  | { readonly name: 'resting' }
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

export interface SessionState {
  readonly phase: Phase;
  readonly enrolments: readonly Enrolment[];
  readonly discovery: Discovery;
  /** Attempts in a row that did not give a lasting group. */
  readonly failures: number;
  /** What the last failed attempt was told to fail of; the same again is no news. */
  readonly lastFailure: string | null;
  /** An attempt timed out: its interface may still be there, without a group. */
  readonly leftover: boolean;
  /** The hook `start_group` has been called and its `stop_group` not yet. */
  readonly groupAnnounced: boolean;
  /** Calls of `start_group` so far. */
  readonly calls: number;
  readonly wrongPins: WrongPins;
}

export type TimerName =
  | 'discovery'
  | 'enrolment'
  | 'forming'
  | 'resting'
  | 'held'
  | 'group-check'
  | 'adopting'
  | 'stopping';

/** Which question a reply answers. */
export type Tag =
  | { readonly kind: 'device-status' }
  | { readonly kind: 'config-methods' }
  | { readonly kind: 'interfaces' }
  | { readonly kind: 'adoption' }
  | { readonly kind: 'networks' }
  | { readonly kind: 'add-network' }
  | { readonly kind: 'set-network'; readonly line: string }
  | { readonly kind: 'group-add' }
  | { readonly kind: 'group-status' }
  | { readonly kind: 'walk' }
  | { readonly kind: 'station-name'; readonly address: string }
  | { readonly kind: 'group-check' }
  | { readonly kind: 'arm'; readonly address: string }
  | { readonly kind: 'farewell' }
  /** Nothing hangs on it; a refusal is worth a line at this level. */
  | { readonly kind: 'noted'; readonly level: LogLevel; readonly what: string };

export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'link-up'; readonly link: LinkName }
  | { readonly type: 'link-down'; readonly link: LinkName; readonly reason: string }
  | { readonly type: 'link-missed'; readonly link: LinkName }
  | {
      readonly type: 'link-waiting';
      readonly link: LinkName;
      readonly code: ErrorCode;
      readonly reason: string;
    }
  | { readonly type: 'event'; readonly link: LinkName; readonly event: WpaEvent }
  | { readonly type: 'reply'; readonly tag: Tag; readonly reply: string }
  | { readonly type: 'no-reply'; readonly tag: Tag; readonly reason: string }
  | { readonly type: 'timer'; readonly timer: TimerName }
  | { readonly type: 'hook-done'; readonly hook: HookName; readonly call: number }
  /** New settings are in force; `World.settings` has them. */
  | { readonly type: 'configure' }
  | { readonly type: 'stop' };

export type HookName = 'started' | 'terminated' | 'start_group' | 'stop_group' | 'connect' | 'disconnect';

export type Effect =
  | { readonly type: 'request'; readonly link: LinkName; readonly command: string; readonly tag: Tag | null }
  | { readonly type: 'open-group'; readonly interface: string }
  | { readonly type: 'close-group' }
  | { readonly type: 'timer'; readonly timer: TimerName; readonly ms: number }
  | { readonly type: 'cancel'; readonly timer: TimerName }
  /** Where `call` is not null the machine waits for a `hook-done` with that number. */
  | {
      readonly type: 'hook';
      readonly hook: HookName;
      readonly args: readonly string[];
      readonly facts: Readonly<Record<string, string>>;
      readonly call: number | null;
    }
  | {
      readonly type: 'remember';
      readonly address: string;
      readonly name: string | null;
      readonly deviceType: string | null;
    }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly type: 'emit'; readonly event: SessionEvent }
  /** Nothing that the program could do alone will help; it ends with this error. */
  | { readonly type: 'fail'; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'end' };

/** What the machine may look at beside its state: settings, the time, and the register of peers (read only). */
export interface World {
  readonly now: number;
  readonly settings: Settings;
  readonly deviceInterface: string;
  readonly peerName: (deviceAddress: string) => string | null;
}

export const INITIAL: SessionState = {
  phase: { name: 'detached', held: null },
  enrolments: [],
  discovery: { quiet: 0, heard: false },
  failures: 0,
  lastFailure: null,
  leftover: false,
  groupAnnounced: false,
  calls: 0,
  wrongPins: { count: 0, pausedUntil: 0 },
};
