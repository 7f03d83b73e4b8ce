import type { Part } from './context.js';
import { Fake } from './processes.js';
import { type Figures, median, quantile, type Row, row } from './report.js';

const ROUNDS = [
  { what: 'asleep, always new addresses', each: 100, addresses: 100, pauseMs: 10 },
  { what: 'asleep, one address', each: 100, addresses: 1, pauseMs: 10 },
  { what: 'in quick succession', each: 1000, addresses: 1000, pauseMs: 0.5 },
] as const;
/** No phone notices less; a longer one means that something else was done first. */
const SLOW_US = 20_000;

/** The time from a phone's first sign on the group until its PIN is armed. */
export const reaction: Part = {
  title: 'WPS-PIN-NEEDED → WPS_PIN, against a bare C client, and what Node.js itself takes of it',
  async run({ programs, folder, quick }) {
    await using ourFake = await Fake.start(programs, folder);
    await using nodeFake = await Fake.start(programs, folder);
    await using bareFake = await Fake.start(programs, folder);
    await using _daemon = ourFake.daemon();
    await using _node = nodeFake.nodeClient();
    await using _client = bareFake.bareClient();
    const fakes = [ourFake, nodeFake, bareFake];
    await Promise.all(fakes.map((fake) => fake.settled()));
    const [first = Number.NaN] = await ourFake.reactions(1, 1, 1);
    for (const fake of [nodeFake, bareFake]) await fake.reactions(1, 1, 1);
    const rows: Row[] = [];
    let slow = 0;
    for (const { what, each, addresses, pauseMs } of ROUNDS) {
      const measured = fakes.map((): number[][] => []);
      for (let round = 0; round < (quick ? 2 : 6); round++)
        for (const [i, fake] of fakes.entries())
          measured[i]?.push(await fake.reactions(quick ? Math.ceil(each * 0.4) : each, addresses, pauseMs));
      // Medians of the rounds, so that a round that was disturbed does not change the result.
      const of = (share: number) => measured.map((rounds) => median(rounds.map((us) => quantile(us, share))));
      const [ours = Number.NaN, node = Number.NaN, bare = Number.NaN] = of(0.5);
      const [ours99 = Number.NaN, , bare99 = Number.NaN] = of(0.99);
      rows.push(
        row(`reaction: ${what}, median`, against(ours, bare)),
        row(`reaction: ${what}, p99`, against(ours99, bare99)),
        row(`reaction: ${what}, median of a minimal Node.js client`, against(node, bare)),
      );
      slow += measured[0]?.flat().filter((us) => us > SLOW_US).length ?? 0;
    }
    rows.push(row('reaction: longer than 20 ms', { ours: `${slow}`, value: slow }));
    return [...rows, row('reaction: the first after the start', { ours: microseconds(first) })];
  },
};

function microseconds(us: number): string {
  return `${us.toFixed(0)} µs`;
}

function against(ours: number, reference: number): Figures {
  return { ours: microseconds(ours), reference: microseconds(reference), ratio: ours / reference };
}
