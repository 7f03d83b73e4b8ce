import type { Part } from './context.js';
import { Fake } from './processes.js';
import { median, plainRow, quantile, type Row, ratioRow } from './report.js';

const LIMIT = 4;

/** The time from a phone's first sign on the group until its PIN is armed. */
export const reaction: Part = {
  title: 'WPS-PIN-NEEDED → WPS_PIN, against a bare C client',
  async run({ programs, folder, quick }) {
    await using ourFake = await Fake.start(programs, folder);
    await using bareFake = await Fake.start(programs, folder);
    await using _daemon = ourFake.daemon();
    await using _client = bareFake.bareClient();
    await Promise.all([ourFake.settled(), bareFake.settled()]);
    const [first = Number.NaN] = await ourFake.reactions(1, 1, 1);
    await bareFake.reactions(1, 1, 1);
    const rounds = quick ? 2 : 6;
    const rows: Row[] = [];
    for (const { what, each, addresses, pauseMs } of [
      { what: 'asleep, always new addresses', each: quick ? 40 : 100, addresses: 100, pauseMs: 10 },
      { what: 'asleep, one address', each: quick ? 40 : 100, addresses: 1, pauseMs: 10 },
      { what: 'in quick succession', each: quick ? 300 : 1000, addresses: 1000, pauseMs: 0.5 },
    ]) {
      const ours: number[][] = [];
      const bare: number[][] = [];
      for (let round = 0; round < rounds; round++) {
        ours.push(await ourFake.reactions(each, addresses, pauseMs));
        bare.push(await bareFake.reactions(each, addresses, pauseMs));
      }
      // Medians of medians, so that a round that was disturbed does not change the result.
      const typical = (of: readonly number[][]) => median(of.map(median));
      const p99 = (of: readonly number[][]) => quantile(of.flat(), 0.99);
      const show = (us: number) => `${us.toFixed(0)} µs`;
      const [mine, its] = [typical(ours), typical(bare)];
      rows.push(
        ratioRow(`${what}, median`, show(mine), show(its), mine / its, LIMIT),
        ratioRow(`${what}, p99`, show(p99(ours)), show(p99(bare)), p99(ours) / p99(bare)),
      );
    }
    return [...rows, plainRow('the first after the start', `${first.toFixed(0)} µs`)];
  },
};
