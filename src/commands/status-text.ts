import type { NoGroupView, StatusView } from '../host/status.js';
import type { EnrolmentView, GroupView, PairingView } from '../session/session-event.js';
import { printable } from '../system/names.js';

/**
 * The status in words, for the `status` command, the monitor and systemd. What matters most comes first, because the
 * end of a line may be cut off. `elapsed` is the time since the status was read, in seconds.
 */

/** `running`, `running, paused`, `detached` */
export function phaseText({
  phase,
  paused,
  groupStopped,
}: Pick<StatusView, 'paused' | 'groupStopped'> & { readonly phase: string }): string {
  const notes = [...(paused ? ['paused'] : []), ...(groupStopped ? ['group stopped by operator'] : [])];
  return [phase, ...notes].join(', ');
}

/** `none, next try in 12 s: …` */
export function noGroupText(noGroup: Omit<NoGroupView, 'cause'> | null, elapsed = 0): string {
  if (!noGroup) return 'none';
  const { nextTrySeconds, reason } = noGroup;
  const next = nextTrySeconds === null ? '' : `, next try in ${left(nextTrySeconds, elapsed)} s`;
  return `none${next}: ${printable(reason)}`;
}

export function ssidText({ ssid }: GroupView): string {
  return ssid === null ? 'unknown' : printable(ssid);
}

export function pairingText({ method, pin, deviceAddress, secondsLeft }: PairingView, elapsed = 0): string {
  const how = method === 'pbc' ? 'push button' : `PIN ${pin ?? 'unknown'}`;
  return `${left(secondsLeft, elapsed)} s left, ${how}, ${deviceAddress ?? 'any device'}`;
}

/** What the operator has to do so that the device can join. */
export function enrolmentText({ deviceAddress, name, method, pin }: EnrolmentView): string {
  const device = name === null ? deviceAddress : `${printable(name)} (${deviceAddress})`;
  switch (method) {
    case 'display':
      return pin === null ? `${device}, by PIN` : `type ${pin} on ${device}`;
    case 'keypad':
      return `pin ${deviceAddress} <PIN>, which ${name === null ? 'it' : printable(name)} shows`;
    case 'pbc':
      return `${device}, by push button`;
  }
}

function left(seconds: number, elapsed: number): number {
  return Math.max(0, Math.round(seconds - elapsed));
}

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
  // The link is retried every few seconds: a time of day would be outdated when it is read.
  if (noGroup?.cause === 'supplicant') return `waiting: ${reason}`;
  const seconds = noGroup?.nextTrySeconds ?? null;
  // systemd keeps this line for a while, so it gives the time of day and not the seconds that are left.
  return `no group: ${reason}${seconds === null ? '' : `; next try at ${timeOfDayIn(seconds)}`}`;
}

function timeOfDayIn(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toTimeString().slice(0, 8);
}

interface Band {
  readonly name: string;
  /** MHz of the first and of the last channel. */
  readonly first: number;
  readonly last: number;
  /** MHz of a channel 0. */
  readonly zero: number;
  readonly step: number;
}

/** IEEE 802.11-2020, annex E; 6 GHz: IEEE 802.11ax-2021. */
const BANDS: readonly Band[] = [
  { name: '2.4 GHz', first: 2412, last: 2472, zero: 2407, step: 5 },
  { name: '5 GHz', first: 5160, last: 5905, zero: 5000, step: 5 },
  { name: '6 GHz', first: 5955, last: 7115, zero: 5950, step: 5 },
  { name: '60 GHz', first: 58_320, last: 69_120, zero: 56_160, step: 2160 },
];
/** Two channels are not on the grid of their band. */
const OFF_GRID: ReadonlyMap<number, string> = new Map([
  [2484, 'channel 14 (2.4 GHz)'],
  [5935, 'channel 2 (6 GHz)'],
]);

/** `2437 MHz, channel 6 (2.4 GHz)`; without the channel where the frequency is none. */
export function frequencyText(frequency: number | null): string {
  if (frequency === null) return 'unknown';
  const band = BANDS.find(({ first, last }) => frequency >= first && frequency <= last);
  const channel = band ? (frequency - band.zero) / band.step : Number.NaN;
  const onGrid = band && Number.isInteger(channel) ? `channel ${channel} (${band.name})` : null;
  return [`${frequency} MHz`, OFF_GRID.get(frequency) ?? onGrid].filter((part) => part !== null).join(', ');
}
