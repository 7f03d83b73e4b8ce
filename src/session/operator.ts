import { deauthenticate, getNetwork, P2P_CANCEL, P2P_STOP_FIND, removeClient } from '../wpa/command.js';
import { isFailure, parseClientList } from '../wpa/reply.js';
import { refusalText } from '../wpa/status-words.js';
import { answerRecall, proceed, withdrawAnnouncement } from './attempt.js';
import { searchForOperator, startSearch } from './discovery.js';
import { failAllEnrolments } from './enrolments.js';
import { abandonInvitation, forgetInviter, inviteForOperator } from './invitations.js';
import type { OperatorTag } from './messages.js';
import type { Station } from './model.js';
import { INSPECTING } from './model.js';
import { dropOrders, order, refuseOrders } from './orders.js';
import { closePairing, openPairing } from './pairing.js';
import { withoutClient } from './persistent-group.js';
import { takeBack } from './registrar.js';
import { pinEntered } from './requests.js';
import { askGroupCheck } from './running.js';
import { attemptOf, haltReason, isRemoving, runningGroup, stationOf, techniqueOf } from './selectors.js';
import type { ClientView, OperatorCommand } from './session-event.js';
import { applySettings, inspect, saveConfig } from './supplicant-settings.js';
import type { Transition } from './transition.js';

/** An operator's commands. Each is answered exactly once. */
export function operatorInput(t: Transition, id: number, command: OperatorCommand): void {
  switch (command.kind) {
    case 'pause':
      return pause(t, id);
    case 'resume':
      return resume(t, id);
    case 'stop-pairing':
      closePairing(t, 'stopped');
      t.done(id);
      return;
    default:
      if (t.state.phase.name !== 'detached') return attachedInput(t, id, command);
      t.refuse(id, 'CONTROL_UNAVAILABLE', 'there is no link to wpa_supplicant');
  }
}

/** The client has gone: what was begun for it goes on, but nothing is kept for it. */
export function operatorGone(t: Transition, id: number): void {
  dropOrders(t, id);
  forgetInviter(t, id);
  const occasion = attemptOf(t);
  if (occasion?.kind === 'recall' && occasion.operator === id)
    answerRecall(t, { code: 'CONTROL_CLOSED', message: 'the client has gone' });
}

/** The commands that need wpa_supplicant. */
function attachedInput(
  t: Transition,
  id: number,
  command: Exclude<OperatorCommand, { kind: 'pause' | 'resume' | 'stop-pairing' }>,
): void {
  switch (command.kind) {
    case 'enter-pin':
      return pinEntered(t, id, command.deviceAddress, command.pin);
    case 'clients':
      return listClients(t, id);
    case 'invite':
      if (t.state.phase.name === 'idle') return recall(t, id, command.deviceAddress);
      return inviteForOperator(t, id, command.deviceAddress);
    case 'disconnect':
      return disconnect(t, id, command.address);
    case 'forget':
      t.request('device', removeClient(command.deviceAddress), {
        kind: 'operator',
        id,
        what: { kind: 'forget', deviceAddress: command.deviceAddress },
      });
      return;
    case 'pair':
      return openPairing(t, id, command);
    case 'start-group':
      return startGroup(t, id);
    case 'stop-group':
      return stopGroup(t, id);
    case 'find':
      return searchForOperator(t, id, command.seconds);
    default:
      command satisfies never;
  }
}

// Phones.

function listClients(t: Transition, id: number): void {
  const { networkId } = t.state;
  const what = { kind: 'clients' } as const;
  if (networkId === null) t.done(id, views(t, t.world.stored?.clients ?? []));
  else t.request('device', getNetwork(networkId, 'p2p_client_list'), { kind: 'operator', id, what });
}

function views(t: Transition, addresses: readonly string[]): ClientView[] {
  return addresses.map((deviceAddress) => ({
    deviceAddress,
    name: t.world.peerName(deviceAddress),
    connected: stationAt(t, deviceAddress) !== undefined,
  }));
}

/** By device or interface address. */
function stationAt(t: Transition, address: string): Station | undefined {
  return stationOf(t, address) ?? runningGroup(t)?.stations.get(address);
}

function disconnect(t: Transition, id: number, address: string): void {
  const station = stationAt(t, address);
  if (!station) {
    t.refuse(id, 'DEVICE_UNKNOWN', `expected the address of a station on the group, got ${address}`);
    return;
  }
  const what = { kind: 'disconnect' } as const;
  t.request('group', deauthenticate(station.address), { kind: 'operator', id, what });
}

export function operatorAnswered(t: Transition, id: number, what: OperatorTag, reply: string): void {
  // A profile without clients has no list to give.
  if (what.kind === 'clients') {
    t.done(id, views(t, parseClientList(reply)));
    return;
  }
  if (isFailure(reply)) {
    t.refuse(id, 'COMMAND_REFUSED', `wpa_supplicant answered ${refusalText(reply)}`);
    return;
  }
  if (what.kind === 'forget') forget(t, what.deviceAddress);
  t.done(id);
}

