import type { StatusView } from '../host/status.js';

/** The session in one line, as `systemctl status` shows it: the state of the group, and why there is none. */
export function statusLine(
  { group, noGroup, paused }: Pick<StatusView, 'group' | 'noGroup' | 'paused'>,
  stations: number,
): string {
  if (group !== null) {
    const name = group.ssid === null ? 'group' : `group "${group.ssid}"`;
    const place = group.frequency === null ? '' : ` at ${group.frequency} MHz`;
    return `${paused ? 'paused; ' : ''}${name}${place}, ${stations} ${stations === 1 ? 'station' : 'stations'}`;
  }
  const reason = noGroup?.reason ?? 'starting';
  // The link is retried every few seconds: a time of day would be out of date before anybody reads it.
  if (noGroup?.cause === 'supplicant') return `waiting: ${reason}`;
  const seconds = noGroup?.nextTrySeconds ?? null;
  // systemd keeps this line for a while, so it gives the time of day and not the seconds that are left.
  return `no group: ${reason}${seconds === null ? '' : `; next try at ${timeOfDayIn(seconds)}`}`;
}

function timeOfDayIn(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toTimeString().slice(0, 8);
}
