import type { ConditionView, StatusView } from '../host/status.js';
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

/** What cannot be done now. A daemon of another version may not report everything. */
export type Condition = Omit<ConditionView, 'since'> & { readonly since: string | null };

/** `none since 16:04:48, next try in 12 s: …` */
export function noGroupText(noGroup: Condition | null, elapsed = 0): string {
  return noGroup ? `none${conditionText(noGroup, elapsed)}` : 'none';
}

/** `hooks since 16:04:48: …; waits for the next event` */
export function problemText(problem: Condition & { readonly subject: string }, elapsed = 0): string {
  return problem.subject + conditionText(problem, elapsed);
}

function conditionText({ reason, since, waitsFor, nextTrySeconds }: Condition, elapsed: number): string {
  const next = nextTrySeconds === null ? '' : `, next try in ${left(nextTrySeconds, elapsed)} s`;
  const waits = waitsFor === null ? '' : `; waits for ${waitsFor}`;
  return printable(`${sinceText(since)}${next}: ${reason}${waits}`);
}

/** ` since 16:04:48`; with the day, if that is not today. */
export function sinceText(since: string | null, now = new Date()): string {
  if (since === null) return '';
  const time = new Date(since);
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString();
  const isToday = time.toDateString() === now.toDateString();
  return ` since ${isToday ? local.slice(11, 19) : local.slice(0, 16).replace('T', ' ')}`;
}

export function ssidText({ ssid }: GroupView): string {
  return ssid === null ? 'unknown' : printable(ssid);
}

export function pairingText({ method, pin, deviceAddress, secondsLeft }: PairingView, elapsed = 0): string {
  const how = method === 'pbc' ? 'push button' : `PIN ${pin ?? 'unknown'}`;
  return `${left(secondsLeft, elapsed)} s left, ${how}, ${deviceAddress ?? 'any device'}`;
}

/** What the operator has to do so that the device can join. */
export function enrolmentText({
  deviceAddress,
  name,
  method,
  pin,
}: Omit<EnrolmentView, 'secondsLeft'>): string {
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
  view: Pick<StatusView, 'group' | 'noGroup' | 'paused' | 'problems'>,
  stations: number,
): string {
  return [
    groupLine(view, stations),
    ...view.problems.map((problem) => shortText(problem.subject, problem)),
  ].join('; ');
}

function groupLine(
  { group, noGroup, paused }: Pick<StatusView, 'group' | 'noGroup' | 'paused'>,
  stations: number,
): string {
  if (group !== null) {
    const name = group.ssid === null ? 'group' : `group "${group.ssid}"`;
    const place = group.frequency === null ? '' : ` at ${group.frequency} MHz`;
    return `${paused ? 'paused; ' : ''}${name}${place}, ${stations} ${stations === 1 ? 'station' : 'stations'}`;
  }
  if (noGroup === null) return 'no group: starting';
  if (noGroup.cause !== 'supplicant') return shortText('no group', noGroup);
  // The link is retried every few seconds: a time of day would be outdated when it is read.
  return `${shortText('waiting', { ...noGroup, nextTrySeconds: null })}, looked for every few seconds`;
}

/** systemd keeps this line for a while, so it gives the time of day and not the seconds that are left. */
function shortText(what: string, { reason, since, waitsFor, nextTrySeconds }: ConditionView): string {
  const waits = waitsFor === null ? '' : `; waits for ${waitsFor}`;
  const next = nextTrySeconds === null ? '' : `; next try at ${timeOfDayIn(nextTrySeconds)}`;
  return `${what}${sinceText(since)}: ${reason}${waits}${next}`;
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
interface Channel {
  readonly channel: number;
  /** `2.4 GHz` */
  readonly band: string;
}

/** Two channels are not on the grid of their band. */
const OFF_GRID: ReadonlyMap<number, Channel> = new Map([
  [2484, { channel: 14, band: '2.4 GHz' }],
  [5935, { channel: 2, band: '6 GHz' }],
]);

/** Null for a frequency, in MHz, that is no channel. */
export function channelOf(frequency: number): Channel | null {
  const band = BANDS.find(({ first, last }) => frequency >= first && frequency <= last);
  const channel = band ? (frequency - band.zero) / band.step : Number.NaN;
  const onGrid = band && Number.isInteger(channel) ? { channel, band: band.name } : null;
  return OFF_GRID.get(frequency) ?? onGrid;
}

/** `2437 MHz, channel 6 (2.4 GHz)`; without the channel where the frequency is none. */
export function frequencyText(frequency: number | null): string {
  if (frequency === null) return 'unknown';
  const found = channelOf(frequency);
  return found ? `${frequency} MHz, channel ${found.channel} (${found.band})` : `${frequency} MHz`;
}
