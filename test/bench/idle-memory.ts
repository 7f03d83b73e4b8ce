import type { Part } from './context.js';
import { type Memory, memory, processCount } from './proc.js';
import { bareNode, Fake, pause } from './processes.js';
import { paired, row } from './report.js';

/** V8 collects garbage some seconds after the last allocation of the start. */
const IDLE_MS = 60_000;
const QUICK_IDLE_MS = 15_000;

/** The memory of the program with its group up and nothing to do. */
export const idleMemory: Part = {
  title: 'memory with the group up, idle after one use of the control socket, against an idle node',
  async run({ programs, folder, quick }) {
    const ours: Memory[] = [];
    const bare: Memory[] = [];
    let processes = 0;
    for (let round = 0; round < 2; round++) {
      await using fake = await Fake.start(programs, folder);
      await using node = bareNode('setTimeout(() => {}, 1e8)');
      await using daemon = fake.daemon();
      await fake.settled();
      await fake.operator('status').exited;
      await pause(quick ? QUICK_IDLE_MS : IDLE_MS);
      ours.push(memory(daemon.pid));
      bare.push(memory(node.pid));
      processes = Math.max(processes, processCount(daemon.pid));
    }
    const figures = (key: keyof Memory) =>
      paired(
        ours.map((m) => m[key]),
        bare.map((m) => m[key]),
        'MiB',
      );
    return [
      row('memory: RSS', figures('rss')),
      row('memory: PSS (falls with other node processes)', figures('pss')),
      row('memory: private dirty', figures('privateDirty')),
      row('memory: processes', { ours: String(processes), value: processes }),
    ];
  },
};
