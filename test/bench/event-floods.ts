import type { Context, Part } from './context.js';
import { cpuSeconds } from './proc.js';
import { type Child, countedBy, Fake } from './processes.js';
import { type Figures, median, type Row, row } from './report.js';

const KINDS = [
  { kind: 'probe', what: 'RX-PROBE-REQUEST', names: ['RX-PROBE-REQUEST'], peers: 200 },
  // Ten times as many peers as are kept, so each new one replaces an old one.
  { kind: 'found', what: 'P2P-DEVICE-FOUND, all new', names: ['P2P-DEVICE-FOUND'], peers: 10_000 },
  {
    kind: 'scan',
    what: 'scan noise',
    names: [
      'CTRL-EVENT-SCAN-STARTED',
      'CTRL-EVENT-BSS-ADDED',
      'CTRL-EVENT-BSS-REMOVED',
      'CTRL-EVENT-SCAN-RESULTS',
    ],
    peers: 200,
  },
] as const;

interface Cost {
  /** Of 10,000 events, seconds. */
  readonly cpu: number;
  readonly perSecond: number;
  readonly lost: number;
}

/** What a flood of events costs, and whether any are lost. */
export const eventFloods: Part = {
  title:
    'floods of events, against a bare C client that only reads them, and what Node.js itself takes of it',
  async run(context) {
    const { programs, folder, quick } = context;
    const rounds: { ours: Cost[]; node: Cost[]; bare: Cost[] }[] = [];
    for (let round = 0; round < (quick ? 3 : 5); round++) {
      await using ourFake = await Fake.start(programs, folder);
      await using nodeFake = await Fake.start(programs, folder);
      await using bareFake = await Fake.start(programs, folder);
      await using daemon = ourFake.daemon();
      await using nodeClient = nodeFake.nodeClient();
      await using bareClient = bareFake.bareClient();
      await Promise.all([ourFake, nodeFake, bareFake].map((fake) => fake.settled()));
      rounds.push({
        ours: await costs(ourFake, daemon),
        node: await costs(nodeFake, nodeClient),
        bare: await costs(bareFake, bareClient),
      });
    }
    const rows: Row[] = [];
    for (const [i, { what }] of KINDS.entries()) {
      const of = (who: 'ours' | 'node' | 'bare', key: keyof Cost) =>
        rounds.map((round) => round[who][i]?.[key] ?? Number.NaN);
      // The least of the rounds: what else runs on the machine only adds to it.
      const cpu = (who: 'ours' | 'node' | 'bare') => Math.min(...of(who, 'cpu'));
      const seconds = (value: number) => `${value.toFixed(3)} s`;
      const against = (who: 'node' | 'bare'): Figures => ({
        ours: seconds(cpu('ours')),
        reference: seconds(cpu(who)),
        ratio: cpu('ours') / cpu(who),
      });
      rows.push(
        row(`events: CPU per 10,000 ${what}`, against('bare')),
        row(`events: CPU per 10,000 ${what}, against a minimal Node.js client`, against('node')),
      );
      const lost = of('ours', 'lost').reduce((sum, count) => sum + count, 0);
      const thousands = (perSecond: number) => `${(perSecond / 1000).toFixed(0)},000/s`;
      const rate = median(of('ours', 'perSecond'));
      rows.push(
        row(`events: ${what} without loss`, {
          ours: lost === 0 ? thousands(rate) : `${lost} lost`,
          reference: thousands(median(of('bare', 'perSecond'))),
          value: lost === 0 ? rate : Number.NaN,
        }),
      );
    }
    return [...rows, await ownCounters(context)];
  },
};

/** The cost is that of the first 10,000, including code that is not compiled yet. The rate is that of a longer flood. */
async function costs(fake: Fake, receiver: Child): Promise<Cost[]> {
  const result: Cost[] = [];
  for (const { kind, peers } of KINDS) {
    const before = cpuSeconds(receiver.pid);
    const first = await fake.flood(kind, 10_000, peers);
    const cpu = cpuSeconds(receiver.pid) - before;
    const { sent, lost, seconds } = await fake.flood(kind, 40_000, peers);
    result.push({ cpu, perSecond: sent / seconds, lost: first.lost + lost });
  }
  return result;
}

/** Asks the library itself how many events it has seen. */
async function ownCounters({ programs, folder }: Context): Promise<Row> {
  await using fake = await Fake.start(programs, folder);
  await using host = fake.countingHost();
  await fake.settled(200);
  const before = await countedBy(host);
  const sum = (counts: Readonly<Record<string, number>>, names: readonly string[]) =>
    names.reduce((total, name) => total + (counts[name] ?? 0), 0);
  let sent = 0;
  for (const { kind, peers } of KINDS) sent += (await fake.flood(kind, 10_000, peers)).sent;
  const after = await countedBy(host);
  const names = KINDS.flatMap((k) => [...k.names]);
  const counted = sum(after, names) - sum(before, names);
  return row('events: counted by the library', { ours: `${counted} of ${sent}`, holds: counted === sent });
}
