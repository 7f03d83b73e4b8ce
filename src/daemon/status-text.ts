import { printable, type StatusView } from '../index.js';

/** How it stands with the link, as the events of the session tell it. */
export type LinkState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'attached'; readonly interface: string };

export interface StatusFacts {
  readonly link: LinkState;
  readonly group: Pick<NonNullable<StatusView['group']>, 'ssid' | 'frequency'> | null;
  readonly stations: number;
  readonly paused: boolean;
  readonly groupStopped: boolean;
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

function sessionText({
  link,
  group,
  stations,
  paused,
  groupStopped,
}: Omit<StatusFacts, 'reloadProblem'>): string {
  if (link.kind === 'starting') return 'starting';
  const halted = paused ? 'paused; ' : '';
  if (link.kind === 'waiting') return `${halted}waiting: ${link.reason}`;
  if (group !== null) {
    const name = group.ssid === null ? 'group' : `group "${group.ssid}"`;
    const place = group.frequency === null ? '' : ` at ${group.frequency} MHz`;
    return `${halted}${name}${place}, ${stations} ${stations === 1 ? 'station' : 'stations'}`;
  }
  return `${halted}attached to ${link.interface}, ${groupStopped ? 'group stopped' : 'no group'}`;
}
