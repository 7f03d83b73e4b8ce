import type { Context, Part } from './context.js';
import { cpuSeconds } from './proc.js';
import { type Child, type EventKind, Fake, pause } from './processes.js';
import { median, pairedRatio, row } from './report.js';

const FEW = 1;
const MANY = 32;
/** What the new stations cause, such as log lines and requests, takes a moment. */
const SETTLED_MS = 1_000;

/** The time for one event with few and with many stations. */
export const manyStations: Part = {
  title: 'CPU per event with 32 stations, against the same with one',
  async run(context) {
    await using fewFake = await Fake.start(context.programs, context.folder);
    await using manyFake = await Fake.start(context.programs, context.folder);
    await using few = fewFake.daemon();
    await using many = manyFake.daemon();
    await connect(fewFake, FEW);
    await connect(manyFake, MANY);
    const compared = async (kind: EventKind, events: number) => {
      const costs = await rounds(context, async () => [
        await cost(manyFake, many, kind, events),
        await cost(fewFake, few, kind, events),
      ]);
      const [ours = [], reference = []] = [0, 1].map((i) => costs.map((pair) => pair[i] ?? Number.NaN));
      const show = (values: readonly number[]) => `${median(values).toFixed(2)} µs`;
      return { ours: show(ours), reference: show(reference), ratio: pairedRatio(ours, reference) };
    };
    return [
      row('stations: P2P-DEVICE-FOUND with 32 stations', await compared('found', 20_000)),
      row('stations: one of 32 leaves or comes back', await compared('station', 2_000)),
    ];
  },
};

/** @throws if the program does not show all of them */
async function connect(fake: Fake, count: number): Promise<void> {
  await fake.settled();
  await fake.stations(count);
  await pause(SETTLED_MS);
  const shown = await fake.operatorOutput('stations');
  if (!shown.startsWith(`Stations: ${count} `)) throw new Error(`expected ${count} stations in:\n${shown}`);
}

async function rounds<T>({ quick }: Context, once: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  // The first round warms up.
  for (let round = 0; round <= (quick ? 2 : 8); round++) results.push(await once());
  return results.slice(1);
}

/** Microseconds of processor time for one event. */
async function cost(fake: Fake, daemon: Child, kind: EventKind, events: number): Promise<number> {
  const before = cpuSeconds(daemon.pid);
  await fake.flood(kind, events, 10);
  return ((cpuSeconds(daemon.pid) - before) * 1e6) / events;
}
