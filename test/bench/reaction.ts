import type { Part } from './context.js';
import { Fake } from './processes.js';
import { median, quantile, type Row, ratioRow } from './report.js';

const LIMIT = 4;

/** A phone has shown itself on the group: the time until its PIN is armed. */
export const reaction: Part = {
  title: 'WPS-ENROLLEE-SEEN → WPS_PIN, against a bare C client',
  async run({ programs, folder, quick }) {
    await using ourFake = await Fake.start(programs, folder);
    await using bareFake = await Fake.start(programs, folder);
    await using _daemon = ourFake.daemon();
    await using _client = bareFake.bareClient();
    await Promise.all([ourFake.settled(), bareFake.settled()]);
    const rounds = quick ? 4 : 10;
    const each = quick ? 250 : 500;
    const rows: Row[] = [];
    for (const [what, addresses] of [
      ['one address', 1],
      ['ever new addresses', each],
    ] as const) {
      const ours: number[][] = [];
      const bare: number[][] = [];
      for (let round = 0; round < rounds; round++) {
        ours.push(await ourFake.reactions(each, addresses));
        bare.push(await bareFake.reactions(each, addresses));
      }
      const medians = (of: readonly number[][]) => of.map(median);
      // A round that others disturbed makes one outlier, not the result.
      const ratio = median(medians(ours)) / median(medians(bare));
      const p99 = (of: readonly number[][]) => quantile(of.flat(), 0.99);
      const show = (us: number) => `${us.toFixed(0)} µs`;
      rows.push(
        ratioRow(`${what}, median`, show(median(medians(ours))), show(median(medians(bare))), ratio, LIMIT),
        ratioRow(`${what}, p99`, show(p99(ours)), show(p99(bare)), p99(ours) / p99(bare)),
      );
    }
    return rows;
  },
};
