import type { ErrorCode } from '../system/errors.js';
import { GET_NO_GROUP_INTERFACE, groupRemove, INTERFACES, STATUS } from '../wpa/command.js';
import { isFailure, parseInterfaces, parseStatus } from '../wpa/reply.js';
import { refusalText } from '../wpa/status-words.js';
import { applySettings } from './apply.js';
import { beginFormation } from './choice.js';
import { levelOnce, rest } from './formation.js';
import { beginGroup, endGroup, isSameNetwork, noteGroupName, resumeGroup } from './group.js';
import { isGroupName, parentOf } from './group-name.js';
import { isWanted } from './group-orders.js';
import { heldGroup } from './held.js';
import type { Group } from './model.js';
import { stop } from './stop.js';
import type { Turn } from './turn.js';

/** Start-up and after every loss of the link: find out whether a group of ours is up already. */

/** The link gives up a request after 10 s and says so; this is for the case that it does not. */
const ADOPTION_LIMIT_MS = 12_000;
/** While a group is held and wpa_supplicant does not say which interfaces it has, it is asked this often. */
const ASK_AGAIN_MS = 1_000;

/** The device link is attached: set up everything anew, for wpa_supplicant may have been restarted. */
export function inspect(turn: Turn, held: Group | null): void {
  turn.enter({ name: 'inspecting', held });
  // wpa_supplicant may have been restarted, and counts anew.
  turn.update({ newestGroup: -1 });
  turn.request('device', STATUS, { kind: 'device-status' });
  applySettings(turn);
  turn.request('device', GET_NO_GROUP_INTERFACE, { kind: 'group-sharing' });
  turn.request('device', INTERFACES, { kind: 'interfaces' });
}

/** The same without the settings: before another try to start the group. */
export function inspectAgain(turn: Turn): void {
  turn.enter({ name: 'inspecting', held: null });
  askInterfaces(turn);
}

export function askInterfaces(turn: Turn): void {
  turn.request('device', INTERFACES, { kind: 'interfaces' });
}

/** The interfaces are not known: no answer is not a no. They are asked for again. */
export function interfacesUnknown(turn: Turn, reason: string): void {
  const { phase } = turn.state;
  if (phase.name !== 'inspecting') return;
  if (phase.held !== null) {
    turn.timer('resting', ASK_AGAIN_MS);
    return;
  }
  const text = `wpa_supplicant does not say which interfaces it has: ${reason}`;
  const failure = { kind: 'no-answer', detail: 'INTERFACES', text } as const;
  turn.log(levelOnce(turn, 'warning', failure), text);
  rest(turn, failure, true);
}

/** The reply to `STATUS` on what should be a P2P device. */
export function deviceStatus(turn: Turn, reply: string): void {
  if (isFailure(reply)) return;
  const deviceAddress = parseStatus(reply).p2pDeviceAddress;
  turn.update({ deviceAddress });
  if (deviceAddress !== null) return;
  wrongInterface(
    turn,
    'is no P2P device. Wanted: the interface that wpa_supplicant makes for Wi-Fi Direct, such as p2p-dev-wlan0; ' +
      'find it with "wpa_cli interface". "iw dev" must show an interface of type P2P-device',
  );
}

function wrongInterface(turn: Turn, reason: string): void {
  turn.effects.push({
    type: 'fail',
    code: 'INTERFACE_WRONG',
    message: `${turn.world.deviceInterface} ${reason}`,
  });
  stop(turn);
}

/** The reply to `INTERFACES`. */
export function interfacesListed(turn: Turn, held: Group | null, reply: string): void {
  if (isFailure(reply)) {
    interfacesUnknown(turn, refusalText(reply));
    return;
  }
  const interfaces = parseInterfaces(reply);
  noteGroupName(turn, ...interfaces);
  const device = `p2p-dev-${turn.world.deviceInterface}`;
  if (interfaces.includes(device)) {
    wrongInterface(turn, `is not where Wi-Fi Direct events arrive. Wanted: ${device}`);
    return;
  }
  const found = interfaces.filter((name) => isGroupName(name, turn.world.deviceInterface));
  turn.update({ secondGroup: found.length > 1 });
  const parent = parentOf(turn.world.deviceInterface);
  // Where there is no interface to spare, or an attempt came to nothing that can be seen, the group may be there.
  if ((turn.state.sharesInterface || turn.state.leftover) && interfaces.includes(parent)) found.push(parent);
  // The one we had goes first.
  const candidates =
    held && found.includes(held.interface)
      ? [held.interface, ...found.filter((name) => name !== held.interface)]
      : found;
  adopt(turn, held, candidates, []);
}

