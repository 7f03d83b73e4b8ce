import { INTERFACES, STATUS } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { isFailure, parseInterfaces, parseStatus, type Status } from '../wpa/reply.js';
import { serveAddresses, withdrawAddresses } from './addresses.js';
import { startDiscovery } from './discovery.js';
import { removeGroup, UNUSED_LIMIT_MS } from './emptiness.js';
import { groupView } from './facts.js';
import { groupNumber, isGroupName, mayBeOurs } from './group-name.js';
import { fulfil, isOrdered } from './group-orders.js';
import { keep, lookAtProfile } from './group-profile.js';
import { isHalted } from './halt.js';
import { heldGroup, runningGroup } from './held.js';
import { abandonInvitation } from './invitation.js';
import type { Group } from './model.js';
import { becameClient, negotiationDone } from './negotiation.js';
import { forgetServed } from './pairing.js';
import { answerRecall } from './recall-answer.js';
import { registrarEmptied, takeBack } from './registrar.js';
import { settle } from './settle.js';
import { farewell, startWalk } from './stations.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/** The life of a running group: from its first sign to its last. */

/** How often wpa_supplicant is asked whether the group is still there while no link to the group confirms it. */
const GROUP_CHECK_MS = 5_000;
/** A group that lasted this long counts as a success: the next failure starts from the shortest rest. */
const LASTING_MS = 60_000;

interface GroupStart {
  readonly interface: string;
  readonly ssid: string | null;
  readonly ssidHex: string | null;
  readonly frequency: number | null;
  readonly networkId: number | null;
  readonly adopted: boolean;
}

/** A group is up, ours or found. */
export function beginGroup(turn: Turn, start: GroupStart, linkUp: boolean): void {
  const { adopted } = start;
  const group: Group = {
    ...start,
    restoring: false,
    since: turn.world.now,
    linkUp: false,
    used: false,
    removing: false,
    removals: 0,
    removalFailed: false,
    lostAt: null,
    ordered: isOrdered(turn, 'up'),
    stations: new Map(),
    walk: null,
  };
  enterRunning(turn, group);
  turn.update({ leftover: false });
  noteGroupName(turn, group.interface);
  const label = `"${group.ssid ?? '?'}"${group.frequency === null ? '' : ` at ${group.frequency} MHz`}`;
  turn.log('info', `${group.interface}: group ${label} is ${adopted ? 'already up' : 'up'}`);
  turn.emit({ type: 'groupStarted', group: groupView(group), adopted });
  if (!linkUp) turn.effects.push({ type: 'open-group', interface: group.interface });
  serveGroup(turn, group, linkUp);
}

function enterRunning(turn: Turn, group: Group): void {
  turn.cancel('forming', 'resting', 'adopting', 'held');
  turn.enter({ name: 'running', group });
}

/** The group that ran when the link was lost is still there: nothing is reported, and nothing begins anew. */
export function resumeGroup(turn: Turn, held: Group, linkUp: boolean): void {
  const group = { ...held, linkUp: false, walk: null, removing: false };
  enterRunning(turn, group);
  turn.log('info', `${group.interface}: group "${group.ssid ?? '?'}" found again`);
  serveGroup(turn, group, linkUp);
  if (held.removing) removeGroup(turn, runningGroup(turn) ?? group);
}

/** What is done for a group from its first moment on, and after each time that it was out of reach. */
function serveGroup(turn: Turn, group: Group, linkUp: boolean): void {
  if (linkUp) groupLinkUp(turn, group);
  else turn.timer('group-check', GROUP_CHECK_MS);
  serveAddresses(turn, group);
  if (techniqueOf(turn.settings).passing && !group.adopted) turn.timer('unused', UNUSED_LIMIT_MS);
  startDiscovery(turn);
  fulfil(turn, 'up');
  endUnwanted(turn);
}

