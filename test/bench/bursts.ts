import type { Part } from './context.js';
import { type EventKind, Fake, pause } from './processes.js';
import { median, row } from './report.js';
import type { RowName } from './rows.js';

const COUNT = 10_000;

/**
 * At 6 Mbit/s, the lowest rate of Wi-Fi Direct, a probe request or response of 150 bytes takes the air for a quarter of a
 * millisecond, so wpa_supplicant cannot hear more phones. A turn of its event loop takes about 25 µs: see
 * native-notes/performance.md.
 */
const AIR_US = 250;
const LOOP_US = 25;

interface Burst {
  readonly name: RowName;
  readonly kind: EventKind;
  readonly peers: number;
  readonly paceUs: number;
}

const BURSTS: readonly Burst[] = [
  { name: 'burst: RX-PROBE-REQUEST each 250 µs', kind: 'probe', peers: 200, paceUs: AIR_US },
  { name: 'burst: P2P-DEVICE-FOUND each 250 µs', kind: 'found', peers: COUNT, paceUs: AIR_US },
  { name: 'burst: scan noise each 250 µs', kind: 'scan', peers: 200, paceUs: AIR_US },
  { name: 'burst: RX-PROBE-REQUEST each 25 µs', kind: 'probe', peers: 200, paceUs: LOOP_US },
  { name: 'burst: P2P-DEVICE-FOUND each 25 µs', kind: 'found', peers: COUNT, paceUs: LOOP_US },
  { name: 'burst: scan noise each 25 µs', kind: 'scan', peers: 200, paceUs: LOOP_US },
];

/** How many of 10,000 events are lost if the sender does not wait, as wpa_supplicant does not. */
export const bursts: Part = {
  title: 'bursts of 10,000 events from a sender that does not wait, against a bare C client',
  async run({ programs, folder, quick }) {
    await using ourFake = await Fake.start(programs, folder);
    await using bareFake = await Fake.start(programs, folder);
    await using _daemon = ourFake.daemon();
    await using _client = bareFake.bareClient();
    await Promise.all([ourFake.settled(), bareFake.settled()]);
    const rows = [];
    for (const { name, kind, peers, paceUs } of BURSTS) {
      const ours: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < (quick ? 1 : 3); round++) {
        ours.push(await ourFake.burst(kind, COUNT, peers, paceUs));
        bare.push(await bareFake.burst(kind, COUNT, peers, paceUs));
        await pause(100);
      }
      const lost = median(ours);
      rows.push(row(name, { ours: `${lost} lost`, reference: `${median(bare)} lost`, value: lost }));
    }
    return rows;
  },
};
