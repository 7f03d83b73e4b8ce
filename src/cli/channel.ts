interface Band {
  readonly name: string;
  /** MHz of the first channel and of the last. */
  readonly first: number;
  readonly last: number;
  /** MHz of what would be channel 0. */
  readonly zero: number;
  readonly step: number;
}

/** Where each band has its channels: IEEE 802.11-2020, annex E; 6 GHz: IEEE 802.11ax-2021. */
const BANDS: readonly Band[] = [
  { name: '2.4 GHz', first: 2412, last: 2472, zero: 2407, step: 5 },
  { name: '5 GHz', first: 5160, last: 5905, zero: 5000, step: 5 },
  { name: '6 GHz', first: 5955, last: 7115, zero: 5950, step: 5 },
  { name: '60 GHz', first: 58_320, last: 69_120, zero: 56_160, step: 2160 },
];
/** The two that stand apart from the others of their band. */
const ODD: ReadonlyMap<number, string> = new Map([
  [2484, 'channel 14 (2.4 GHz)'],
  [5935, 'channel 2 (6 GHz)'],
]);

/** `2437 MHz, channel 6 (2.4 GHz)`; where it is no channel, only the first. */
export function frequencyText(frequency: number): string {
  const odd = ODD.get(frequency);
  const band = BANDS.find(({ first, last }) => frequency >= first && frequency <= last);
  const channel = band ? (frequency - band.zero) / band.step : Number.NaN;
  const known = odd ?? (band && Number.isInteger(channel) ? `channel ${channel} (${band.name})` : null);
  return known === null ? `${frequency} MHz` : `${frequency} MHz, ${known}`;
}