/** Names count upwards as long as wpa_supplicant lives, so a lower number is of an older group. */
export function noteGroupName(turn: Turn, ...names: readonly string[]): void {
  const { newestGroup } = turn.state;
  const numbers = names.map((name) => groupNumber(name, turn.world.deviceInterface) ?? -1);
  const newest = Math.max(newestGroup, ...numbers);
  if (newest !== newestGroup) turn.update({ newestGroup: newest });
}

export function isOlderGroup(turn: Turn, name: string): boolean {
  const number = groupNumber(name, turn.world.deviceInterface);
  return number !== null && number <= turn.state.newestGroup;
}

/** A group that came up while an operator wants none: a phone was faster, or another program wants one. */
export function endUnwanted(turn: Turn): void {
  const group = runningGroup(turn);
  if (!group || group.removing || !turn.state.groupStopped) return;
  const level = group.removalFailed ? 'debug' : 'info';
  turn.log(level, `${group.interface}: the group is stopped, so this one is removed`);
  removeGroup(turn, group);
}

/** `P2P-GROUP-STARTED` on the device link. */
export function groupStarted(turn: Turn, event: EventOf<'P2P-GROUP-STARTED'>): void {
  const { phase } = turn.state;
  if (!mayBeOurs(event.interface, turn.world.deviceInterface)) {
    turn.log('warning', `${event.interface}: a group of another radio; not managed here`);
    return;
  }
  if (event.role !== 'GO') {
    becameClient(turn, event.interface);
    turn.log('info', `${event.interface}: a group that another device owns; not ours to manage`);
    return;
  }
  if (phase.name === 'running') {
    if (phase.group.interface !== event.interface) {
      noteGroupName(turn, event.interface);
      turn.update({ secondGroup: true });
      turn.log('warning', `${event.interface}: a second group; only ${phase.group.interface} is managed`);
    } else {
      // Formed anew on another channel.
      refreshGroup(turn);
    }
    return;
  }
  const held = heldGroup(turn);
  if (held && held.interface === event.interface && isSameNetwork(held, event)) {
    // Formed anew, or wpa_supplicant was restarted: the walk tells who is still on it.
    turn.effects.push({ type: 'open-group', interface: held.interface });
    resumeGroup(turn, held, false);
    return;
  }
  if (held) endGroup(turn, held, 'gone after the link was lost');
  const adopted = phase.name !== 'forming';
  const networkId = phase.name === 'forming' && phase.plan.kind === 'profile' ? phase.plan.networkId : null;
  const { ssid, ssidHex, frequency } = event;
  answerRecall(turn, null);
  if (phase.name === 'forming') negotiationDone(turn, phase.occasion);
  beginGroup(turn, { interface: event.interface, ssid, ssidHex, frequency, networkId, adopted }, false);
  if (event.persistent && techniqueOf(turn.settings).persistent)
    keep(turn, ssidHex, event.passphrase, event.psk);
}

/** The link to the group's own socket is attached: ask for what happened before. */
export function groupLinkUp(turn: Turn, group: Group): void {
  turn.cancel('group-check');
  const linked = { ...group, linkUp: true, lostAt: null };
  turn.setGroup(linked);
  // What it holds is known no more: its events went by unheard, or another session armed it.
  const unknown = group.adopted || group.lostAt !== null || turn.state.registrar.holds !== 'nothing';
  if (unknown || isHalted(turn)) takeBack(turn);
  refreshGroup(turn);
  lookAtProfile(turn, linked);
  settle(turn);
}

/** Looks at status and stations anew. */
export function refreshGroup(turn: Turn): void {
  turn.request('group', STATUS, { kind: 'group-status' });
  startWalk(turn);
}

/** Events of the group were lost, those of its registrar among them. */
export function eventsMissed(turn: Turn): void {
  if (turn.state.registrar.holds !== 'nothing') takeBack(turn);
  refreshGroup(turn);
  settle(turn);
}

export function groupLinkDown(turn: Turn, group: Group): void {
  turn.setGroup({ ...group, linkUp: false, walk: null });
  askGroupCheck(turn);
}

