import { P2P_FIND, P2P_STOP_FIND } from '../wpa/command.js';
import type { Turn } from './turn.js';

/**
 * When to look for peers. Without a group the search runs all the time, since only a searching device is found;
 * it is refreshed after `normal` seconds, and after `max_scan_polling` refreshes without a sign of a peer after
 * `long` seconds. A running group is found by its beacons, and every search takes its radio off the channel for a
 * moment (p2p_supplicant.c scans every second or two), so then each search is bounded and the quiet ones are rare.
 */
export function startDiscovery(turn: Turn): void {
  turn.setDiscovery({ quiet: 0, heard: false });
  search(turn);
  turn.timer('discovery', turn.settings.select_timeout_secs.normal * 1000);
}

/** The time for a refresh has come. */
export function refreshDiscovery(turn: Turn): void {
  const { normal, connect, long, enroller } = turn.settings.select_timeout_secs;
  if (turn.state.enrolments.length > 0) {
    // A search would disturb the joining phone.
    turn.timer('discovery', connect * 1000);
    return;
  }
  const { quiet, heard } = turn.state.discovery;
  const quietNow = heard ? 0 : quiet + 1;
  turn.setDiscovery({ quiet: quietNow, heard: false });
  search(turn);
  const limit = turn.settings.max_scan_polling;
  const rare = turn.state.phase.name === 'running' ? enroller : long;
  turn.timer('discovery', (limit > 0 && quietNow >= limit ? rare : normal) * 1000);
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

/** The phone is in or has given up: go back to the schedule, and leave it the air for its first exchanges. */
export function resumeDiscovery(turn: Turn): void {
  turn.setDiscovery({ quiet: 0, heard: false });
  turn.timer('discovery', turn.settings.select_timeout_secs.normal * 1000);
}

/** wpa_supplicant ended the search; without a group nobody finds us until the next one. */
export function findStopped(turn: Turn): void {
  if (turn.state.phase.name !== 'idle' || turn.state.enrolments.length > 0) return;
  turn.timer('discovery', turn.settings.select_timeout_secs.normal * 1000);
}

function search(turn: Turn): void {
  const bounded = turn.state.phase.name === 'running';
  const seconds = Math.max(1, Math.round(turn.settings.select_timeout_secs.normal));
  turn.ask('device', bounded ? `${P2P_FIND} ${seconds}` : P2P_FIND, 'the search for peers');
}
