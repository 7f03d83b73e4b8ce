import type { NetworkProfile, StationReply } from '../wpa/reply.js';
import type { Failure, ProfileSource } from './reasons.js';

/** What the session is doing: its phases, and what they know of a group. Plain data; the rest of the state is in model.ts. */

export interface Station {
  /** Interface address: the group knows the station by it. */
  readonly address: string;
  /** P2P device address; null for a legacy station. */
  readonly deviceAddress: string | null;
  readonly name: string | null;
  readonly since: number;
  /** Its IPv4 address, as far as it is known. */
  readonly ip: string | null;
  /** The end of the lease from its last visit. Until this changes, the station has not asked DHCP again. */
  readonly formerLease: number | null;
  /** DHCP or the kernel says that it uses its IPv4 address. It may ignore that of the handshake. */
  readonly ipUsed: boolean;
  /** Its IPv6 link-local address with the zone; looked up only where nothing says that it uses IPv4. */
  readonly ipv6: string | null;
  /** When the kernel is asked for its addresses; null while it is asked. */
  readonly addressDueAt: number | null;
  /** The kernel has been asked, and has found none so far. */
  readonly withoutAddress: boolean;
  /** The `connect` hook has been called; until then wpa_supplicant is asked for the name. */
  readonly announced: boolean;
}

/** A walk over `STA-FIRST`/`STA-NEXT` under way. */
export interface Walk {
  readonly found: readonly StationReply[];
  /** Addresses of events since the walk began: for them the event is newer than the walk. */
  readonly touched: ReadonlySet<string>;
  readonly restarts: number;
  /** Another walk was requested meanwhile: replies of two walks at once could not be told apart. */
  readonly again: boolean;
}

/** The removal of a group by us. */
type Removal =
  /** `P2P_GROUP_REMOVE` was sent this many times; its end has not been reported until `until`. */
  | {
      readonly stage: 'requested';
      readonly tries: number;
      readonly until: number;
      readonly failedBefore: boolean;
    }
  /** It could not be removed, which has been logged. It is tried again at `until`. */
  | { readonly stage: 'failed'; readonly until: number };

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
  /** The link to the group's own control socket is attached. */
  readonly linkUp: boolean;
  /** It was up before our session. */
  readonly adopted: boolean;
  /** Its profile is being stored again. */
  readonly restoring: boolean;
  /** A station has been on it. */
  readonly used: boolean;
  readonly removal: Removal | null;
  /** When the link to wpa_supplicant was lost; null: the group has been confirmed since. */
  readonly lostAt: number | null;
  /** An operator started it: it waits for its first station without a limit. */
  readonly ordered: boolean;
  readonly stations: ReadonlyMap<string, Station>;
  readonly walk: Walk | null;
  /** When it is next asked whether the group is still there; null while its link confirms that. */
  readonly checkAt: number | null;
}

/** How the group is to be formed. */
export type GroupPlan =
  | { readonly kind: 'profile'; readonly networkId: number; readonly ssid: string | null }
  | { readonly kind: 'new-persistent' }
  | { readonly kind: 'autonomous' };

/**
 * Why a group is formed. `wanted`: the group should be up without a phone that asks for it, always or because an
 * operator wants it now; `reinvocation`: a phone has restarted the persistent group itself.
 */
export type Occasion =
  | { readonly kind: 'wanted' }
  /** A phone negotiates the group; `negotiated` when that is over and WPS has begun. */
  | { readonly kind: 'request'; readonly deviceAddress: string; readonly negotiated: boolean }
  | { readonly kind: 'reinvocation'; readonly deviceAddress: string }
  /** The operator invites a phone back to it; `operator` is null once the operator has been answered. */
  | { readonly kind: 'recall'; readonly deviceAddress: string; readonly operator: number | null };

/**
 * What the session is doing. `keptGroup` is a group that was running when the link was lost: its stations count as connected
 * until it is found again or known to be gone.
 */
export type Phase =
  /** Without a link to wpa_supplicant, since that time. */
  | { readonly name: 'detached'; readonly keptGroup: Group | null; readonly since: number }
  /** `until`: when the interfaces are asked for again; null while the answer is on its way. */
  | { readonly name: 'inspecting'; readonly keptGroup: Group | null; readonly until: number | null }
  | {
      readonly name: 'adopting';
      readonly keptGroup: Group | null;
      readonly candidates: readonly string[];
      /** Those that did not answer: whether a group runs there is not known. */
      readonly silent: readonly string[];
      readonly until: number;
    }
  /** Which profile? Without an occasion it is prepared for the time when a phone restarts the group. */
  | {
      readonly name: 'choosing';
      readonly occasion: Occasion | null;
      readonly profiles: readonly NetworkProfile[];
      /** Those whose mode has still to be asked for; null while the list is read. */
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
  /**
   * The radio's own connection gets time to come, because the group has to use its channel: until `until`, null while it is
   * not known whether there is anything to wait for. It is looked for again at `askAt`.
   */
  | {
      readonly name: 'awaiting';
      readonly occasion: Occasion;
      readonly plan: GroupPlan;
      readonly until: number | null;
      readonly askAt: number | null;
    }
  /** The hook `start_group` runs. `call` distinguishes its end from that of an earlier call. */
  | {
      readonly name: 'announcing';
      readonly occasion: Occasion;
      readonly plan: GroupPlan;
      /** Events were lost: a group may be up already. */
      readonly missed: boolean;
      readonly call: number;
    }
  | {
      readonly name: 'forming';
      readonly occasion: Occasion;
      readonly plan: GroupPlan;
      /** Events were lost: the group may be up already. */
      readonly missed: boolean;
      readonly until: number;
    }
  | { readonly name: 'running'; readonly group: Group }
  /** Waits for the next attempt. `failure`: why there is no group. */
  | { readonly name: 'backoff'; readonly failure: Failure; readonly until: number }
  | { readonly name: 'idle' }
  /** The end waits for the hook `terminated`, and for wpa_supplicant to take the last request. */
  | { readonly name: 'stopping'; readonly awaits: readonly ('hook' | 'farewell')[]; readonly until: number }
  | { readonly name: 'ended' };

/** Waits for a phone. */
export const IDLE: Phase = { name: 'idle' };

/** Looks for a group; none is known. */
export const INSPECTING: Phase = { name: 'inspecting', keptGroup: null, until: null };

export type PhaseName = Phase['name'];
export type PhaseOf<N extends PhaseName> = Extract<Phase, { name: N }>;