/** The group may be about to end or to move to another channel; where nothing of that comes, it is looked at. */
export function accessPointEnded(turn: Turn): void {
  turn.timer('group-check', GROUP_CHECK_MS);
}

/** @returns true where the interface, which a group may share with other networks, has another one, or none any more */
export function groupStatus(turn: Turn, group: Group, reply: string): boolean {
  const status = parseStatus(reply);
  if (!status.mode?.startsWith('P2P GO') || !isSameNetwork(group, status)) return true;
  turn.setGroup({
    ...group,
    ssid: status.ssid ?? group.ssid,
    ssidHex: status.ssidHex ?? group.ssidHex,
    frequency: status.frequency ?? group.frequency,
  });
  return false;
}

/** Whether the status can be this group's: names may be unknown, but not different. */
export function isSameNetwork(group: Group, { ssidHex }: Pick<Status, 'ssidHex'>): boolean {
  return ssidHex === null || group.ssidHex === null || ssidHex === group.ssidHex;
}

export function channelSwitched(turn: Turn, group: Group, frequency: number | null): void {
  if (frequency === null || frequency === group.frequency) return;
  turn.setGroup({ ...group, frequency });
  turn.log('info', `${group.interface}: now at ${frequency} MHz`);
}

/**
 * Asks whether the group still exists: its interface can be taken from wpa_supplicant without an event. The question is
 * repeated until the link to the group is there.
 * @param reason why there is no link, where a try has just failed
 */
export function askGroupCheck(turn: Turn, reason: string | null = null): void {
  if (!runningGroup(turn)?.linkUp) turn.timer('group-check', GROUP_CHECK_MS);
  turn.request('device', INTERFACES, { kind: 'group-check', reason });
}

/** Takes note of whether wpa_supplicant lists a group beside ours: its start may have gone unheard. */
function noteOtherGroups(turn: Turn, interfaces: readonly string[]): void {
  const ours = heldGroup(turn)?.interface;
  const { deviceInterface } = turn.world;
  if (interfaces.some((name) => name !== ours && isGroupName(name, deviceInterface)))
    turn.update({ secondGroup: true });
}

/** @returns true where the group is gone */
export function groupChecked(turn: Turn, group: Group, reply: string, reason: string | null): boolean {
  const interfaces = isFailure(reply) ? null : parseInterfaces(reply);
  if (interfaces) noteOtherGroups(turn, interfaces);
  if (interfaces && !interfaces.includes(group.interface)) return true;
  if (reason !== null && !group.linkUp) turn.log('warning', `no link to the group: ${reason}`);
  return false;
}

/** Reports the end of a group: its stations first, then itself. No phase holds it then; the caller decides what comes next. */
export function endGroup(turn: Turn, group: Group, reason: string): void {
  turn.cancel('group-check', 'enrolment', 'held', 'button', 'unused', 'removal', 'address');
  turn.setEnrolments([]);
  registrarEmptied(turn);
  turn.update({ deaf: { ...turn.state.deaf, group: null } });
  forgetServed(turn);
  abandonInvitation(turn, 'STATE', 'the group has ended meanwhile');
  for (const station of group.stations.values()) {
    // Whoever was never announced has not come, so he does not leave.
    if (station.announced) farewell(turn, group, station);
  }
  turn.effects.push({ type: 'close-group' });
  withdrawAddresses(turn);
  turn.log('info', `${group.interface}: group "${group.ssid ?? '?'}" has ended (${reason})`);
  turn.hook({ hook: 'stop_group', group: groupView(group) });
  turn.update({ groupAnnounced: false });
  turn.emit({ type: 'groupRemoved', group: groupView(group), reason });
  const lasted = turn.world.now - group.since >= LASTING_MS;
  if (lasted) turn.update({ failures: 0 });
  if (lasted || group.used) turn.update({ lastFailure: null, toldFailures: new Set() });
  turn.release();
  fulfil(turn, 'gone');
}
