import { isGroupInterface, mayBeOurs } from '../system/interface-names.js';
import { INTERFACES, STATUS } from '../wpa/command.js';
import type { KnownEvent } from '../wpa/event.js';
import { isFailure, isStatus, parseInterfaces, parseStatus } from '../wpa/reply.js';
import { addressMissing, serveAddresses } from './addresses.js';
import { announceFound, formWanted, retryAfterEnd } from './attempt.js';
import { lookAtStation } from './awaiting.js';
import { refreshSearch, startSearch } from './discovery.js';
import { endGroup, keepGroup, noteGroupName, REMOVAL_LIMIT_MS, removeGroup } from './group.js';
import type { Input, Tag } from './messages.js';
import type { LinkName } from './model.js';
import { fulfil } from './orders.js';
import { credentialGiven } from './pairing.js';
import {
  clientsReceived,
  lookUpProfile,
  passphraseReceived,
  profileAdded,
  profileModeReceived,
  profilesListed,
} from './persistent-group.js';
import type { Group } from './phase.js';
import { INSPECTING } from './phase.js';
import { buttonTimedOut, buttonUsed } from './push-button.js';
import type { GroupEnd } from './reasons.js';
import { attemptStarted, buttonOpened } from './registrar.js';
import { isHalted, isOrdered, isRemoving, isSameNetwork, runningGroup, techniqueOf } from './selectors.js';
import { startWalk, stationEvent, stationNamed, stationRejected, walkReply } from './stations.js';
import { applySettings } from './supplicant-settings.js';
import type { PhaseRules, Transition } from './transition.js';
import { groupView } from './views.js';
import { armAnew, armForAnyDevice, enrolleeSeen, pinNeeded } from './wps.js';
import { attemptOnGroup, wpsFailed } from './wps-failures.js';

/** The phase `running`: a group is up. */

/** How often wpa_supplicant is asked whether the group is still there while no link to the group confirms it. */
const GROUP_CHECK_MS = 5_000;
/** How often a removal without a result is requested. */
const MAX_REMOVALS = 2;

export const running: PhaseRules<'running'> = {
  /** A group with `lostAt` ran before the link was lost and has been found again: nothing is reported. */
  entered(t, { group }) {
    if (group.lostAt !== null) {
      t.log('info', { type: 'group-found-again', interface: group.interface, ssid: group.ssid });
    } else {
      t.setAttempts({ leftover: false });
      noteGroupName(t, group.interface);
      announceFound(t, group);
      t.emit({ type: 'groupStarted', group: groupView(group), adopted: group.adopted });
    }
    if (group.linkUp) groupLinkUp(t, group);
    else t.setGroup({ ...group, checkAt: t.world.now + GROUP_CHECK_MS });
    serveAddresses(t, group);
    startSearch(t);
    lookAtStation(t);
    fulfil(t, 'up');
    if (isRemoving(group)) removeGroup(t, { ...current(t, group), removal: null });
  },

  input(t, { group }, input) {
    switch (input.type) {
      case 'event':
        return input.event.type !== 'unknown' && event(t, group, input.link, input.event);
      case 'reply':
        return reply(t, group, input.tag, input.reply);
      case 'no-reply':
        return noReply(t, group, input);
      case 'timer':
        return timer(t, group, input);
      case 'link-up':
        if (input.link !== 'group') return false;
        groupLinkUp(t, group);
        return true;
      case 'link-down':
        if (input.link !== 'group') return false;
        t.setGroup({ ...group, linkUp: false, walk: null });
        askGroupCheck(t, group);
        return true;
      case 'link-waiting':
        if (input.link !== 'group') return false;
        askGroupCheck(t, group, input.reason);
        return true;
      case 'link-missed':
        linkMissed(t, group, input.link);
        return true;
      case 'link-held-back':
        lookAtUnseen(t, group, input.link);
        return true;
      case 'no-address':
        addressMissing(t, group, input.address);
        return true;
      default:
        return false;
    }
  },

  resumed(t, { group }) {
    applySettings(t);
    askGroupCheck(t, group);
    startSearch(t);
  },

  configured(t, { group }) {
    serveAddresses(t, group);
    // wpa_supplicant has read its file again: profiles may have other numbers, or be gone.
    lookUpProfile(t, { ...group, networkId: null });
  },

  dueAt: (t, { group }) => ({
    discovery: t.state.discovery.nextAt,
    'group-check': group.checkAt,
    removal: group.removal?.until ?? null,
  }),
};

/** Events of stations and WPS come on the group's link, or on the device's where the group runs on that interface. */
function event(t: Transition, group: Group, link: LinkName, event: KnownEvent): boolean {
  const shared = group.interface === t.world.deviceInterface;
  if (link === 'group' || shared) {
    if (groupEvent(t, group, event)) return true;
  } else if (event.type === 'AP-STA-CONNECTED' || event.type === 'AP-STA-DISCONNECTED') {
    stationEvent(t, group, 'device', event);
    return true;
  }
  return link === 'device' && deviceEvent(t, group, event);
}