/** wpa_supplicant has removed the device from its list and from the group, with `per_sta_psk` its passphrase too. */
function forget(t: Transition, deviceAddress: string): void {
  const { stored } = t.world;
  if (stored) t.effects.push({ type: 'store', group: withoutClient(stored, deviceAddress) });
  saveConfig(t);
  if (!t.settings.per_sta_psk) t.log('info', { type: 'forgotten', deviceAddress });
}

/** Without a group: invites a phone back to the persistent one, which starts it. */
function recall(t: Transition, operator: number, deviceAddress: string): void {
  const { networkId } = t.state;
  const halted = haltReason(t);
  if (halted !== null) t.refuse(operator, 'STATE', halted);
  else if (networkId === null || !techniqueOf(t.settings).persistent)
    t.refuse(operator, 'STATE', 'no group is up, and no persistent one is known that could be started');
  else proceed(t, { kind: 'recall', deviceAddress, operator }, { kind: 'profile', networkId, ssid: null });
}

// The group.

/** Removes the group, and lets none be formed from now on. */
function stopGroup(t: Transition, id: number): void {
  if (!t.state.operator.groupStopped) {
    t.setOperator({ groupStopped: true });
    t.log('info', { type: 'group-ordered', wants: 'gone' });
    closePairing(t, 'failed');
    takeBack(t);
  }
  const reason = haltReason(t) ?? '';
  refuseOrders(t, 'up', { code: 'STATE', message: reason });
  order(t, id, 'gone');
  const group = runningGroup(t);
  if (!group) ceaseForming(t, reason);
  // The end of the step removes the group, also where that has failed before.
  else if (!isRemoving(group)) t.setGroup({ ...group, removal: null });
}

/**
 * No group should come of what is under way. What wpa_supplicant cannot take back comes to its end by itself, and then there
 * is a group or none.
 */
function ceaseForming(t: Transition, reason: string): void {
  const { phase } = t.state;
  switch (phase.name) {
    case 'backoff':
      // Another group may be up.
      if (t.state.supplicant.secondGroup) t.enter(INSPECTING);
      else t.enter({ name: 'idle' });
      return;
    case 'idle':
    case 'announcing':
      answerRecall(t, { code: 'STATE', message: reason });
      withdrawAnnouncement(t);
      t.enter({ name: 'idle' });
      return;
    case 'forming':
      if (phase.occasion.kind !== 'request') return;
      t.request('device', P2P_CANCEL);
      t.enter({ name: 'idle' });
      return;
    default:
      return;
  }
}

/** Forms the group now, unless it is there, and reverts `stopGroup`. */
function startGroup(t: Transition, id: number): void {
  if (t.state.operator.paused) {
    t.refuse(id, 'STATE', haltReason(t) ?? '');
    return;
  }
  if (t.state.operator.groupStopped) {
    t.setOperator({ groupStopped: false });
    t.log('info', { type: 'group-ordered', wants: 'up' });
  }
  const group = runningGroup(t);
  if (group && !isRemoving(group)) {
    t.done(id);
    return;
  }
  // A group that is being removed goes first; any other may stay now.
  if (!group)
    refuseOrders(t, 'gone', { code: 'STATE', message: 'an operator has started the group again meanwhile' });
  order(t, id, 'up');
  const { name } = t.state.phase;
  if (name === 'idle' || name === 'backoff') t.enter(INSPECTING);
}

// The session.

/** Admits no one, forms no group and stops searching. Connected stations stay. */
function pause(t: Transition, id: number): void {
  if (!t.state.operator.paused) {
    t.setOperator({ paused: true });
    t.emit({ type: 'paused' });
    standDown(t, haltReason(t) ?? '');
  }
  t.done(id);
}

function standDown(t: Transition, reason: string): void {
  closePairing(t, 'failed');
  refuseOrders(t, 'up', { code: 'STATE', message: reason });
  abandonInvitation(t, { code: 'STATE', message: reason });
  failAllEnrolments(t, reason, 'debug');
  const { phase, discovery } = t.state;
  t.update({ discovery: { ...discovery, nextAt: null } });
  if (phase.name === 'detached') return;
  takeBack(t);
  // The end of the search would end a formation as well.
  if (phase.name !== 'forming') t.request('device', P2P_STOP_FIND);
  ceaseForming(t, reason);
}

/** Continues as after the start, for much may have changed meanwhile. */
function resume(t: Transition, id: number): void {
  if (t.state.operator.paused) {
    t.setOperator({ paused: false });
    t.emit({ type: 'resumed' });
    const { phase } = t.state;
    if (phase.name === 'idle') {
      inspect(t);
    } else if (phase.name === 'running') {
      applySettings(t);
      askGroupCheck(t, phase.group);
      startSearch(t);
    }
  }
  t.done(id);
}
