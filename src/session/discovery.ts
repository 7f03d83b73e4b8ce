import { P2P_FIND, P2P_STOP_FIND, p2pFindSocial } from '../wpa/command.js';
import { haltReason } from './halt.js';
import { runningGroup } from './held.js';
import type { Turn } from './turn.js';

/** Long enough to meet the devices that search or listen just then. */
const SHORT_SEARCH_S = 3;
const SOON_MS = 1_000;

/**
 * When to look for peers. Without a group the search runs all the time, since only a searching device is found; it
 * is refreshed after `normal` seconds, and after `max_scan_polling` refreshes without a sign of a peer after `long`
 * seconds. A running group is found by its beacons, and a search takes its radio off the channel: in the radio lab a
 * laptop that joined beside one got no handshake and took the passphrase for wrong. So with a group there is a short
 * search every `enroller` seconds, on the three social channels, and none while a station is there or joins. Paused, there
 * is none at all.
 */
export function startDiscovery(turn: Turn): void {
  if (turn.state.paused) return;
  turn.setDiscovery({ quiet: 0, heard: false });
  if (!runningGroup(turn)) turn.ask('device', P2P_FIND, SEARCH);
  resumeDiscovery(turn);
}

/** The time for a refresh has come. */
export function refreshDiscovery(turn: Turn): void {
  const { paused, enrolments, pairing } = turn.state;
  if (paused) return;
  const group = runningGroup(turn);
  if (group) {
    const quiet = group.stations.size === 0 && enrolments.length === 0 && pairing === null;
    if (quiet) turn.ask('device', p2pFindSocial(SHORT_SEARCH_S), SEARCH);
    resumeDiscovery(turn);
    return;
  }
  const { normal, long } = turn.settings.select_timeout_secs;
  const limit = turn.settings.max_scan_polling;
  const quiet = turn.state.discovery.heard ? 0 : turn.state.discovery.quiet + 1;
  turn.setDiscovery({ quiet, heard: false });
  turn.ask('device', P2P_FIND, SEARCH);
  turn.timer('discovery', (limit > 0 && quiet >= limit ? long : normal) * 1000);
}

/** A sign of a peer: the next refreshes are worth while. */
export function hear(turn: Turn): void {
  if (!turn.state.discovery.heard) turn.setDiscovery({ ...turn.state.discovery, heard: true });
}

/** Keeps the radio on the group's channel while a phone joins. */
export function holdDiscovery(turn: Turn): void {
  turn.request('device', P2P_STOP_FIND);
  turn.timer('discovery', turn.settings.select_timeout_secs.connect * 1000);
}

/** Back to the schedule, from its beginning. */
export function resumeDiscovery(turn: Turn): void {
  if (turn.state.paused) return;
  const { normal, enroller } = turn.settings.select_timeout_secs;
  turn.timer('discovery', (runningGroup(turn) ? enroller : normal) * 1000);
}

/** wpa_supplicant ended the search; without a group nobody finds us until the next one. */
export function findStopped(turn: Turn): void {
  if (turn.state.phase.name !== 'idle' || turn.state.paused) return;
  // A phone that has just asked goes on to negotiate, and must find us listening.
  const ms = turn.state.enrolments.length > 0 ? SOON_MS : turn.settings.select_timeout_secs.normal * 1000;
  turn.timer('discovery', ms);
}

/** An operator wants one now. What is under way on the air would not survive it. */
export function findForOperator(turn: Turn, id: number, seconds: number): void {
  if (turn.state.paused) {
    turn.refuse(id, 'STATE', haltReason(turn) ?? '');
    return;
  }
  const busy = whatIsUnderWay(turn);
  if (busy !== null) {
    turn.refuse(id, 'COMMAND_REFUSED', `no search beside that: ${busy}`);
    return;
  }
  const running = runningGroup(turn) !== null;
  // Without a group it is the search that goes on all the time, begun anew.
  const command = running ? p2pFindSocial(Math.ceil(seconds)) : P2P_FIND;
  turn.request('device', command, { kind: 'operator', id, what: { kind: 'find' } });
  const { normal, enroller } = turn.settings.select_timeout_secs;
  turn.timer('discovery', Math.max(seconds, running ? enroller : normal) * 1000);
}

function whatIsUnderWay({ state: { invitation, phase } }: Turn): string | null {
  if (invitation) return `an invitation of ${invitation.deviceAddress} is under way`;
  if (phase.name !== 'announcing' && phase.name !== 'forming') return null;
  const { occasion } = phase;
  return occasion.kind === 'request'
    ? `a group is negotiated with ${occasion.deviceAddress}`
    : 'a group is being formed';
}

const SEARCH = 'the search for peers';
