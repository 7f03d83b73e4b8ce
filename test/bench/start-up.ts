import type { Part } from './context.js';
import { bareNode, Fake } from './processes.js';
import { median, pairedRatio, ratioRow } from './report.js';

const ATTACH_LIMIT = 1.5;
const ATTACH_KNOWN = 1.65;
const GROUP_LIMIT = 1.8;
const GROUP_KNOWN = 1.85;

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
    const show = (values: readonly number[]) => `${median(values).toFixed(1)} ms`;
    return [
      ratioRow(
        'exec → ATTACH',
        show(attach),
        show(bare),
        pairedRatio(attach, bare),
        ATTACH_LIMIT,
        ATTACH_KNOWN,
      ),
      ratioRow(
        'exec → P2P_GROUP_ADD',
        show(groupAdd),
        show(bare),
        pairedRatio(groupAdd, bare),
        GROUP_LIMIT,
        GROUP_KNOWN,
      ),
    ];
  },
};

function milliseconds(from: bigint, to: bigint): number {
  return Number(to - from) / 1e6;
}
