import { GET_NO_GROUP_INTERFACE, groupRemove, INTERFACES, STATUS } from '../wpa/command.js';
import { parseInterfaces, parseStatus } from '../wpa/reply.js';
import { applySettings } from './apply.js';
import { beginFormation } from './choice.js';
import { beginGroup, endGroup } from './group.js';
import { isGroupName, parentOf } from './group-name.js';
import type { Group } from './model.js';
import { stop } from './stop.js';
import type { Turn } from './turn.js';

/** Start-up and after every loss of the link: find out whether a group of ours is up already. */

/** A socket whose owner died stays behind; it must not hold up the start. */
const ADOPTION_LIMIT_MS = 3_000;

/** The device link is attached: set up everything anew, for wpa_supplicant may have been restarted. */
export function inspect(turn: Turn, held: Group | null): void {
  turn.enter({ name: 'inspecting', held });
  turn.request('device', STATUS, { kind: 'device-status' });
  applySettings(turn);
  turn.request('device', GET_NO_GROUP_INTERFACE, { kind: 'group-sharing' });
  turn.request('device', INTERFACES, { kind: 'interfaces' });
}

/** The same without the settings: before another try to start the group. */
export function inspectAgain(turn: Turn): void {
  turn.enter({ name: 'inspecting', held: null });
  turn.request('device', INTERFACES, { kind: 'interfaces' });
}

/** The reply to `STATUS` on what should be a P2P device. */
export function deviceStatus(turn: Turn, reply: string): void {
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
  const interfaces = parseInterfaces(reply);
  const device = `p2p-dev-${turn.world.deviceInterface}`;
  if (interfaces.includes(device)) {
    wrongInterface(turn, `is not where Wi-Fi Direct events arrive. Wanted: ${device}`);
    return;
  }
  const found = interfaces.filter((name) => isGroupName(name, turn.world.deviceInterface));
  const parent = parentOf(turn.world.deviceInterface);
  // Where there is no interface to spare, or an attempt came to nothing that can be seen, the group may be there.
  if ((turn.state.sharesInterface || turn.state.leftover) && interfaces.includes(parent)) found.push(parent);
  // The one we had goes first.
  const candidates =
    held && found.includes(held.interface)
      ? [held.interface, ...found.filter((name) => name !== held.interface)]
      : found;
  adopt(turn, held, candidates);
}

/** Tries the candidates one after the other; with none left a group is formed. */
function adopt(turn: Turn, held: Group | null, candidates: readonly string[]): void {
  turn.cancel('adopting');
  const [first] = candidates;
  if (first === undefined) {
    if (held) endGroup(turn, held, 'gone after the link was lost');
    beginFormation(turn);
    return;
  }
  turn.enter({ name: 'adopting', held, candidates });
  turn.effects.push({ type: 'open-group', interface: first });
  turn.timer('adopting', ADOPTION_LIMIT_MS);
}

/** This candidate is none: go on with the next. */
export function adoptNext(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.name !== 'adopting') return;
  turn.effects.push({ type: 'close-group' });
  adopt(turn, phase.held, phase.candidates.slice(1));
}

/** The candidate's link is attached. */
export function askCandidate(turn: Turn): void {
  turn.request('group', STATUS, { kind: 'adoption' });
}

export function candidateStatus(turn: Turn, reply: string): void {
  const { phase } = turn.state;
  const name = phase.name === 'adopting' ? phase.candidates[0] : undefined;
  if (phase.name !== 'adopting' || name === undefined) return;
  const status = parseStatus(reply);
  if (status.mode !== 'P2P GO') {
    // What an attempt that timed out left behind stays for ever, and the next one gets another interface.
    if (status.mode === null && turn.state.leftover && isGroupName(name, turn.world.deviceInterface))
      turn.ask('device', groupRemove(name), 'P2P_GROUP_REMOVE');
    adoptNext(turn);
    return;
  }
  const held = phase.held?.interface === name ? phase.held : null;
  if (phase.held && !held) endGroup(turn, phase.held, 'gone after the link was lost');
  if (held) {
    turn.cancel('adopting', 'held');
    turn.log('info', `${name}: group "${status.ssid ?? '?'}" found again`);
  }
  const { ssid, ssidHex, frequency } = status;
  const networkId = held?.networkId ?? null;
  const stations = held?.stations ?? new Map();
  beginGroup(turn, { interface: name, ssid, ssidHex, frequency, networkId, stations, adopted: true }, true);
}
