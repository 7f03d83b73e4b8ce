import type { Part } from './context.js';
import { memory } from './proc.js';
import { Fake, pause } from './processes.js';
import { row } from './report.js';
import { ROWS } from './rows.js';

const NAME = 'growth: private dirty after 1,000,000 events';
const LIMIT_MIB = ROWS[NAME].most;
const EVENTS = 1_000_000;
/** V8 gives memory back some time after the last allocation: after a flood it waits for more than a minute, or longer. */
const IDLE_MS = 20_000;
const GIVES_BACK_MS = 180_000;

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
    const full = memory(daemon.pid).privateDirty;
    const start = performance.now();
    let after = full;
    for (; after - before > LIMIT_MIB && performance.now() - start < GIVES_BACK_MS; await pause(1_000))
      after = memory(daemon.pid).privateDirty;
    const seconds = Math.round((performance.now() - start) / 1000);
    const few = quick ? `; only ${count.toLocaleString('en')} events` : '';
    return [
      row(NAME, {
        ours: `${after.toFixed(1)} MiB after ${seconds} s, before ${before.toFixed(1)}, at first ${full.toFixed(1)}${few}`,
        value: after - before,
      }),
    ];
  },
};
