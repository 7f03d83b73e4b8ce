import type { Context, Part } from './context.js';
import { cpuSeconds } from './proc.js';
import { type Child, type EventKind, Fake, pause } from './processes.js';
import { paired, row } from './report.js';

/** Whether an event takes longer where more devices are known, or connected. */

const EVENTS = 20_000;

/** The time for one event with few and with many known peers. */
export const knownPeers: Part = {
  title: 'CPU per P2P-DEVICE-FOUND, against the same with 10 known peers',
  async run(context) {
    const { programs, folder } = context;
    await using fewFake = await Fake.start(programs, folder);
    await using manyFake = await Fake.start(programs, folder);
    await using fullFake = await Fake.start(programs, folder);
    await using few = fewFake.daemon();
    await using many = manyFake.daemon();
    await using full = fullFake.daemon();
    await Promise.all([fewFake.settled(), manyFake.settled(), fullFake.settled()]);
    const [withFew = [], withMany = [], withNew = []] = await alternately(context, 12, [
      () => cost(fewFake, few, 'found', EVENTS, 10),
      () => cost(manyFake, many, 'found', EVENTS, 1_000),
      () => cost(fullFake, full, 'found', EVENTS, 10_000),
    ]);
    return [
      row('peers: 1,000 known peers', paired(withMany, withFew, 'µs', 2)),
      row('peers: each a new peer, 1,000 known', paired(withNew, withFew, 'µs', 2)),
    ];
  },
};

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
      const [ours = [], reference = []] = await alternately(context, 8, [
        () => cost(manyFake, many, kind, events, 10),
        () => cost(fewFake, few, kind, events, 10),
      ]);
      return paired(ours, reference, 'µs', 2);
    };
    return [
      row('stations: P2P-DEVICE-FOUND with 32 stations', await compared('found', EVENTS)),
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

/** Measures each in turn, several times. @returns the results of each */
async function alternately(
  { quick }: Context,
  rounds: number,
  measurements: readonly (() => Promise<number>)[],
): Promise<readonly number[][]> {
  const results = measurements.map((): number[] => []);
  // The first round warms up.
  for (let round = 0; round <= (quick ? 2 : rounds); round++)
    for (const [i, measure] of measurements.entries()) {
      const result = await measure();
      if (round > 0) results[i]?.push(result);
    }
  return results;
}

/** Microseconds of processor time for one event. */
async function cost(
  fake: Fake,
  daemon: Child,
  kind: EventKind,
  events: number,
  peers: number,
): Promise<number> {
  const before = cpuSeconds(daemon.pid);
  await fake.flood(kind, events, peers);
  return ((cpuSeconds(daemon.pid) - before) * 1e6) / events;
}
