import type { ReportedStatus } from '#src/commands/daemon-answers.js';
import type { EventLine } from '#src/commands/journal.js';
import type { OperatorEvent } from '#src/host/public-event.js';
import type { StationDetail } from '#src/host/status.js';

/** Typical answers of a daemon to the monitor. */

export const RUNNING: ReportedStatus = {
  phase: 'running',
  interface: 'p2p-dev-wlan0',
  attached: true,
  group: { interface: 'p2p-wlan0-0', ssid: 'DIRECT-PP-group', frequency: 2437, networkId: 0 },
  noGroup: null,
  enrolling: [],
  pairing: null,
  paused: false,
  groupStopped: false,
  problems: [],
};

export function aStation(number: number, fields: Partial<StationDetail> = {}): StationDetail {
  const last = number.toString(16).padStart(2, '0');
  return {
    address: `46:00:00:00:01:${last}`,
    deviceAddress: `42:00:00:00:01:${last}`,
    name: `Phone ${number}`,
    ip: null,
    ipv6: null,
    signal: -40,
    receivedBytes: 1_234,
    sentBytes: 56_789,
    connectedSeconds: 61,
    ...fields,
  };
}

/** @param second of the minute in which it happened */
export function anEvent(second: number, event: OperatorEvent, text: string): EventLine {
  const seconds = String(second).padStart(2, '0');
  return { entry: { time: `2026-11-23T12:34:${seconds}.000Z`, event }, text: `12:34:${seconds} ${text}` };
}
