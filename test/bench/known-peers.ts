import type { Part } from './context.js';
import { cpuSeconds } from './proc.js';
import { type Child, Fake } from './processes.js';
import { median, pairedRatio, row } from './report.js';

const EVENTS = 20_000;

/** The time for one event with few and with many known peers. */
export const knownPeers: Part = {
  title: 'CPU per P2P-DEVICE-FOUND, against the same with 10 known peers',
  async run({ programs, folder, quick }) {
    await using fewFake = await Fake.start(programs, folder);
    await using manyFake = await Fake.start(programs, folder);
    await using fullFake = await Fake.start(programs, folder);
    await using few = fewFake.daemon();
    await using many = manyFake.daemon();
    await using full = fullFake.daemon();
    await Promise.all([fewFake.settled(), manyFake.settled(), fullFake.settled()]);
    const withFew: number[] = [];
    const withMany: number[] = [];
    const withNew: number[] = [];
    // The first round warms up.
    for (let round = 0; round <= (quick ? 2 : 12); round++) {
      const costs = [
        await cost(fewFake, few, 10),
        await cost(manyFake, many, 1_000),
        await cost(fullFake, full, 10_000),
      ];
      if (round === 0) continue;
      for (const [i, list] of [withFew, withMany, withNew].entries()) list.push(costs[i] ?? Number.NaN);
    }
    const show = (values: readonly number[]) => `${median(values).toFixed(2)} µs`;
    const figures = (values: readonly number[]) => ({
      ours: show(values),
      reference: show(withFew),
      ratio: pairedRatio(values, withFew),
    });
    return [
      row('peers: 1,000 known peers', figures(withMany)),
      row('peers: each a new peer, 1,000 known', figures(withNew)),
    ];
  },
};

/** Microseconds of processor time for one event. */
async function cost(fake: Fake, daemon: Child, peers: number): Promise<number> {
  const before = cpuSeconds(daemon.pid);
  await fake.flood('found', EVENTS, peers);
  return ((cpuSeconds(daemon.pid) - before) * 1e6) / EVENTS;
}