function groupEvent(t: Transition, group: Group, event: KnownEvent): boolean {
  switch (event.type) {
    case 'AP-STA-CONNECTED':
    case 'AP-STA-DISCONNECTED':
      stationEvent(t, group, 'group', event);
      return true;
    case 'WPS-ENROLLEE-SEEN':
      enrolleeSeen(t, event);
      return true;
    case 'WPS-PIN-NEEDED':
      pinNeeded(t, event);
      return true;
    case 'CTRL-EVENT-EAP-STARTED':
      attemptStarted(t);
      return true;
    case 'WPS-REG-SUCCESS':
      credentialGiven(t, event);
      return true;
    case 'WPS-FAIL':
      wpsFailed(t, event, attemptOnGroup(t));
      return true;
    case 'WPS-PBC-ACTIVE':
      buttonOpened(t);
      return true;
    case 'WPS-PBC-DISABLE':
      buttonUsed(t);
      return true;
    case 'WPS-TIMEOUT':
      buttonTimedOut(t);
      return true;
    case 'AP-REJECTED-MAX-STA':
    case 'AP-REJECTED-BLOCKED-STA':
    case 'AP-STA-POSSIBLE-PSK-MISMATCH':
      stationRejected(t, event);
      return true;
    case 'AP-DISABLED':
      // The group may be about to end or to change its channel. Where no event follows, it is asked for.
      t.setGroup({ ...group, checkAt: t.world.now + GROUP_CHECK_MS });
      return true;
    case 'CTRL-EVENT-CHANNEL-SWITCH':
      channelSwitched(t, group, event.frequency);
      return true;
    default:
      return false;
  }
}

function deviceEvent(t: Transition, group: Group, event: KnownEvent): boolean {
  switch (event.type) {
    case 'P2P-GROUP-STARTED':
      if (event.role !== 'GO' || !mayBeOurs(event.interface, t.world.deviceInterface)) return false;
      if (event.interface === group.interface) {
        // Formed again, on another channel.
        lookAtGroup(t);
      } else {
        noteGroupName(t, event.interface);
        t.setSupplicant({ secondGroup: true });
        t.log('warning', { type: 'second-group', interface: event.interface, managed: group.interface });
      }
      return true;
    case 'P2P-GROUP-REMOVED':
      if (event.role !== 'GO' || event.interface !== group.interface) return false;
      ended(t, group, { cause: 'removed', reason: event.reason });
      return true;
    case 'P2P-REMOVE-AND-REFORM-GROUP':
      lookAtGroup(t);
      return true;
    default:
      return false;
  }
}

function reply(t: Transition, group: Group, tag: Tag, text: string): boolean {
  switch (tag.kind) {
    case 'group-status':
      groupStatus(t, group, text);
      return true;
    case 'group-check':
      groupChecked(t, group, text, tag.reason);
      return true;
    case 'group-remove':
      if (isFailure(text)) keepGroup(t, group, { cause: 'refused', reply: text });
      return true;
    case 'walk':
      walkReply(t, text);
      return true;
    case 'station-name':
      stationNamed(t, tag.address, text);
      return true;
    case 'group-profile':
      profilesListed(t, group, tag.before, text);
      return true;
    case 'group-profile-mode':
      profileModeReceived(t, group, text);
      return true;
    case 'group-passphrase':
      passphraseReceived(t, group, text);
      return true;
    case 'group-clients':
      clientsReceived(t, group, text);
      return true;
    case 'restore-profile':
      profileAdded(t, group, text);
      return true;
    default:
      return false;
  }
}

function noReply(
  t: Transition,
  group: Group,
  { tag, reason }: Extract<Input, { type: 'no-reply' }>,
): boolean {
  switch (tag.kind) {
    case 'walk':
      walkReply(t, null);
      return true;
    case 'station-name':
      stationNamed(t, tag.address, null);
      return true;
    case 'restore-profile':
      profileAdded(t, group, `FAIL (${reason})`);
      return true;
    default:
      return false;
  }
}

function timer(t: Transition, group: Group, { timer }: Extract<Input, { type: 'timer' }>): boolean {
  switch (timer) {
    case 'group-check':
      askGroupCheck(t, group);
      return true;
    case 'removal':
      removalTimedOut(t, group);
      return true;
    case 'discovery':
      refreshSearch(t);
      lookAtStation(t);
      return true;
    default:
      return false;
  }
}

/** The group as it is by now in this step. */
function current(t: Transition, group: Group): Group {
  return runningGroup(t) ?? group;
}

/** The link to the group's own socket is attached: asks for what happened before. */
function groupLinkUp(t: Transition, group: Group): void {
  const linked = { ...group, linkUp: true, lostAt: null, checkAt: null };
  t.setGroup(linked);
  // What the registrar holds is not known: its events were lost, or another session armed it.
  const unknown = group.adopted || group.lostAt !== null || t.state.registrar.holds !== 'nothing';
  if (unknown || isHalted(t)) armAnew(t);
  lookAtGroup(t);
  lookUpProfile(t, linked);
}

