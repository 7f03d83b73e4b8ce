import type { Part } from './context.js';
import { type Memory, memory, processCount } from './proc.js';
import { bareNode, Fake, pause } from './processes.js';
import { median, pairedRatio, plainRow, type Row, ratioRow } from './report.js';

const LIMIT = 1.3;
const IDLE_MS = 5_000;

/** The memory of the program with its group up and nothing to do. */
export const idleMemory: Part = {
  title: `memory after ${IDLE_MS / 1000} s idle with the group up, against an idle node`,
  async run({ programs, folder, quick }) {
    const ours: Memory[] = [];
    const bare: Memory[] = [];
    let processes = 0;
    for (let round = 0; round < (quick ? 2 : 5); round++) {
      await using fake = await Fake.start(programs, folder);
      await using node = bareNode('setTimeout(() => {}, 1e8)');
      await using daemon = fake.daemon();
      await fake.said('group-attach');
      await pause(IDLE_MS);
      ours.push(memory(daemon.pid));
      bare.push(memory(node.pid));
      processes = Math.max(processes, processCount(daemon.pid));
    }
    const row = (measure: string, key: keyof Memory, limit?: number): Row => {
      const [mine, its] = [ours.map((m) => m[key]), bare.map((m) => m[key])];
      const show = (values: readonly number[]) => `${median(values).toFixed(1)} MiB`;
      return ratioRow(measure, show(mine), show(its), pairedRatio(mine, its), limit);
    };
    return [
      row('RSS', 'rss', LIMIT),
      row('PSS (falls with other node processes)', 'pss'),
      row('private dirty', 'privateDirty'),
      plainRow('processes', String(processes), '1', processes === 1),
    ];
  },
};
