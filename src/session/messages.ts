import type { Leases } from '../addressing/address-server.js';
import type { Settings } from '../config/schema.js';
import type { HookEvent, HookName } from '../hooks/contract.js';
import type { LogLevel } from '../logging/logger.js';
import type { ErrorCode } from '../system/errors.js';
import type { WpaEvent } from '../wpa/event.js';
import type { NetworkProfile } from '../wpa/reply.js';
import type { ConfigFile, LinkName, StoredGroup, TimerName } from './model.js';
import type { Notice } from './notice.js';
import type { Failure, RadioBlock } from './reasons.js';
import type { CoreEvent, OperatorAnswer, OperatorCommand } from './session-event.js';
import type { ValueKey } from './temporary-values.js';

/** The inputs of the session machine, and the effects that it wants carried out. Plain data. */

/** A question of one phase, which decides how it goes on. */
export type PhaseQuestion =
  /** What the radio's own interface is used for. */
  | { readonly kind: 'station-use' }
  /** Whether the radio is connected as a station, and to what it could be. */
  | { readonly kind: 'station' }
  | { readonly kind: 'station-networks' }
  | { readonly kind: 'interfaces' }
  | { readonly kind: 'adoption' }
  | { readonly kind: 'networks' }
  | { readonly kind: 'profile-mode' }
  | { readonly kind: 'add-network' }
  | { readonly kind: 'set-network'; readonly line: string }
  | { readonly kind: 'group-add' }
  /** The channels that a group owner may use, after an attempt that failed. */
  | { readonly kind: 'channels'; readonly failure: Failure; readonly wanted: string }
  /** What the radio does beside the group, after the same. */
  | { readonly kind: 'radio-use'; readonly failure: Failure; readonly wanted: string }
  | { readonly kind: 'group-remove' }
  | { readonly kind: 'group-status' }
  | { readonly kind: 'walk' }
  | { readonly kind: 'station-name'; readonly address: string }
  /** Does wpa_supplicant still have the group's interface? `reason`: why there is no link to it, where a try failed. */
  | { readonly kind: 'group-check'; readonly reason: string | null }
  /** The running group: which profile is behind it, its passphrase, its clients, its profile stored again. */
  | { readonly kind: 'group-profile'; readonly before: readonly NetworkProfile[] }
  | { readonly kind: 'group-profile-mode' }
  | { readonly kind: 'group-passphrase' }
  | { readonly kind: 'group-clients' }
  | { readonly kind: 'restore-profile' };

/** Which question a reply answers. */
export type Tag =
  /** `phaseNumber`: that of the session state when it was asked. In any other phase the reply is out of date. */
  | (PhaseQuestion & { readonly phaseNumber: number })
  | { readonly kind: 'device-status' }
  /** A setting of wpa_supplicant that we change for the time being. */
  | { readonly kind: 'value'; readonly key: ValueKey }
  /** A setting of ours: is it still in force? */
  | { readonly kind: 'setting'; readonly key: string }
  | { readonly kind: 'group-sharing' }
  | { readonly kind: 'driver' }
  /** A profile that is not used, though its name is one of a group. */
  | { readonly kind: 'unused-profile'; readonly profile: NetworkProfile }
  | { readonly kind: 'arm'; readonly address: string }
  | { readonly kind: 'button'; readonly deviceAddress: string }
  | { readonly kind: 'invite' }
  /** The clients of the group that is to be formed, as wpa_supplicant has read them from its file. */
  | { readonly kind: 'file-clients'; readonly networkId: number }
  | { readonly kind: 'save' }
  | { readonly kind: 'operator'; readonly id: number; readonly what: OperatorTag }
  | { readonly kind: 'farewell' }
  /** Nothing depends on it; a refusal is logged at this level. `purpose`: the command, or the setting that it changes. */
  | { readonly kind: 'noted'; readonly level: LogLevel; readonly purpose: string };

/** What an operator's command still waits for. */
export type OperatorTag =
  | { readonly kind: 'clients' }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'forget'; readonly deviceAddress: string }
  | { readonly kind: 'find' };

