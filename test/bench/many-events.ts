import type { Part } from './context.js';
import { memory } from './proc.js';
import { Fake, pause } from './processes.js';
import { plainRow } from './report.js';

const LIMIT_MIB = 2;
const EVENTS = 1_000_000;
/** V8 gives memory back some seconds after the last allocation. */
const IDLE_MS = 20_000;

/** Whether memory grows with the events that a session has handled. */
export const manyEvents: Part = {
  title: 'memory before and after many events',
  async run({ programs, folder, quick }) {
    await using fake = await Fake.start(programs, folder);
    await using daemon = fake.daemon();
    await fake.settled();
    // What the first event of each kind needs once, such as compiled code, is no growth.
    const flood = async (count: number) => {
      for (const kind of ['probe', 'found', 'scan'] as const) await fake.flood(kind, count, 10_000);
    };
    await flood(1_000);
    await pause(IDLE_MS);
    const before = memory(daemon.pid).privateDirty;
    const count = quick ? EVENTS / 10 : EVENTS;
    await flood(Math.ceil(count / 3));
    await pause(IDLE_MS);
    const after = memory(daemon.pid).privateDirty;
    return [
      plainRow(
        `private dirty after ${count.toLocaleString('en')} events`,
        `${after.toFixed(1)} MiB, before ${before.toFixed(1)}`,
        `≤ ${LIMIT_MIB} MiB more`,
        after - before <= LIMIT_MIB,
      ),
    ];
  },
};
