import { P2P_FIND, P2P_STOP_FIND, p2pFindSocial } from '../wpa/command.js';
import type { RefusalReason } from './reasons.js';
import { attemptOf, runningGroup } from './selectors.js';
import type { Transition } from './transition.js';

/**
 * The search for peers. Without a group it runs all the time, since only a searching device is found; it is refreshed
 * after `normal` seconds, and after `max_scan_polling` refreshes without a sign of a peer after `long` seconds. A running
 * group is found by its beacons, and a search takes its radio off the channel: in the radio lab a laptop that joined during
 * a search got no handshake and reported a wrong passphrase. So with a group there is a short search every `enroller`
 * seconds, on the three social channels, and none while a station is there or joins. While paused, there is none at all.
 */

/** Long enough to meet the devices that search or listen at that moment. */
const SHORT_SEARCH_S = 3;
const SOON_MS = 1_000;

export function startSearch(t: Transition): void {
  if (t.state.operator.paused) return;
  if (!runningGroup(t)) t.ask('device', P2P_FIND, P2P_FIND);
  schedule(t, interval(t), { quiet: 0, heard: false });
}

/** Ends the search, also one that another program began; but not while a group is formed, which that would end as well. */
export function stopSearch(t: Transition): void {
  if (t.state.phase.name !== 'forming') t.request('device', P2P_STOP_FIND);
}

/** The time for a refresh has come. */
export function refreshSearch(t: Transition): void {
  const { operator, enrolments, pairing, discovery } = t.state;
  if (operator.paused) return;
  const group = runningGroup(t);
  if (group) {
    const quiet = group.stations.size === 0 && enrolments.length === 0 && pairing === null;
    if (quiet) t.ask('device', p2pFindSocial(SHORT_SEARCH_S), P2P_FIND);
    schedule(t, interval(t));
    return;
  }
  const { normal, long } = t.settings.select_timeout_secs;
  const limit = t.settings.max_scan_polling;
  const quiet = discovery.heard ? 0 : discovery.quiet + 1;
  t.ask('device', P2P_FIND, P2P_FIND);
  schedule(t, (limit > 0 && quiet >= limit ? long : normal) * 1000, { quiet, heard: false });
}

/** A sign of a peer: the next refreshes are worth while. */
export function noteActivity(t: Transition): void {
  if (!t.state.discovery.heard) t.update({ discovery: { ...t.state.discovery, heard: true } });
}

/**
 * Keeps the radio on the group's channel while a phone joins. Not during an invitation, which the end of a search would
 * end as well.
 */
export function suspendSearch(t: Transition): void {
  if (!runningGroup(t) || t.state.invitation !== null) return;
  t.request('device', P2P_STOP_FIND);
  schedule(t, t.settings.select_timeout_secs.connect * 1000);
}

/** Back to the schedule, from its beginning. */
export function resumeSearch(t: Transition): void {
  if (!t.state.operator.paused) schedule(t, interval(t));
}

/** wpa_supplicant ended the search; without a group nobody finds us until the next one. */
export function searchStopped(t: Transition): void {
  if (t.state.operator.paused) return;
  // A phone that has just asked goes on to negotiate, and must find us listening.
  schedule(t, t.state.enrolments.length > 0 ? SOON_MS : t.settings.select_timeout_secs.normal * 1000);
}

/** An operator wants a search now. What is under way on the air would not survive it. */
export function searchForOperator(t: Transition, id: number, seconds: number): void {
  if (t.state.operator.paused) {
    t.refuse(id, 'STATE', { cause: 'paused' });
    return;
  }
  const busy = whatIsUnderWay(t);
  if (busy !== null) {
    t.refuse(id, 'COMMAND_REFUSED', busy);
    return;
  }
  // Without a group it is the search that runs all the time, started again.
  const command = runningGroup(t) ? p2pFindSocial(Math.ceil(seconds)) : P2P_FIND;
  t.request('device', command, { kind: 'operator', id, what: { kind: 'find' } });
  schedule(t, Math.max(seconds * 1000, interval(t)));
}

/** Null: nothing. `deviceAddress`: with which phone; null: with none. */
function whatIsUnderWay(t: Transition): RefusalReason | null {
  const { invitation } = t.state;
  if (invitation)
    return { cause: 'search-impossible', during: 'invitation', deviceAddress: invitation.deviceAddress };
  const occasion = attemptOf(t);
  if (occasion === null) return null;
  return {
    cause: 'search-impossible',
    during: 'formation',
    deviceAddress: occasion.kind === 'request' ? occasion.deviceAddress : null,
  };
}

function interval(t: Transition): number {
  const { normal, enroller } = t.settings.select_timeout_secs;
  return (runningGroup(t) ? enroller : normal) * 1000;
}

function schedule(
  t: Transition,
  ms: number,
  heard: { quiet: number; heard: boolean } = t.state.discovery,
): void {
  t.update({ discovery: { quiet: heard.quiet, heard: heard.heard, nextAt: t.world.now + ms } });
}
