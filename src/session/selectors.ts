import type { Settings } from '../config/schema.js';
import type { ConnectHow } from '../wpa/command.js';
import type { Enrolment, Pairing, SessionState } from './model.js';
import type { Group, Occasion, Phase, PhaseOf, Station } from './phase.js';
import type { Device, GroupWish, HaltReason } from './reasons.js';
import type { Transition } from './transition.js';

/** What follows from state and settings: questions that several files ask. Nothing here changes anything. */

/** What the settings make of the group: the five techniques of the manual, as three facts. */
interface Technique {
  /** Its name and passphrase outlive it: phones that have joined it once come back without WPS. */
  readonly persistent: boolean;
  /** It is formed without a phone that asks for it, and again when it ends. */
  readonly alwaysUp: boolean;
  /** It ends with its last station. */
  readonly removedWhenEmpty: boolean;
}

/**
 * | activate_persistent_group | activate_autonomous_group | dynamic_group | technique |
 * | --- | --- | --- | --- |
 * | true | - | false | persistent |
 * | true | - | true | persistent on demand |
 * | false | true | false | autonomous |
 * | false | false | false | autonomous on demand |
 * | false | - | true | negotiated on demand |
 */
export function techniqueOf(
  settings: Pick<Settings, 'activate_persistent_group' | 'activate_autonomous_group' | 'dynamic_group'>,
): Technique {
  const { activate_persistent_group: persistent, activate_autonomous_group, dynamic_group } = settings;
  return {
    persistent,
    alwaysUp: !dynamic_group && (persistent || activate_autonomous_group),
    removedWhenEmpty: dynamic_group && !persistent,
  };
}

export type TechniqueName =
  | 'persistent'
  | 'persistent on demand'
  | 'autonomous'
  | 'autonomous on demand'
  | 'negotiated on demand';

export function techniqueName({ persistent, alwaysUp, removedWhenEmpty }: Technique): TechniqueName {
  if (persistent) return alwaysUp ? 'persistent' : 'persistent on demand';
  if (removedWhenEmpty) return 'negotiated on demand';
  return alwaysUp ? 'autonomous' : 'autonomous on demand';
}

// The group.

/** A link that comes back this soon was interrupted only for a moment; the stations still count as connected. */
export const KEEP_GROUP_MS = 3_000;

/** The group while it runs and the device link is up. */
export function runningGroup({ state: { phase } }: Transition): Group | null {
  return phase.name === 'running' ? phase.group : null;
}

/** The group that we manage: the running one, or the one that was running when the link was lost. */
export function groupIn(phase: Phase): Group | null {
  if (phase.name === 'running') return phase.group;
  return 'keptGroup' in phase ? phase.keptGroup : null;
}

/** Whether wpa_supplicant holds back the events of the group. */
export function areEventsHeldBack(t: Transition): boolean {
  const { heldBack } = t.state.supplicant;
  const shared = runningGroup(t)?.interface === t.world.deviceInterface;
  return (shared ? heldBack.device : heldBack.group) !== null;
}

/** The station of that device on the running group. */
export function stationOf(t: Transition, deviceAddress: string): Station | undefined {
  const stations = runningGroup(t)?.stations.values() ?? [];
  return [...stations].find((station) => station.deviceAddress === deviceAddress);
}

/** Whether its removal has been requested and not been reported. */
export function isRemoving({ removal }: Group): boolean {
  return removal?.stage === 'requested';
}

/** Whether a status can be this group's: names may be unknown, but not different. */
export function isSameNetwork(group: Group, { ssidHex }: Pick<Group, 'ssidHex'>): boolean {
  return ssidHex === null || group.ssidHex === null || ssidHex === group.ssidHex;
}

/** Whether there is a link to wpa_supplicant. */
export function isAttached({ state: { phase } }: Transition): boolean {
  return phase.name !== 'detached';
}

/** Whether the session ends, or has ended. */
export function isEnding({ name }: Phase): boolean {
  return name === 'stopping' || name === 'ended';
}

/** The earliest of these times; null where there is none. */
export function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

// What an operator wants.

/** Whether no group is formed and nobody admitted. */
export function isHalted({ state: { operator } }: Transition): boolean {
  return operator.paused || operator.groupStopped;
}

