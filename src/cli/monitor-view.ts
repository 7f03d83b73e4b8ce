import type { NoGroupView, StationDetail, StatusView } from '../host/status.js';
import type { EnrolmentView, GroupView, PairingView } from '../session/session-event.js';

/** What the monitor shows, read from what the daemon answers: that may be of another version than we are. */

/** Of the addresses it shows those of the stations. */
export type MonitorStatus = Omit<StatusView, 'phase' | 'addresses' | 'withoutAddress' | 'noGroup'> & {
  readonly phase: string;
  /** Null also where a daemon of another version does not tell it. */
  readonly noGroup: Omit<NoGroupView, 'cause'> | null;
};

export type MonitorStation = StationDetail;

type Fields = Readonly<Record<string, unknown>>;

/** `/v1/status`; null where that is no status. Of a field that is not as we know it nothing is shown. */
export function statusOf(answer: unknown): MonitorStatus | null {
  const fields = fieldsOf(answer);
  const phase = fields && text(fields['phase']);
  if (!fields || phase === null) return null;
  return {
    phase,
    interface: text(fields['interface']),
    attached: fields['attached'] === true,
    eventsHeldBack: text(fields['eventsHeldBack']),
    group: groupOf(fields['group']),
    noGroup: noGroupOf(fields['noGroup']),
    enrolling: listOf(fields['enrolling'], enrolmentOf),
    pairing: pairingOf(fields['pairing']),
    paused: fields['paused'] === true,
    groupStopped: fields['groupStopped'] === true,
  };
}

/** `/v1/stations`: the list, or an object that has it; null where it is neither. */
export function stationsOf(answer: unknown): readonly MonitorStation[] | null {
  const list = Array.isArray(answer) ? answer : fieldsOf(answer)?.['stations'];
  return Array.isArray(list) ? listOf(list, stationOf) : null;
}

function groupOf(value: unknown): GroupView | null {
  const fields = fieldsOf(value);
  const name = fields && text(fields['interface']);
  if (!fields || name === null) return null;
  return {
    interface: name,
    ssid: text(fields['ssid']),
    frequency: number(fields['frequency']),
    networkId: number(fields['networkId']),
  };
}

function noGroupOf(value: unknown): MonitorStatus['noGroup'] {
  const fields = fieldsOf(value);
  const reason = fields && text(fields['reason']);
  return fields && reason !== null ? { reason, nextTrySeconds: number(fields['nextTrySeconds']) } : null;
}

function enrolmentOf(value: unknown): EnrolmentView | null {
  const fields = fieldsOf(value);
  const deviceAddress = fields && text(fields['deviceAddress']);
  const method = fields && word(fields['method'], ['display', 'keypad', 'pbc'] as const);
  if (!fields || deviceAddress === null || method === null) return null;
  return { deviceAddress, name: text(fields['name']), method, pin: text(fields['pin']) };
}

function pairingOf(value: unknown): PairingView | null {
  const fields = fieldsOf(value);
  const method = fields && word(fields['method'], ['pbc', 'pin'] as const);
  if (!fields || method === null) return null;
  return {
    method,
    pin: text(fields['pin']),
    deviceAddress: text(fields['deviceAddress']),
    secondsLeft: number(fields['secondsLeft']) ?? 0,
  };
}

function stationOf(value: unknown): MonitorStation | null {
  const fields = fieldsOf(value);
  const address = fields && text(fields['address']);
  if (!fields || address === null) return null;
  return {
    address,
    deviceAddress: text(fields['deviceAddress']),
    name: text(fields['name']),
    ip: text(fields['ip']),
    signal: number(fields['signal']),
    receivedBytes: number(fields['receivedBytes']),
    sentBytes: number(fields['sentBytes']),
    connectedSeconds: number(fields['connectedSeconds']),
  };
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
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

function word<T extends string>(value: unknown, words: readonly T[]): T | null {
  return words.find((known) => known === value) ?? null;
}