/** Tries the candidates one after the other; with none left a group is formed. */
function adopt(
  turn: Turn,
  held: Group | null,
  candidates: readonly string[],
  silent: readonly string[],
): void {
  turn.cancel('adopting');
  const [first] = candidates;
  if (first !== undefined) {
    turn.enter({ name: 'adopting', held, candidates, silent });
    turn.effects.push({ type: 'open-group', interface: first });
    turn.timer('adopting', ADOPTION_LIMIT_MS);
    return;
  }
  if (held) endGroup(turn, held, 'gone after the link was lost');
  // A group that is to stand is formed all the same; on demand there is time to ask again.
  if (silent.length > 0 && !isWanted(turn)) {
    const text = `it is not known whether a group runs on ${silent.join(', ')}: no answer`;
    rest(turn, { kind: 'no-answer', detail: '', text }, true);
  } else {
    beginFormation(turn);
  }
}

/** No group runs on this candidate: go on with the next. */
export function adoptNext(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.name !== 'adopting') return;
  turn.effects.push({ type: 'close-group' });
  adopt(turn, phase.held, phase.candidates.slice(1), phase.silent);
}

/** This candidate could not be asked, which says nothing about a group: wpa_supplicant lists its interface. */
export function candidateSilent(turn: Turn, reason: string): void {
  const { phase } = turn.state;
  const name = phase.name === 'adopting' ? phase.candidates[0] : undefined;
  if (phase.name !== 'adopting' || name === undefined) return;
  const text = `${name}: cannot find out whether a group runs there: ${reason}`;
  const failure = { kind: 'no-answer', detail: name, text } as const;
  turn.log(levelOnce(turn, 'warning', failure), text);
  turn.update({ lastFailure: failure });
  if (phase.held?.interface === name) {
    // It was there a moment ago. The link goes on trying, and the group is checked meanwhile.
    resumeGroup(turn, phase.held, false);
    return;
  }
  turn.effects.push({ type: 'close-group' });
  adopt(turn, phase.held, phase.candidates.slice(1), [...phase.silent, name]);
}

/** There is nobody at the candidate's socket, or the link to it could not be made. */
export function candidateUnreachable(turn: Turn, code: ErrorCode, reason: string): void {
  const { phase } = turn.state;
  if (phase.name !== 'adopting') return;
  const isHeld = phase.held !== null && phase.held.interface === phase.candidates[0];
  if (code === 'CONTROL_UNAVAILABLE' && !isHeld) {
    const level = levelOnce(turn, 'info', { kind: 'no-answer', detail: reason });
    turn.log(level, `${reason}; taken for an interface without a group`);
    adoptNext(turn);
  } else {
    candidateSilent(turn, reason);
  }
}

/** The candidate's link is attached. */
export function askCandidate(turn: Turn): void {
  turn.request('group', STATUS, { kind: 'adoption' });
  turn.timer('adopting', ADOPTION_LIMIT_MS);
}

/** An interface that is looked for, or at, is removed. */
export function candidateRemoved(turn: Turn, name: string, reason: string): void {
  const held = heldGroup(turn);
  if (turn.state.phase.name === 'detached') return;
  if (held?.interface === name) {
    endGroup(turn, held, reason);
    turn.cancel('adopting');
    inspectAgain(turn);
  } else if (turn.state.phase.name === 'adopting' && turn.state.phase.candidates[0] === name) {
    adoptNext(turn);
  }
}

export function candidateStatus(turn: Turn, reply: string): void {
  const { phase } = turn.state;
  const name = phase.name === 'adopting' ? phase.candidates[0] : undefined;
  if (phase.name !== 'adopting' || name === undefined) return;
  if (isFailure(reply)) {
    candidateSilent(turn, `STATUS: wpa_supplicant answered ${reply.trim()}`);
    return;
  }
  const status = parseStatus(reply);
  if (status.mode !== 'P2P GO') {
    // What an attempt that timed out left behind stays for ever, and the next one gets another interface.
    if (status.mode === null && turn.state.leftover && isGroupName(name, turn.world.deviceInterface))
      turn.ask('device', groupRemove(name), 'P2P_GROUP_REMOVE');
    adoptNext(turn);
    return;
  }
  const { ssid, ssidHex, frequency } = status;
  const { held } = phase;
  if (held?.interface === name && isSameNetwork(held, status)) {
    resumeGroup(turn, { ...held, frequency: frequency ?? held.frequency }, true);
    return;
  }
  if (held) endGroup(turn, held, 'gone after the link was lost');
  beginGroup(turn, { interface: name, ssid, ssidHex, frequency, networkId: null, adopted: true }, true);
}
