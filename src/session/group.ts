import { groupNumber } from '../system/interface-names.js';
import { groupRemove } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { reportStation, withdrawAddresses } from './addresses.js';
import { failAllEnrolments } from './enrolments.js';
import { abandonInvitation } from './invitations.js';
import { fulfil, refuseOrders } from './orders.js';
import { forgetConnecting } from './pairing.js';
import { persistGroup } from './persistent-group.js';
import type { Group } from './phase.js';
import { INSPECTING } from './phase.js';
import type { GroupEnd, RemovalFailure } from './reasons.js';
import { registrarEmptied } from './registrar.js';
import { isOrdered, techniqueOf } from './selectors.js';
import type { Transition } from './transition.js';
import { groupView } from './views.js';

/** A group from outside: its start, its removal, its end. What happens while it runs is in running.ts. */

/** A group that lasted this long counts as a success: the next failure starts from the shortest wait. */
const LASTING_MS = 60_000;
/** wpa_supplicant takes a group down within a second; the event can get lost. */
export const REMOVAL_LIMIT_MS = 5_000;
/** A group that could not be removed is removed later, if it still should go. */
const REMOVAL_AGAIN_MS = 60_000;
/** How long a group on demand may stay unused: the phone that negotiated it still has to connect. */
export const UNUSED_LIMIT_MS = 30_000;

type GroupStart = Pick<
  Group,
  'interface' | 'ssid' | 'ssidHex' | 'frequency' | 'networkId' | 'adopted' | 'linkUp'
>;

export function newGroup(t: Transition, start: GroupStart): Group {
  return {
    ...start,
    restoring: false,
    since: t.world.now,
    used: false,
    removal: null,
    lostAt: null,
    ordered: isOrdered(t, 'up'),
    stations: new Map(),
    walk: null,
    checkAt: null,
  };
}

/** `P2P-GROUP-STARTED`: opens the link to the group and manages it. @param adopted another program has formed it */
export function groupUp(
  t: Transition,
  event: EventOf<'P2P-GROUP-STARTED'>,
  networkId: number | null,
  adopted: boolean,
): void {
  const { interface: name, ssid, ssidHex, frequency, persistent, passphrase, psk } = event;
  // What else is up was still being asked, or its event may be among those that were lost.
  const { phase } = t.state;
  if (phase.name === 'inspecting' || ('missed' in phase && phase.missed))
    t.setSupplicant({ secondGroup: true });
  t.effects.push({ type: 'open-group', interface: name });
  const start = { interface: name, ssid, ssidHex, frequency, networkId, adopted, linkUp: false };
  t.enter({ name: 'running', group: newGroup(t, start) });
  if (persistent && techniqueOf(t.settings).persistent) persistGroup(t, ssidHex, passphrase, psk);
}

/** Names count upwards while wpa_supplicant lives, so a lower number is that of an older group. */
export function noteGroupName(t: Transition, ...names: readonly string[]): void {
  const { newestGroup } = t.state.supplicant;
  const numbers = names.map((name) => groupNumber(name, t.world.deviceInterface) ?? -1);
  const newest = Math.max(newestGroup, ...numbers);
  if (newest !== newestGroup) t.setSupplicant({ newestGroup: newest });
}

export function isOlderGroup(t: Transition, name: string): boolean {
  const number = groupNumber(name, t.world.deviceInterface);
  return number !== null && number <= t.state.supplicant.newestGroup;
}

/** Its end comes as an event; where none comes, the timer `removal` goes on. */
export function removeGroup(t: Transition, group: Group): void {
  const { removal } = group;
  const tries = removal?.stage === 'requested' ? removal.tries : 0;
  const failedBefore = removal !== null && (removal.stage === 'failed' || removal.failedBefore);
  const until = t.world.now + REMOVAL_LIMIT_MS;
  t.setGroup({ ...group, removal: { stage: 'requested', tries: tries + 1, until, failedBefore } });
  t.question('device', groupRemove(group.interface), { kind: 'group-remove' });
}

