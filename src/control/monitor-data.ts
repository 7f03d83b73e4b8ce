import type { EventLine } from '../commands/journal.js';
import type { Condition } from '../commands/status-text.js';
import type { CommandTarget } from '../commands/target.js';
import type { StationDetail, StatusView } from '../host/status.js';
import type { EnrolmentView, GroupView, PairingView } from '../session/session-event.js';
import { HostP2pError } from '../system/errors.js';

/** The data of the monitor, read from a daemon that may be of another version. */

/** The part of the status that the monitor shows. */
export type MonitorStatus = Omit<StatusView, Unused | 'phase' | 'noGroup' | 'problems'> & {
  readonly phase: string;
  /** Null also where a daemon of another version does not report it. */
  readonly noGroup: Condition | null;
  readonly problems: readonly (Condition & { readonly subject: string })[];
};
type Unused = 'addresses' | 'withoutAddress' | 'recording' | 'eventsHeldBack';

export type MonitorStation = StationDetail;

export interface MonitorPicture {
  /** Null while no daemon answers. */
  readonly status: MonitorStatus | null;
  readonly stations: readonly MonitorStation[];
  /** Oldest first. */
  readonly events: readonly EventLine[];
  /** When status and stations were read: milliseconds of `performance.now()`. */
  readonly at: number;
  /** Where no daemon answers: the reason, and the end of waiting for one, on the same clock. */
  readonly lost: { readonly reason: string; readonly until: number } | null;
}

/** Where the monitor gets its data. All methods throw {@link HostP2pError} where no daemon answers. */
export interface MonitorSource {
  status(): Promise<MonitorStatus>;
  stations(): Promise<readonly MonitorStation[]>;
  /** The last events, oldest first. */
  events(count: number): Promise<readonly EventLine[]>;
  /**
   * Events from now on.
   * @param ended is called when no more events will come
   * @returns a function that ends it
   */
  follow(listener: (line: EventLine) => void, ended: () => void): Promise<() => void>;
}

/** A daemon, through its control socket. */
interface Daemon extends Pick<CommandTarget, 'events' | 'follow'> {
  get(path: string): Promise<unknown>;
  readonly ended: Promise<unknown>;
}

/** @param open finds the daemon; called each time that events are followed, because the daemon may have restarted */
export function remoteSource(open: () => Promise<Daemon>): MonitorSource {
  let target: Promise<Daemon> | null = null;
  const ask = async <T>(path: string, read: (answer: unknown) => T | null): Promise<T> => {
    target ??= open();
    const answer = read(await (await target).get(path));
    if (answer !== null) return answer;
    throw new HostP2pError('NOT_RUNNING', 'the answer is not from hostp2pd, or from another version of it');
  };
  return {
    status: () => ask('/v1/status', statusOf),
    stations: () => ask('/v1/stations', stationsOf),
    events: async (count) => {
      target ??= open();
      return (await target).events(count);
    },
    follow: async (listener, ended) => {
      target = open();
      const opened = await target;
      void opened.ended.then(ended, ended);
      return opened.follow(listener);
    },
  };
}

/** Reads `/v1/status`; null where it is no status. A field of an unknown kind is left out. */
export function statusOf(answer: unknown): MonitorStatus | null {
  const fields = fieldsOf(answer);
  const phase = text(fields['phase']);
  if (phase === null) return null;
  return {
    phase,
    interface: text(fields['interface']),
    attached: fields['attached'] === true,
    group: groupOf(fields['group']),
    noGroup: conditionOf(fields['noGroup']),
    problems: listOf(fields['problems'], problemOf),
    enrolling: listOf(fields['enrolling'], enrolmentOf),
    pairing: pairingOf(fields['pairing']),
    paused: fields['paused'] === true,
    groupStopped: fields['groupStopped'] === true,
  };
}

/** Reads `/v1/stations`: a list, or an object that has it; null where it is neither. */
export function stationsOf(answer: unknown): readonly MonitorStation[] | null {
  const list = Array.isArray(answer) ? answer : fieldsOf(answer)['stations'];
  return Array.isArray(list) ? listOf(list, stationOf) : null;
}

function groupOf(value: unknown): GroupView | null {
  const fields = fieldsOf(value);
  const name = text(fields['interface']);
  if (name === null) return null;
  return {
    interface: name,
    ssid: text(fields['ssid']),
    frequency: number(fields['frequency']),
    networkId: number(fields['networkId']),
  };
}

function conditionOf(value: unknown): Condition | null {
  const { reason: why, since, waitsFor, nextTrySeconds } = fieldsOf(value);
  const reason = text(why);
  if (reason === null) return null;
  const began = Number.isNaN(Date.parse(String(since))) ? null : text(since);
  return { reason, since: began, waitsFor: text(waitsFor), nextTrySeconds: number(nextTrySeconds) };
}

function problemOf(value: unknown): MonitorStatus['problems'][number] | null {
  const subject = text(fieldsOf(value)['subject']);
  const condition = conditionOf(value);
  return subject === null || condition === null ? null : { ...condition, subject };
}

function enrolmentOf(value: unknown): EnrolmentView | null {
  const fields = fieldsOf(value);
  const deviceAddress = text(fields['deviceAddress']);
  const method = oneOf(fields['method'], ['display', 'keypad', 'pbc'] as const);
  if (deviceAddress === null || method === null) return null;
  return {
    deviceAddress,
    name: text(fields['name']),
    method,
    pin: text(fields['pin']),
    secondsLeft: number(fields['secondsLeft']) ?? 0,
  };
}

function pairingOf(value: unknown): PairingView | null {
  const fields = fieldsOf(value);
  const method = oneOf(fields['method'], ['pbc', 'pin'] as const);
  if (method === null) return null;
  return {
    method,
    pin: text(fields['pin']),
    deviceAddress: text(fields['deviceAddress']),
    secondsLeft: number(fields['secondsLeft']) ?? 0,
  };
}

function stationOf(value: unknown): MonitorStation | null {
  const fields = fieldsOf(value);
  const address = text(fields['address']);
  if (address === null) return null;
  return {
    address,
    deviceAddress: text(fields['deviceAddress']),
    name: text(fields['name']),
    ip: text(fields['ip']),
    ipv6: text(fields['ipv6']),
    signal: number(fields['signal']),
    receivedBytes: number(fields['receivedBytes']),
    sentBytes: number(fields['sentBytes']),
    connectedSeconds: number(fields['connectedSeconds']),
  };
}

/** None where it is no object. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.fromEntries(Object.entries(value)) : {};
}

function listOf<T>(value: unknown, read: (member: unknown) => T | null): readonly T[] {
  return Array.isArray(value) ? value.map(read).filter((member) => member !== null) : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function oneOf<T extends string>(value: unknown, words: readonly T[]): T | null {
  return words.find((known) => known === value) ?? null;
}
