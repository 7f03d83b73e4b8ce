import { deauthenticate, getNetwork, removeClient } from '../wpa/command.js';
import { isFailure, parseClientList } from '../wpa/reply.js';
import { refusalText } from '../wpa/status-words.js';
import { findForOperator } from './discovery.js';
import { dropOrders } from './group-orders.js';
import { runningGroup, stationOf } from './held.js';
import { inviteForOperator } from './invitation.js';
import type { OperatorTag } from './messages.js';
import type { Station } from './model.js';
import type { ClientView, OperatorCommand } from './operator-command.js';
import { startGroup, stopGroup } from './operator-group.js';
import { openPairing, stopPairing } from './pairing.js';
import { pause, resume } from './pause.js';
import { recall } from './recall.js';
import { answerRecall, recallOf } from './recall-answer.js';
import { pinEntered } from './request.js';
import { withoutClient } from './stored-group.js';
import { saveConfig } from './supplicant-values.js';
import type { Turn } from './turn.js';

/** An operator's commands. Each is answered exactly once. */
export function operatorInput(turn: Turn, id: number, command: OperatorCommand): void {
  switch (command.kind) {
    case 'pause':
      return pause(turn, id);
    case 'resume':
      return resume(turn, id);
    case 'stop-pairing':
      return stopPairing(turn, id);
    default:
      if (turn.state.phase.name !== 'detached') return attachedInput(turn, id, command);
      turn.refuse(id, 'CONTROL_UNAVAILABLE', 'there is no link to wpa_supplicant just now');
  }
}

/** Nobody waits for the answer any more: what was only begun for it goes on, but nothing is kept for it. */
export function operatorGone(turn: Turn, id: number): void {
  dropOrders(turn, id);
  const { invitation } = turn.state;
  if (invitation?.operator === id) {
    turn.update({ invitation: { ...invitation, operator: null } });
    turn.refuse(id, 'CONTROL_CLOSED', 'the client has gone');
  }
  if (recallOf(turn)?.operator === id)
    answerRecall(turn, { code: 'CONTROL_CLOSED', message: 'the client has gone' });
}

/** What needs wpa_supplicant. */
function attachedInput(
  turn: Turn,
  id: number,
  command: Exclude<OperatorCommand, { kind: 'pause' | 'resume' | 'stop-pairing' }>,
): void {
  switch (command.kind) {
    case 'enter-pin':
      return pinEntered(turn, id, command.deviceAddress, command.pin);
    case 'clients':
      return listClients(turn, id);
    case 'invite':
      if (turn.state.phase.name === 'idle') return recall(turn, id, command.deviceAddress);
      return inviteForOperator(turn, id, command.deviceAddress);
    case 'disconnect':
      return disconnect(turn, id, command.address);
    case 'forget':
      turn.request('device', removeClient(command.deviceAddress), {
        kind: 'operator',
        id,
        what: { kind: 'forget', deviceAddress: command.deviceAddress },
      });
      return;
    case 'pair':
      return openPairing(turn, id, command);
    case 'start-group':
      return startGroup(turn, id);
    case 'stop-group':
      return stopGroup(turn, id);
    case 'find':
      return findForOperator(turn, id, command.seconds);
  }
}

function listClients(turn: Turn, id: number): void {
  const { networkId } = turn.state;
  const what = { kind: 'clients' } as const;
  if (networkId === null) turn.done(id, views(turn, turn.world.stored?.clients ?? []));
  else turn.request('device', getNetwork(networkId, 'p2p_client_list'), { kind: 'operator', id, what });
}

function views(turn: Turn, addresses: readonly string[]): ClientView[] {
  return addresses.map((deviceAddress) => ({
    deviceAddress,
    name: turn.world.peerName(deviceAddress),
    connected: stationAt(turn, deviceAddress) !== undefined,
  }));
}

/** By device or interface address. */
function stationAt(turn: Turn, address: string): Station | undefined {
  return stationOf(turn, address) ?? runningGroup(turn)?.stations.get(address);
}

function disconnect(turn: Turn, id: number, address: string): void {
  const station = stationAt(turn, address);
  if (!station) {
    turn.refuse(id, 'DEVICE_UNKNOWN', `found ${address}, wanted a station that is on the group`);
    return;
  }
  const what = { kind: 'disconnect' } as const;
  turn.request('group', deauthenticate(station.address), { kind: 'operator', id, what });
}

export function operatorAnswered(turn: Turn, id: number, what: OperatorTag, reply: string): void {
  // A profile without clients has no list to give.
  if (what.kind === 'clients') {
    turn.done(id, views(turn, parseClientList(reply)));
    return;
  }
  if (isFailure(reply)) {
    turn.refuse(id, 'COMMAND_REFUSED', `wpa_supplicant answered ${refusalText(reply)}`);
    return;
  }
  if (what.kind === 'forget') forget(turn, what.deviceAddress);
  turn.done(id);
}

/** wpa_supplicant has taken the device off its list and off the air, with `per_sta_psk` its passphrase too. */
function forget(turn: Turn, deviceAddress: string): void {
  const { stored } = turn.world;
  if (stored) turn.effects.push({ type: 'store', group: withoutClient(stored, deviceAddress) });
  saveConfig(turn);
  if (!turn.settings.per_sta_psk) {
    turn.log(
      'info',
      `${deviceAddress} is forgotten; it still knows the passphrase of the group, and can come back with it`,
    );
  }
}