/** Asks for status and stations. */
function lookAtGroup(t: Transition): void {
  t.question('group', STATUS, { kind: 'group-status' });
  startWalk(t);
}

/** Events were lost, perhaps with a restart of wpa_supplicant. */
function linkMissed(t: Transition, group: Group, link: LinkName): void {
  const shared = group.interface === t.world.deviceInterface;
  if (link === 'device') {
    applySettings(t);
    t.setSupplicant({ secondGroup: true });
  }
  if (link === 'group' || shared) {
    if (t.state.registrar.holds !== 'nothing') armAnew(t);
    lookAtGroup(t);
  } else {
    askGroupCheck(t, group);
  }
}

/** While events are held back, each heartbeat asks for what they would have said. */
function lookAtUnseen(t: Transition, group: Group, link: LinkName): void {
  // With the answer comes a look at the group itself.
  if (link === 'device') askGroupCheck(t, group);
  else lookAtGroup(t);
  if (group.linkUp) armForAnyDevice(t);
}

/** The interface, which a group may share with other networks, may have another one now, or none. */
function groupStatus(t: Transition, group: Group, reply: string): void {
  if (!isStatus(reply)) return;
  const status = parseStatus(reply);
  const isOwner = status.mode?.startsWith('P2P GO') ?? false;
  if (!isOwner || !isSameNetwork(group, status)) {
    vanished(t, group, isOwner ? status.ssid : null);
    return;
  }
  t.setGroup({
    ...group,
    ssid: status.ssid ?? group.ssid,
    ssidHex: status.ssidHex ?? group.ssidHex,
    frequency: status.frequency ?? group.frequency,
  });
}

function channelSwitched(t: Transition, group: Group, frequency: number | null): void {
  if (frequency === null || frequency === group.frequency) return;
  t.setGroup({ ...group, frequency });
  t.log('info', { type: 'channel-changed', interface: group.interface, frequency });
}

/**
 * Asks whether the group still exists: its interface can be taken from wpa_supplicant without an event. The question is
 * repeated until the link to the group is there.
 * @param reason why there is no link, where a try has just failed
 */
function askGroupCheck(t: Transition, group: Group, reason: string | null = null): void {
  const { linkUp } = current(t, group);
  t.setGroup({ ...current(t, group), checkAt: linkUp ? null : t.world.now + GROUP_CHECK_MS });
  t.question('device', INTERFACES, { kind: 'group-check', reason });
}

function groupChecked(t: Transition, group: Group, reply: string, reason: string | null): void {
  const interfaces = isFailure(reply) ? null : parseInterfaces(reply);
  const { deviceInterface } = t.world;
  // The start of another group may not have been reported.
  if (interfaces?.some((name) => name !== group.interface && isGroupInterface(name, deviceInterface)))
    t.setSupplicant({ secondGroup: true });
  if (interfaces && !interfaces.includes(group.interface)) {
    vanished(t, group);
    return;
  }
  if (reason !== null && !group.linkUp) t.log('warning', { type: 'group-unlinked', reason });
  if (group.linkUp) lookAtGroup(t);
}

/**
 * The group's interface, or the group on it, is gone without an event.
 * @param successor the name of another group that is on the interface now
 */
function vanished(t: Transition, group: Group, successor: string | null = null): void {
  // The end of a removal that we requested is no loss.
  if (!isRemoving(group))
    t.effects.push({
      type: 'investigate-loss',
      interface: group.interface,
      ...(successor !== null && { successor }),
    });
  ended(t, group, { cause: 'vanished' });
}

/** The group was removed, or its access point failed: where it should be up, it is formed again. */
function ended(t: Transition, group: Group, end: GroupEnd): void {
  endGroup(t, group, end);
  // For an operator who wants it now there is no wait.
  if (techniqueOf(t.settings).alwaysUp && !isHalted(t) && !isOrdered(t, 'up')) retryAfterEnd(t, end);
  // Of one that has gone without an event the next one may have come without an event.
  else if (t.state.supplicant.secondGroup || end.cause === 'vanished') t.enter(INSPECTING);
  else formWanted(t);
}

/** The end of the group has not been reported: perhaps it is gone all the same. Or a failed removal is due again. */
function removalTimedOut(t: Transition, group: Group): void {
  if (group.removal?.stage !== 'requested') return;
  // Without a group the answer ends it.
  askGroupCheck(t, group);
  if (group.removal.tries < MAX_REMOVALS) {
    removeGroup(t, current(t, group));
    return;
  }
  const seconds = (REMOVAL_LIMIT_MS * MAX_REMOVALS) / 1000;
  keepGroup(t, current(t, group), { cause: 'timed-out', interface: group.interface, seconds });
}
