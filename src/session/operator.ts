import { deauthenticate, getNetwork, removeClient } from '../wpa/command.js';
import { isFailure, parseClientList } from '../wpa/reply.js';
import { answerRecall } from './attempt.js';
import { searchForOperator, stopSearch } from './discovery.js';
import { failWaiting } from './enrolments.js';
import { abandonInvitation, forgetInviter, inviteForOperator } from './invitations.js';
import type { OperatorTag } from './messages.js';
import { dropOrders, order, refuseOrders } from './orders.js';
import { closePairing, openPairing } from './pairing.js';
import { withoutClient } from './persistent-group.js';
import type { Station } from './phase.js';
import type { Refusal } from './reasons.js';
import { takeBack } from './registrar.js';
import { pinEntered } from './requests.js';
import { attemptOf, haltReason, isAttached, isRemoving, runningGroup, stationOf } from './selectors.js';
import type { ClientView, OperatorCommand } from './session-event.js';
import { saveConfig } from './supplicant-settings.js';
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
    case 'enter-pin':
      return pinEntered(t, id, command.deviceAddress, command.pin);
    case 'clients':
      return listClients(t, id);
    case 'invite':
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

/** The client has gone: what was begun for it goes on, but nothing is kept for it. */
export function operatorGone(t: Transition, id: number): void {
  dropOrders(t, id);
  forgetInviter(t, id);
  const occasion = attemptOf(t);
  if (occasion?.kind === 'recall' && occasion.operator === id)
    answerRecall(t, { code: 'CONTROL_CLOSED', reason: { cause: 'client-gone' } });
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
    t.refuse(id, 'DEVICE_UNKNOWN', { cause: 'not-on-group', address });
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
    t.refuse(id, 'COMMAND_REFUSED', { cause: 'reply', reply });
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

// The group.

/** Removes the group, and lets none be formed from now on. */
function stopGroup(t: Transition, id: number): void {
  if (!t.state.operator.groupStopped) {
    t.setOperator({ groupStopped: true });
    t.log('info', { type: 'group-ordered', wants: 'gone' });
    closePairing(t, 'failed');
    failWaiting(t, { cause: 'group-stopped' });
    takeBack(t);
  }
  const refusal: Refusal = { code: 'STATE', reason: { cause: haltReason(t) ?? 'group-stopped' } };
  refuseOrders(t, 'up', refusal);
  order(t, id, 'gone');
  const group = runningGroup(t);
  abandonInvitation(t, refusal);
  if (!group) ceaseForming(t, refusal);
  // The end of the step removes the group, also where that has failed before.
  else if (!isRemoving(group)) t.setGroup({ ...group, removal: null });
}

/** No group should come of what is under way, where it can be taken back. */
function ceaseForming(t: Transition, refusal: Refusal): void {
  const next = t.rules.abandon?.(t, t.state.phase) ?? null;
  if (next === null) return;
  answerRecall(t, refusal);
  t.enter(next);
}

/** Forms the group now, unless it is there, and reverts `stopGroup`. */
function startGroup(t: Transition, id: number): void {
  if (t.state.operator.paused) {
    t.refuse(id, 'STATE', { cause: 'paused' });
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
  if (!group) refuseOrders(t, 'gone', { code: 'STATE', reason: { cause: 'group-started' } });
  order(t, id, 'up');
  t.rules.wanted?.(t, t.state.phase);
}

// The session.

/** Admits no one, forms no group and stops searching. Connected stations stay. */
function pause(t: Transition, id: number): void {
  if (!t.state.operator.paused) {
    t.setOperator({ paused: true });
    t.emit({ type: 'paused' });
    standDown(t);
  }
  t.done(id);
}

function standDown(t: Transition): void {
  const refusal: Refusal = { code: 'STATE', reason: { cause: 'paused' } };
  closePairing(t, 'failed');
  refuseOrders(t, 'up', refusal);
  abandonInvitation(t, refusal);
  failWaiting(t, { cause: 'paused' });
  t.update({ discovery: { ...t.state.discovery, nextAt: null } });
  if (!isAttached(t)) return;
  takeBack(t);
  stopSearch(t);
  ceaseForming(t, refusal);
}

/** Continues as after the start. */
function resume(t: Transition, id: number): void {
  if (t.state.operator.paused) {
    t.setOperator({ paused: false });
    t.emit({ type: 'resumed' });
    t.rules.resumed?.(t, t.state.phase);
  }
  t.done(id);
}
