import type { StatusView } from '../host/status.js';
import { printable } from '../system/names.js';

export interface StatusFacts extends Pick<StatusView, 'group' | 'noGroup' | 'paused'> {
  readonly stations: number;
  /** Why the last reload was refused; null: it was not. */
  readonly reloadProblem: string | null;
}

/** systemd drops a datagram of more than 4,096 bytes (NOTIFY_BUFFER_MAX), and shows the text in one line. */
const MAX_CHARACTERS = 1_000;

/** The session in one line, as `systemctl status` shows it. */
export function statusText({ reloadProblem, ...facts }: StatusFacts): string {
  const session = sessionText(facts);
  return oneLine(
    reloadProblem === null
      ? session
      : `${session}; not reloaded, the former configuration stays in force: ${reloadProblem}`,
  );
}

/** A network's name could hold a line break, and behind it an assignment such as READY=1. */
export function oneLine(text: string): string {
  const line = printable(text.trim().replace(/\s*\n\s*/g, '; '));
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}

function sessionText({ group, noGroup, stations, paused }: Omit<StatusFacts, 'reloadProblem'>): string {
  if (group !== null) {
    const name = group.ssid === null ? 'group' : `group "${group.ssid}"`;
    const place = group.frequency === null ? '' : ` at ${group.frequency} MHz`;
    return `${paused ? 'paused; ' : ''}${name}${place}, ${stations} ${stations === 1 ? 'station' : 'stations'}`;
  }
  const reason = noGroup?.reason ?? 'starting';
  // The link is tried again every few seconds: the line would be out of date before anybody reads it.
  if (noGroup?.cause === 'supplicant') return `waiting: ${reason}`;
  // The status counts seconds; this line stays as it is for a while, so it says the time of day.
  const next = noGroup?.nextTrySeconds ?? null;
  return `no group: ${reason}${next === null ? '' : `; next try at ${timeIn(next)}`}`;
}

function timeIn(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toTimeString().slice(0, 8);
}
