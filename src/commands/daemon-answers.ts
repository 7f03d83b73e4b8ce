import type { PeerView } from '../host/public-event.js';
import type { InternetView, StationDetail, StatusView } from '../host/status.js';
import type { EnrolmentView, GroupView, PairingView } from '../session/session-event.js';
import type { Condition } from './status-text.js';

/** Reads the answers of a daemon, which may be of another version: a field of an unknown kind is left out. */

/** What the monitor and the panel show of a status. */
export type ReportedStatus = Pick<
  StatusView,
  'interface' | 'attached' | 'group' | 'enrolling' | 'pairing' | 'paused' | 'groupStopped'
> & {
  readonly phase: string;
  /** Null also where a daemon of another version does not report it. */
  readonly noGroup: Condition | null;
  readonly problems: readonly (Condition & { readonly subject: string })[];
};

/** What the command `status` shows besides. Null: there is none, or it is not reported. */
export interface StatusDetails {
  readonly groupSince: string | null;
  readonly technique: string | null;
  readonly admission: ReportedAdmission | null;
  /** Why no group is up. */
  readonly cause: string | null;
  readonly addresses: ReportedAddresses | null;
  readonly withoutAddress: readonly string[];
  readonly hook: string | null;
  readonly recording: string | null;
  readonly configuration: string | null;
  readonly logFile: string | null;
  readonly logLevel: string | null;
  readonly started: string | null;
  readonly pid: number | null;
  readonly version: string | null;
  /** How many there are. */
  readonly stations: number | null;
  /** Null: not known. */
  readonly list: readonly StationDetail[] | null;
}

export interface ReportedAdmission {
  readonly method: 'pin' | 'pbc' | null;
  readonly pin: string | null;
  readonly pinFrom: string | null;
  readonly deviceAddress: string | null;
  readonly secondsLeft: number | null;
}

export interface ReportedAddresses {
  readonly mode: string;
  readonly interface: string;
  readonly serving: boolean;
  readonly problem: string | null;
  /** How many there are. */
  readonly leases: number;
  readonly internet: InternetView | null;
}

/** Reads `/v1/status`; null where it is no status. A field of an unknown kind is left out. */
export function statusOf(answer: unknown): ReportedStatus | null {
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

/** Reads the rest of `/v1/status`. */
export function detailsOf(answer: unknown): StatusDetails {
  const fields = fieldsOf(answer);
  return {
    groupSince: time(fields['groupSince']),
    technique: text(fields['technique']),
    admission: admissionOf(fields['admission']),
    cause: text(fieldsOf(fields['noGroup'])['cause']),
    addresses: addressesOf(fields['addresses']),
    withoutAddress: listOf(fields['withoutAddress'], text),
    hook: text(fields['hook']),
    recording: text(fields['recording']),
    configuration: text(fields['configuration']),
    logFile: text(fields['logFile']),
    logLevel: text(fields['logLevel']),
    started: time(fields['started']),
    pid: number(fields['pid']),
    version: text(fields['version']),
    stations: number(fields['stations']),
    list: stationsOf(fields['stationDetails']),
  };
}

/** Reads `/v1/stations`: a list, or an object that has it; null where it is neither. */
export function stationsOf(answer: unknown): readonly StationDetail[] | null {
  const list = Array.isArray(answer) ? answer : fieldsOf(answer)['stations'];
  return Array.isArray(list) ? listOf(list, stationOf) : null;
}

/** Reads `/v1/peers`. */
export function devicesOf(answer: unknown): readonly PeerView[] {
  return listOf(answer, (value) => {
    const fields = fieldsOf(value);
    const deviceAddress = text(fields['deviceAddress']);
    if (deviceAddress === null) return null;
    const [name, deviceType, deviceKind] = [fields['name'], fields['deviceType'], fields['deviceKind']].map(
      text,
    );
    return {
      deviceAddress,
      name: name ?? null,
      deviceType: deviceType ?? null,
      deviceKind: deviceKind ?? null,
    };
  });
}

function admissionOf(value: unknown): ReportedAdmission | null {
  const fields = fieldsOf(value);
  if (!('method' in fields)) return null;
  return {
    method: oneOf(fields['method'], ['pbc', 'pin'] as const),
    pin: text(fields['pin']),
    pinFrom: text(fields['pinFrom']),
    deviceAddress: text(fields['deviceAddress']),
    secondsLeft: number(fields['secondsLeft']),
  };
}

function addressesOf(value: unknown): ReportedAddresses | null {
  const fields = fieldsOf(value);
  const [mode, name] = [text(fields['mode']), text(fields['interface'])];
  if (mode === null || name === null) return null;
  const internet = fieldsOf(fields['internet']);
  return {
    mode,
    interface: name,
    serving: fields['serving'] === true,
    problem: text(fields['problem']),
    leases: Array.isArray(fields['leases']) ? fields['leases'].length : 0,
    internet:
      'uplink' in internet ? { uplink: text(internet['uplink']), problem: text(internet['problem']) } : null,
  };
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
  return { reason, since: time(since), waitsFor: text(waitsFor), nextTrySeconds: number(nextTrySeconds) };
}

function problemOf(value: unknown): ReportedStatus['problems'][number] | null {
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

function stationOf(value: unknown): StationDetail | null {
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

/** A time in ISO 8601. */
function time(value: unknown): string | null {
  return Number.isNaN(Date.parse(String(value))) ? null : text(value);
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function oneOf<T extends string>(value: unknown, words: readonly T[]): T | null {
  return words.find((known) => known === value) ?? null;
}
