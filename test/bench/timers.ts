import type { Part } from './context.js';
import { awakenings, cpuSeconds, voluntarySwitches } from './proc.js';
import { bareNode, Fake } from './processes.js';
import { row } from './report.js';

/** HEARTBEAT_MS of wpa/link.ts. */
const HEARTBEAT_S = 10;
/** Device and group; each has its own heartbeat. */
const LINKS = 2;
/** V8 collects garbage once, 8 s after the last allocation of the start. */
const SETTLED_MS = 9_500;

/** With nothing to do the program sleeps until the next heartbeat. */
export const timers: Part = {
  title: 'wake-ups while idle',
  async run({ programs, folder, quick }) {
    const seconds = quick ? 8 : 30;
    await using fake = await Fake.start(programs, folder);
    await using daemon = fake.daemon();
    await using node = bareNode('setTimeout(() => {}, 1e8)');
    await fake.settled(SETTLED_MS);
    await fake.count();
    const cpuBefore = cpuSeconds(daemon.pid);
    const switchesBefore = voluntarySwitches(daemon.pid);
    const [ours, bare] = await Promise.all([
      awakenings(daemon.pid, seconds * 1000),
      awakenings(node.pid, seconds * 1000),
    ]);
    const switches = voluntarySwitches(daemon.pid) - switchesBefore;
    const cpu = cpuSeconds(daemon.pid) - cpuBefore;
    const { requests, pings } = await fake.count();
    const beats = LINKS * Math.ceil(seconds / HEARTBEAT_S);
    return [
      row('timers: heartbeats while idle', { ours: `${pings} in ${seconds} s`, holds: pings <= beats }),
      row('timers: times awake in that time', {
        ours: String(ours),
        reference: `${bare} (idle node)`,
        holds: ours <= pings,
      }),
      row('timers: voluntary context switches', { ours: `${switches} (${requests} requests)` }),
      row('timers: processor time while idle', { ours: `${((cpu * 1000) / seconds).toFixed(2)} ms/s` }),
    ];
  },
};
