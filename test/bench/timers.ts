import type { Part } from './context.js';
import { cpuSeconds, voluntarySwitches } from './proc.js';
import { bareNode, Fake, pause } from './processes.js';
import { plainRow } from './report.js';

/** HEARTBEAT_MS of wpa/link.ts. */
const HEARTBEAT_S = 10;
const LINKS = 2;

/** With nothing to do the program sleeps from heartbeat to heartbeat. */
export const timers: Part = {
  title: 'wake-ups while idle',
  async run({ programs, folder, quick }) {
    const seconds = quick ? 11 : 30;
    await using fake = await Fake.start(programs, folder);
    await using node = bareNode('setTimeout(() => {}, 1e8)');
    await using daemon = fake.daemon();
    await fake.settled(3_000);
    await fake.count();
    const read = () => [daemon, node].map(({ pid }) => voluntarySwitches(pid));
    const cpuBefore = cpuSeconds(daemon.pid);
    const before = read();
    await pause(seconds * 1000);
    const [ours = 0, bare = 0] = read().map((count, i) => count - (before[i] ?? 0));
    const cpu = cpuSeconds(daemon.pid) - cpuBefore;
    const { requests, pings } = await fake.count();
    const beats = LINKS * Math.ceil(seconds / HEARTBEAT_S);
    // A heartbeat asks two things: its timer and the replies wake the program. So do the rare searches.
    const searches = requests - 2 * pings;
    const allowed = 3 * pings + 2 * Math.max(0, searches);
    return [
      plainRow(`heartbeats in ${seconds} s`, String(pings), `≤ ${beats}`, pings <= beats),
      plainRow(
        `other requests in ${seconds} s`,
        String(searches),
        `≤ ${Math.ceil(seconds / HEARTBEAT_S)}`,
        searches <= Math.ceil(seconds / HEARTBEAT_S),
      ),
      {
        measure: `voluntary context switches in ${seconds} s, all threads`,
        ours: String(ours),
        reference: `${bare} (bare node)`,
        ratio: '',
        bound: `≤ ${allowed}: timers and replies`,
        holds: ours <= allowed,
      },
      plainRow('processor time while idle', `${((cpu * 1000) / seconds).toFixed(2)} ms/s`),
    ];
  },
};