export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'link-up'; readonly link: LinkName }
  | { readonly type: 'link-down'; readonly link: LinkName; readonly reason: string }
  /** Events were lost, and are received again from now on. */
  | { readonly type: 'link-missed'; readonly link: LinkName }
  /** wpa_supplicant holds back its events; sent with every heartbeat that finds it so. The reason is for people. */
  | { readonly type: 'link-held-back'; readonly link: LinkName; readonly reason: string }
  | {
      readonly type: 'link-waiting';
      readonly link: LinkName;
      readonly code: ErrorCode;
      readonly reason: string;
    }
  | { readonly type: 'event'; readonly link: LinkName; readonly event: WpaEvent }
  | { readonly type: 'reply'; readonly tag: Tag; readonly reply: string }
  | { readonly type: 'no-reply'; readonly tag: Tag; readonly code: ErrorCode; readonly reason: string }
  | { readonly type: 'timer'; readonly timer: TimerName }
  | { readonly type: 'hook-done'; readonly hook: HookName; readonly call: number }
  /** The PIN module's answer; null where it failed, `reason` says why. */
  | {
      readonly type: 'pin';
      readonly deviceAddress: string;
      readonly call: number;
      readonly pin: string | null;
      readonly reason: string;
    }
  /** The answer to `investigate-loss`. */
  | ({ readonly type: 'loss-investigated' } & LossReport)
  /** All known leases. */
  | { readonly type: 'leases'; readonly leases: Leases }
  /** The answer to `seek-address`, where the station has no address. */
  | { readonly type: 'no-address'; readonly address: string }
  /** An answer to `confirm-address` or `seek-address`: the station has that address. */
  | { readonly type: 'address-confirmed'; readonly address: string; readonly ip: string }
  /** An answer to `seek-address`: with the zone. */
  | { readonly type: 'ipv6-confirmed'; readonly address: string; readonly ipv6: string }
  | { readonly type: 'operator'; readonly id: number; readonly command: OperatorCommand }
  /** The client that sent that command has gone. */
  | { readonly type: 'operator-gone'; readonly id: number }
  /** New settings are in force; see `World.settings`. */
  | { readonly type: 'configure' }
  /** About a minute has passed since the last look at our settings in wpa_supplicant. */
  | { readonly type: 'settings-due' }
  /** A sign of life is wanted: answered by the effect of the same name. */
  | { readonly type: 'pulse' }
  | { readonly type: 'stop' };

export type { HookName };

/**
 * Where a request goes: over one of our links, or past them to the radio's own interface (wlan0), to which we are not
 * attached.
 */
export type RequestTarget = LinkName | 'radio';

export type Effect =
  | {
      readonly type: 'request';
      readonly link: RequestTarget;
      readonly command: string;
      readonly tag: Tag | null;
    }
  | { readonly type: 'open-group'; readonly interface: string }
  | { readonly type: 'close-group' }
  /**
   * wpa_supplicant has lost the group's interface: removes what the kernel still has of it, and finds out why. `successor`: the name of
   * another group that is on the interface now, where that is known.
   */
  | { readonly type: 'investigate-loss'; readonly interface: string; readonly successor?: string }
  /** Gives the network of that interface its addresses as configured. With nothing changed, nothing happens. */
  | { readonly type: 'serve-addresses'; readonly interface: string }
  | { readonly type: 'withdraw-addresses' }
  /** A station has come, and may ask for an address. */
  | { readonly type: 'expect-lease' }
  /** A station has this address: remembered across our restarts. */
  | { readonly type: 'note-address'; readonly address: string; readonly ip: string }
  /** A station was there before us: looks up its address. */
  | { readonly type: 'confirm-address'; readonly interface: string; readonly address: string }
  /** Looks whether the station has an address from another server, or an IPv6 link-local one. */
  | { readonly type: 'seek-address'; readonly interface: string; readonly address: string }
  | { readonly type: 'timer'; readonly timer: TimerName; readonly ms: number }
  | { readonly type: 'cancel'; readonly timer: TimerName }
  /** Where `call` is not null the machine waits for a `hook-done` with that number. */
  | { readonly type: 'hook'; readonly event: HookEvent; readonly call: number | null }
  | {
      readonly type: 'remember';
      readonly address: string;
      readonly name: string | null;
      readonly deviceType: string | null;
    }
  /** Asks the PIN module; the answer is an input with that number. */
  | {
      readonly type: 'ask-pin';
      readonly call: number;
      readonly deviceAddress: string;
      readonly name: string | null;
      readonly pin: string;
    }
  /** Saves the persistent group, so that it survives us and wpa_supplicant. */
  | { readonly type: 'store'; readonly group: StoredGroup }
  /** The end of an operator's command. */
  | { readonly type: 'answer'; readonly id: number; readonly answer: OperatorAnswer }
  /** The session takes inputs: the answer to the input of the same name. */
  | { readonly type: 'pulse' }
  | { readonly type: 'log'; readonly level: LogLevel; readonly notice: Notice }
  /** Reports an event; `level`: that of its line in the log, null for none. */
  | { readonly type: 'emit'; readonly event: CoreEvent; readonly level: LogLevel | null }
  /** The program ends with this error: only a person can help. */
  | {
      readonly type: 'fail';
      readonly code: 'INTERFACE_WRONG';
      readonly interface: string;
      /** Where its Wi-Fi Direct events arrive; null: it is no P2P device. */
      readonly expected: string | null;
    }
  | { readonly type: 'end' };

/** What was found out about a group that has vanished. */
export interface LossReport {
  /** The program that removed it and what to do about it, in words; null: not known. */
  readonly culprit: string | null;
  /** Why the network interface that was left behind could not be removed; null: nothing is left. */
  readonly leftover: string | null;
}

/** What the machine may read beside its state: the settings, the time, the known peers. */
export interface World {
  readonly now: number;
  readonly settings: Settings;
  readonly deviceInterface: string;
  /** Whose configuration file wpa_supplicant uses for the device interface; read again at each call. */
  readonly configFile: () => ConfigFile;
  readonly peerName: (deviceAddress: string) => string | null;
  /** The persistent group of our state file. */
  readonly stored: StoredGroup | null;
  /** A random PIN, another one at each call. */
  readonly freshPin: () => string;
  /** What keeps the radio off now; missing where that cannot be found out. */
  readonly radioBlock?: () => RadioBlock | null;
}