/** Why that is; null where nothing is stopped. */
export function haltReason({ state: { operator } }: Transition): HaltReason | null {
  if (operator.paused) return 'paused';
  return operator.groupStopped ? 'group-stopped' : null;
}

/** Whether an operator waits for the group to be up, or gone. */
export function isOrdered({ state: { operator } }: Transition, wants: GroupWish): boolean {
  return operator.orders.some((order) => order.wants === wants);
}

/** Whether the group should be up without a phone that asks for it: by the settings, or for an operator. */
export function isWanted(t: Transition): boolean {
  return !isHalted(t) && (techniqueOf(t.settings).alwaysUp || isOrdered(t, 'up'));
}

/**
 * Whether a group would take the radio's own interface, and the setting `keep_station` protects the connection of that:
 * then the interface is looked at before a group is formed.
 */
export function mustKeepStation({ state: { supplicant }, settings: { keep_station } }: Transition): boolean {
  return supplicant.sharesInterface && keep_station;
}

// Attempts to form a group.

/** The phase, where it is an attempt: before and while the group is formed. */
export function attemptPhase({ phase }: SessionState): PhaseOf<'awaiting' | 'announcing' | 'forming'> | null {
  return phase.name === 'awaiting' || phase.name === 'announcing' || phase.name === 'forming' ? phase : null;
}

/** The occasion of the attempt under way. */
export function attemptOf({ state }: Transition): Occasion | null {
  return attemptPhase(state)?.occasion ?? null;
}

/** The device with which a group is to be negotiated; null where none is. */
export function requesterOf({ state: { phase } }: Transition): string | null {
  const occasion = 'occasion' in phase ? phase.occasion : null;
  return occasion?.kind === 'request' ? occasion.deviceAddress : null;
}

// Phones that have asked to join.

export function enrolmentOf(
  { state: { enrolments } }: Transition,
  deviceAddress: string,
): Enrolment | undefined {
  return enrolments.find((e) => e.deviceAddress === deviceAddress);
}

/** How the phone is admitted, as far as that is known: a PIN may still be missing. */
export function howOf({ method, pin }: Enrolment): ConnectHow | null {
  if (method === 'pbc') return { method };
  return pin === null ? null : { method, pin };
}

/** When a request expires. */
export function expiresAt(t: Transition, { requestedAt }: Enrolment): number {
  return requestedAt + t.settings.max_negotiation_time * 1000;
}

/** Milliseconds until a request expires; 0 where it has. */
export function remainingMs(t: Transition, enrolment: Enrolment): number {
  return Math.max(0, expiresAt(t, enrolment) - t.world.now);
}

/** Whether nobody is admitted by PIN now, after too many wrong ones. */
export function isPinPaused({ state: { wrongPins }, world }: Transition): boolean {
  return world.now < wrongPins.pausedUntil;
}

/** A phone with its name, whether or not it has asked. */
export function deviceOf(t: Transition, deviceAddress: string): Device {
  const name = enrolmentOf(t, deviceAddress)?.name ?? t.world.peerName(deviceAddress);
  return { deviceAddress, name };
}

// The pairing window.

function covers({ deviceAddress }: Pairing, device: string): boolean {
  return deviceAddress === null || deviceAddress === device;
}

/** Whether that device may use the button because an operator said so. */
export function opensButton(t: Transition, device: string): boolean {
  const { pairing } = t.state;
  return pairing?.method === 'pbc' && covers(pairing, device);
}

/** The PIN by which that device is admitted because an operator said so. */
export function windowPin(t: Transition, device: string): string | null {
  const { pairing } = t.state;
  return pairing && covers(pairing, device) ? pairing.pin : null;
}

/** Whether this phone was admitted through the window. */
export function isThrough(
  pairing: Pairing,
  { deviceAddress, method, pin }: Pick<Enrolment, 'deviceAddress' | 'method' | 'pin'>,
): boolean {
  if (!covers(pairing, deviceAddress)) return false;
  if (pairing.method === 'pbc') return method === 'pbc';
  return method !== 'pbc' && pin === pairing.pin;
}

/**
 * Whether the registrar belongs to the window while it is open. A PIN for one phone cannot be armed before the phone is
 * seen, so such a window takes turns with the others.
 */
export function windowOwnsRegistrar(t: Transition): boolean {
  const { pairing } = t.state;
  return pairing !== null && (pairing.method === 'pbc' || pairing.deviceAddress === null);
}
