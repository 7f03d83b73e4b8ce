import type { Settings } from '../config/schema.js';
import type { NetworkProfile, StationUse } from '../wpa/reply.js';
import type { MethodChoice, OverwrittenSetting, WpsMethod } from './model.js';
import type {
  Device,
  Failure,
  GroupWish,
  HaltReason,
  InvitationFailure,
  NegotiationFailure,
  RadioBlock,
  RemovalFailure,
} from './reasons.js';

/**
 * What is worth a line in the log and is no event, as plain data. Its sentence is in host/notice-text.ts. A `reply` is
 * wpa_supplicant's own text, and a `reason` comes from a link, a hook or another program.
 */
export type Notice =
  // The group.
  | { readonly type: 'foreign-group'; readonly interface: string; readonly of: 'other-radio' | 'other-owner' }
  | { readonly type: 'second-group'; readonly interface: string; readonly managed: string }
  | { readonly type: 'older-group-ended'; readonly interface: string }
  | { readonly type: 'group-found-again'; readonly interface: string; readonly ssid: string | null }
  | { readonly type: 'channel-changed'; readonly interface: string; readonly frequency: number }
  | { readonly type: 'group-unlinked'; readonly reason: string }
  /** An operator has started or stopped the group. */
  | { readonly type: 'group-ordered'; readonly wants: GroupWish }
  | { readonly type: 'group-unwanted'; readonly interface: string; readonly because: 'stopped' | 'empty' }
  | { readonly type: 'removal-failed'; readonly failure: RemovalFailure }
  /** A group that vanished has left its network interface behind. */
  | { readonly type: 'leftover'; readonly reason: string }
  /** No socket answers there. */
  | { readonly type: 'taken-for-empty'; readonly reason: string }
  /** Why there is no group, before or between attempts. */
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'next-attempt'; readonly ms: number }
  /** The radio's own connection is waited for. */
  | { readonly type: 'station-awaited'; readonly radio: string; readonly seconds: number }
  /** It has come, or not in time: then `use` is null. */
  | { readonly type: 'station-wait-over'; readonly radio: string; readonly use: StationUse | null }
  // The profile of the persistent group.
  /** `interface` is null while no group is up. */
  | { readonly type: 'profile-lost'; readonly interface: string | null }
  /** The profile that `persistent_network_id` names does not exist, or is of another kind. */
  | { readonly type: 'wanted-profile-unusable'; readonly id: number; readonly profile: NetworkProfile | null }
  | { readonly type: 'profile-unusable'; readonly profile: NetworkProfile; readonly mode: number | null }
  | { readonly type: 'profile-unlisted'; readonly profile: NetworkProfile }
  // Phones that come back, negotiate or ask to join.
  | { readonly type: 'reinvoked'; readonly deviceAddress: string; readonly networkId: number | null }
  /** wpa_supplicant has refused: the group is formed instead, or it is not. */
  | {
      readonly type: 'restart-requested';
      readonly deviceAddress: string;
      readonly networkId: number;
      readonly formed: boolean;
      readonly halted: HaltReason | null;
    }
  | { readonly type: 'negotiated'; readonly deviceAddress: string | null; readonly role: string | null }
  | { readonly type: 'negotiation-again'; readonly device: Device; readonly failure: NegotiationFailure }
  | {
      readonly type: 'negotiation-ignored';
      readonly device: Device;
      readonly because: 'connected' | 'too-soon' | 'invited' | 'no-pin-shown';
    }
  /** A device without a request tries to join by PIN. `no-pin`: there is no PIN that is valid for all devices. */
  | { readonly type: 'enrollee-ignored'; readonly address: string; readonly because: HaltReason | 'no-pin' }
  | { readonly type: 'method-unknown'; readonly device: Device; readonly passwordId: number | null }
  | {
      readonly type: 'asks-while-halted';
      readonly device: Device;
      readonly method: WpsMethod;
      readonly halted: HaltReason;
    }
  | { readonly type: 'too-many-prompts' }
  | { readonly type: 'invited'; readonly device: Device; readonly failure: InvitationFailure | null }
  | { readonly type: 'invited-back'; readonly deviceAddress: string }
  | { readonly type: 'forgotten'; readonly deviceAddress: string }
  | {
      readonly type: 'address-missing';
      readonly device: Device;
      readonly interface: string;
      readonly seconds: number;
      readonly addressing: Settings['addressing'];
      /** Its IPv6 link-local address. */
      readonly ipv6: string | null;
    }
  // WPS.
  | ({ readonly type: 'method-chosen' } & MethodChoice)
  | { readonly type: 'pin-waits'; readonly address: string }
  | { readonly type: 'pin-refused'; readonly address: string; readonly reply: string }
  /** `deviceAddress` is null for the pairing window. */
  | { readonly type: 'button-refused'; readonly deviceAddress: string | null; readonly reply: string }
  | { readonly type: 'button-overlap'; readonly openFor: 'one' | 'all' }
  | { readonly type: 'wrong-pins'; readonly count: number; readonly pauseSeconds: number }
  // wpa_supplicant.
  /** `interface` is null for a group that is not known; `reason`: which program does not read, null for none any more. */
  | { readonly type: 'events-held-back'; readonly interface: string | null; readonly reason: string | null }
  | {
      readonly type: 'request-refused';
      readonly purpose: string;
      readonly reply: string;
      readonly radioBlock: RadioBlock | null;
    }
  /** Another program has changed them. `setBack`: we have set ours again; else they are left so, for it was not the first time. */
  | {
      readonly type: 'settings-overwritten';
      readonly settings: readonly OverwrittenSetting[];
      readonly setBack: boolean;
    }
  /** With `per_sta_psk`, where wpa_supplicant has no file for the passphrases. */
  | { readonly type: 'passphrases-unsaved' };
