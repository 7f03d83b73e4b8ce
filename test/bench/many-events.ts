import type { Part } from './context.js';
import { type Memory, memory } from './proc.js';
import { Fake, pause } from './processes.js';
import { type Row, row } from './report.js';

const EVENTS = 1_000_000;
/** Until V8 has collected the garbage of the start. */
const START_MS = 60_000;
/** hostp2pd looks at each heartbeat, every 10 s, whether the flood is over, and then gives the memory back (daemon/heap.ts). */
const QUIET_MS = 30_000;

/** Each is a third of the million. */
const FLOODS = [
  { kind: 'probe', name: 'growth: private dirty, 30 s after 333,334 RX-PROBE-REQUEST' },
  { kind: 'found', name: 'growth: private dirty, 30 s after 333,334 P2P-DEVICE-FOUND, all new' },
  { kind: 'scan', name: 'growth: private dirty, 30 s after 333,334 of scan noise' },
] as const;

/** Whether memory grows with the events that a session has handled. */
export const manyEvents: Part = {
  title: 'memory before and after many events',
  async run({ programs, folder, quick }) {
    await using fake = await Fake.start(programs, folder);
    await using daemon = fake.daemon();
    await fake.settled();
    const each = Math.ceil((quick ? EVENTS / 10 : EVENTS) / FLOODS.length);
    const flood = ({ kind }: (typeof FLOODS)[number], count = each) => fake.flood(kind, count, 10_000);
    // What the first event of each kind needs once, such as compiled code, is no growth.
    for (const one of FLOODS) await flood(one, 1_000);
    await pause(START_MS);
    const rest = memory(daemon.pid);
    const measured = async (name: Parameters<typeof row>[0]): Promise<Row> => {
      const full = memory(daemon.pid);
      await pause(QUIET_MS);
      const after = memory(daemon.pid);
      const steps = (key: keyof Memory) => [rest, full, after].map((at) => at[key].toFixed(1)).join(' → ');
      const few = quick ? '; a tenth of the events' : '';
      return row(name, {
        ours: `${steps('privateDirty')} MiB, RSS ${steps('rss')}${few}`,
        value: after.privateDirty - rest.privateDirty,
      });
    };
    const rows: Row[] = [];
    for (const one of FLOODS) {
      await flood(one);
      rows.push(await measured(one.name));
    }
    for (const one of FLOODS) await flood(one);
    rows.push(await measured('growth: private dirty, 30 s after a second 1,000,000 events'));
    return rows;
  },
};