/** The group is still there: the operator's command to stop it fails, and the group is not stopped. */
export function keepGroup(t: Transition, group: Group, failure: RemovalFailure): void {
  const { removal } = group;
  // It is tried again every minute, perhaps for ever.
  const logged = removal !== null && (removal.stage === 'failed' || removal.failedBefore);
  t.log(logged ? 'debug' : 'warning', { type: 'removal-failed', failure });
  t.setGroup({ ...group, removal: { stage: 'failed', until: t.world.now + REMOVAL_AGAIN_MS } });
  if (isOrdered(t, 'gone')) {
    t.setOperator({ groupStopped: false });
    refuseOrders(t, 'gone', { code: 'COMMAND_REFUSED', reason: { cause: 'not-removed', failure } });
  }
  fulfil(t, 'up');
}

/**
 * Removes a group that should not be up: a phone was faster than the operator who stopped it, or another program wants one;
 * or it is on demand, and its last station has left. A failed removal is tried again when it is due.
 */
export function removeUnwanted(t: Transition, group: Group): void {
  const { removal } = group;
  if (removal !== null && (removal.stage === 'requested' || t.world.now < removal.until)) return;
  if (t.state.operator.groupStopped) {
    const known = removal !== null || isOrdered(t, 'gone');
    t.log(known ? 'debug' : 'info', {
      type: 'group-unwanted',
      interface: group.interface,
      because: 'stopped',
    });
  } else if (isUnused(t, group)) {
    const level = removal === null ? 'info' : 'debug';
    t.log(level, { type: 'group-unwanted', interface: group.interface, because: 'empty' });
  } else return;
  removeGroup(t, group);
}

/** Whether a group on demand has nobody on it, and nobody who is about to join. */
function isUnused(t: Transition, group: Group): boolean {
  const { enrolments, pairing } = t.state;
  if (!techniqueOf(t.settings).removedWhenEmpty) return false;
  if (group.stations.size > 0 || enrolments.length > 0 || pairing !== null) return false;
  // Who is on it is not known until the walk is over; after a loss of the link, not before it had time to come back.
  const { lostAt } = group;
  if (group.walk !== null || (lostAt !== null && t.world.now - lostAt < UNUSED_LIMIT_MS)) return false;
  if (group.used) return true;
  // One that was there before us, and that nobody has used since, may be somebody else's.
  return !group.adopted && !group.ordered && t.world.now - group.since >= UNUSED_LIMIT_MS;
}

/**
 * Reports the end of a group: first that its stations have left, then its own. No phase holds it then; the caller enters
 * the next phase.
 */
export function endGroup(t: Transition, group: Group, reason: GroupEnd): void {
  failAllEnrolments(t, { cause: 'group-ended', end: reason }, 'info');
  registrarEmptied(t);
  t.setSupplicant({ heldBack: { ...t.state.supplicant.heldBack, group: null } });
  forgetConnecting(t);
  abandonInvitation(t, { code: 'STATE', reason: { cause: 'group-ended' } });
  for (const station of group.stations.values()) {
    // One that still waits for its name has come all the same.
    if (!station.announced) {
      reportStation(t, group, station, 'connect');
      if (station.ip !== null) reportStation(t, group, station, 'address');
    }
    reportStation(t, group, station, 'disconnect');
  }
  // While a candidate is tried, the link is the one to that.
  const { phase: present } = t.state;
  if (present.name !== 'adopting' || present.candidates.length === 0) t.effects.push({ type: 'close-group' });
  withdrawAddresses(t);
  t.hook({ hook: 'stop_group', group: groupView(group) });
  t.emit({ type: 'groupRemoved', group: groupView(group), reason });
  const lasted = t.world.now - group.since >= LASTING_MS;
  if (lasted) t.setAttempts({ failures: 0 });
  if (lasted || group.used) t.setAttempts({ last: null, logged: new Set() });
  const { phase } = t.state;
  t.amend('keptGroup' in phase ? { ...phase, keptGroup: null } : INSPECTING);
  fulfil(t, 'gone');
}
