import { OPERATOR_EVENTS } from '../commands/journal.js';
import type { QrValue } from '../commands/qr.js';
import type { MonitorPicture } from '../control/monitor-data.js';
import type { StationDetail } from '../host/status.js';
import type { EnrolmentView, PairingView } from '../session/session-event.js';
import { printable } from '../system/names.js';
import { isRecord } from '../system/values.js';
import type { TextKey } from './texts.js';

/** What the page shows: one value, sent whole after each change. Pure. */

export interface PanelView {
  /** Of the panel. A page of another version loads itself again. */
  readonly version: string;
  /** `lost`: no daemon answers. */
  readonly state: 'up' | 'none' | 'lost';
  readonly paused: boolean;
  readonly network: NetworkView | null;
  readonly stations: readonly PanelStation[];
  readonly requests: readonly EnrolmentView[];
  readonly pairing: PairingView | null;
  /** The latest first. */
  readonly events: readonly PanelEvent[];
}

export interface NetworkView {
  readonly ssid: string;
  readonly passphrase: string;
  /** The QR code, as a data URL. */
  readonly code: string;
}

export interface PanelStation {
  readonly address: string;
  readonly deviceAddress: string | null;
  readonly name: string | null;
  readonly ip: string | null;
  /** dBm, oldest first. */
  readonly signals: readonly number[];
  readonly receivedBytes: number | null;
  readonly sentBytes: number | null;
  readonly connectedSeconds: number | null;
}

export interface PanelEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly text: TextKey;
  /** Of the device. */
  readonly name: string | null;
}

/** The signal of each station, by its address; oldest first. */
export type Signals = ReadonlyMap<string, readonly number[]>;

const SIGNALS_KEPT = 120;
const EVENTS_SHOWN = 30;

/** Adds what the radio says now. Stations that have left are dropped. */
export function withSignals(signals: Signals, stations: readonly StationDetail[]): Signals {
  return new Map(
    stations.map(({ address, signal }) => {
      const former = signals.get(address) ?? [];
      return [address, signal === null ? former : [...former, signal].slice(-SIGNALS_KEPT)];
    }),
  );
}

export function panelView(
  { status, stations, events }: MonitorPicture,
  signals: Signals,
  network: NetworkView | null,
  version: string,
): PanelView {
  const up = status?.group !== null && status?.group !== undefined;
  return {
    version,
    state: status === null ? 'lost' : up ? 'up' : 'none',
    paused: status?.paused === true || status?.groupStopped === true,
    network: up ? network : null,
    stations: stations.map(
      ({ address, deviceAddress, name, ip, receivedBytes, sentBytes, connectedSeconds }) => ({
        address,
        deviceAddress,
        name: shown(name),
        ip,
        signals: signals.get(address) ?? [],
        receivedBytes,
        sentBytes,
        connectedSeconds,
      }),
    ),
    requests: (status?.enrolling ?? []).map((request) => ({ ...request, name: shown(request.name) })),
    pairing: status?.pairing ?? null,
    events: events
      .flatMap(({ entry }) => eventOf(entry.time, entry.event) ?? [])
      .slice(-EVENTS_SHOWN)
      .reverse(),
  };
}

/** @param code the SVG file */
export function networkView({ ssid, passphrase }: QrValue, code: string): NetworkView {
  return { ssid, passphrase, code: `data:image/svg+xml,${encodeURIComponent(code)}` };
}

/** Null for an event that this version does not know. */
function eventOf(
  time: string,
  event: { readonly type: string; readonly [field: string]: unknown },
): PanelEvent | null {
  const text = OPERATOR_EVENTS.find((known) => known === event.type);
  return text === undefined ? null : { time, text, name: shown(nameOf(event)) };
}

/** The name or the address of the device that an event is about. */
function nameOf(event: { readonly [field: string]: unknown }): string | null {
  const device = [event['station'], event['peer'], event].find(isRecord) ?? {};
  for (const field of ['name', 'deviceAddress', 'address', 'stationAddress']) {
    const value = device[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

/** Phones choose their names: control characters and marks that turn the text around are replaced. */
function shown(name: string | null): string | null {
  return name === null ? null : printable(name);
}
