import type { Part } from './context.js';
import { bareNode, Fake } from './processes.js';
import { paired, row } from './report.js';

/** The time from the start of the process to its first request, and to the command that starts the group. */
export const startUp: Part = {
  title: 'start-up, against "node -e 0" from start to exit',
  async run({ programs, folder, quick }) {
    const attach: number[] = [];
    const groupAdd: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < (quick ? 6 : 21); round++) {
      const node = bareNode('0');
      const ended = await node.exited;
      await using fake = await Fake.start(programs, folder);
      await using daemon = fake.daemon();
      const added = await fake.time('group-add');
      const attached = await fake.time('attach');
      // As in real use, the group is up before the daemon ends.
      await fake.said('group-attach');
      // The first round fills the page cache.
      if (round === 0) continue;
      bare.push(milliseconds(node.startedAt, ended));
      attach.push(milliseconds(daemon.startedAt, attached));
      groupAdd.push(milliseconds(daemon.startedAt, added));
    }
    return [
      row('start: exec → ATTACH', paired(attach, bare, 'ms')),
      row('start: exec → P2P_GROUP_ADD', paired(groupAdd, bare, 'ms')),
    ];
  },
};

function milliseconds(from: bigint, to: bigint): number {
  return Number(to - from) / 1e6;
}
