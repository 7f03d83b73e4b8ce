/** What must hold for a row. A ratio is that to the reference. */
export type Bound =
  /** `known`: what was reached when the limit was not; the guard compares with it. Update it when it gets better. */
  /** The guard does not look at the row if `guarded` is false. */
  | { readonly ratio: number; readonly known?: number; readonly guarded?: false }
  | { readonly most: number; readonly unit?: string }
  | { readonly least: number; readonly unit: string }
  /** The part itself knows whether it holds. */
  | { readonly condition: string }
  /** The figure is only for information. */
  | null;

/**
 * All rows of the table, in its order, with their bounds. The parts measure these rows and no others, and a unit test compares
 * the tables in native-notes/performance.md with this one.
 */
export const ROWS = {
  'timers: heartbeats while idle': { condition: '≤ 1 in 10 s for each of 2 links' },
  'timers: times awake in that time': { condition: '≤ heartbeats' },
  'timers: voluntary context switches': null,
  'timers: processor time while idle': null,
  'memory: RSS': { ratio: 1.25 },
  'memory: PSS (falls with other node processes)': null,
  'memory: private dirty': { most: 11, unit: 'MiB' },
  'memory: processes': { most: 1 },
  'start: exec → ATTACH': { ratio: 1.5, known: 1.65 },
  'start: exec → P2P_GROUP_ADD': { ratio: 1.8, known: 1.85 },
  'operator: hostp2pd status': { ratio: 1.5 },
  'operator: hostp2pd -r': { ratio: 1.5 },
  'operator: hostp2pd -t': { ratio: 1.5 },
  'crowd: hostp2pd status beside 1,000 clients, the longest': { most: 1_000, unit: 'ms' },
  'reaction: asleep, always new addresses, median': { ratio: 2.9 },
  'reaction: asleep, always new addresses, p99': { ratio: 4 },
  'reaction: asleep, always new addresses, median of a minimal Node.js client': null,
  'reaction: asleep, one address, median': { ratio: 2.9 },
  'reaction: asleep, one address, p99': { ratio: 4 },
  'reaction: asleep, one address, median of a minimal Node.js client': null,
  'reaction: in quick succession, median': { ratio: 1.5 },
  'reaction: in quick succession, p99': null,
  'reaction: in quick succession, median of a minimal Node.js client': null,
  'reaction: longer than 20 ms': { most: 0, unit: '(quiet machine)' },
  'reaction: the first after the start': null,
  'recording: a step of a dialogue': { most: 50, unit: 'µs' },
  'recording: reaction, asleep, one address, median': { ratio: 1.1 },
  'recording: reaction, in quick succession, median': { ratio: 1.5 },
  // The guard compares with Node.js, not with C: the very same build took 4.8, 13.9 and 5.4 times as long as C on one day, and 8.6,
  // 19.2 and 8.5 times on another, because the caches of the machine hold the C client in any case.
  'events: CPU per 10,000 RX-PROBE-REQUEST': { ratio: 6, guarded: false },
  'events: CPU per 10,000 RX-PROBE-REQUEST, against a minimal Node.js client': { ratio: 4.5 },
  'events: RX-PROBE-REQUEST without loss': { least: 100_000, unit: '/s, none lost' },
  'events: CPU per 10,000 P2P-DEVICE-FOUND, all new': { ratio: 6, guarded: false },
  'events: CPU per 10,000 P2P-DEVICE-FOUND, all new, against a minimal Node.js client': { ratio: 8 },
  'events: P2P-DEVICE-FOUND, all new without loss': { least: 100_000, unit: '/s, none lost' },
  'events: CPU per 10,000 scan noise': { ratio: 6, guarded: false },
  'events: CPU per 10,000 scan noise, against a minimal Node.js client': { ratio: 4 },
  'events: scan noise without loss': { least: 100_000, unit: '/s, none lost' },
  'events: counted by the library': { condition: 'all' },
  'burst: RX-PROBE-REQUEST each 250 µs': { most: 0, unit: 'lost of 10,000' },
  'burst: P2P-DEVICE-FOUND each 250 µs': { most: 0, unit: 'lost of 10,000' },
  'burst: scan noise each 250 µs': { most: 0, unit: 'lost of 10,000' },
  'burst: RX-PROBE-REQUEST each 25 µs': null,
  'burst: P2P-DEVICE-FOUND each 25 µs': null,
  'burst: scan noise each 25 µs': null,
  'growth: private dirty, 30 s after 333,334 RX-PROBE-REQUEST': { most: 2, unit: 'MiB more' },
  'growth: private dirty, 30 s after 333,334 P2P-DEVICE-FOUND, all new': { most: 2, unit: 'MiB more' },
  'growth: private dirty, 30 s after 333,334 of scan noise': { most: 2, unit: 'MiB more' },
  'growth: private dirty, 30 s after a second 1,000,000 events': { most: 2, unit: 'MiB more' },
  'peers: 1,000 known peers': { ratio: 1.2 },
  'peers: each a new peer, 1,000 known': null,
  'stations: P2P-DEVICE-FOUND with 32 stations': { ratio: 1.2 },
  'stations: one of 32 leaves or comes back': { ratio: 1.2 },
  'others: exec → attached to the group, the Python original': null,
  'others: event → WPS_PIN, the Python original': null,
  'others: event → WPS_PIN, a script of wpa_cli -a': null,
  'idle10: times awake a minute': { most: 6, unit: 'a minute' },
  'idle10: of them without a heartbeat': { most: 0 },
  'idle10: processor time': { most: 0.03, unit: '%' },
} as const satisfies Readonly<Record<string, Bound>>;

export type RowName = keyof typeof ROWS;

export function isRowName(name: string): name is RowName {
  return Object.hasOwn(ROWS, name);
}

export function boundText(name: RowName): string {
  const bound: Bound = ROWS[name];
  if (bound === null) return '';
  if ('ratio' in bound) return `ratio ≤ ${bound.ratio}`;
  if ('condition' in bound) return bound.condition;
  const unit = (text: string) => (/^[\w(%]/.test(text) ? ` ${text}` : text);
  if ('most' in bound) return `${bound.most === 0 ? '' : '≤ '}${bound.most}${unit(bound.unit ?? '')}`;
  return `≥ ${bound.least.toLocaleString('en')}${unit(bound.unit)}`;
}
