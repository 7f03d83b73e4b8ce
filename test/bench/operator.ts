import type { Part } from './context.js';
import { bareNode, Fake, milliseconds } from './processes.js';
import { paired, row } from './report.js';

const COMMANDS = ['status', '-r', '-t'] as const;

/** What an operator waits for. `-r` and `-t` include what the daemon does. */
export const operator: Part = {
  title: 'commands for a running daemon from start to exit, against "node -e 0"',
  async run({ programs, folder, quick }) {
    const bare: number[] = [];
    const ours = new Map(COMMANDS.map((command): [typeof command, number[]] => [command, []]));
    for (let round = 0; round < (quick ? 4 : 11); round++) {
      await using fake = await Fake.start(programs, folder);
      await using _daemon = fake.daemon();
      await fake.settled(500);
      bare.push(await milliseconds(bareNode('0')));
      for (const [command, times] of ours) times.push(await milliseconds(fake.operator(command)));
    }
    return [...ours].map(([command, times]) =>
      row(`operator: hostp2pd ${command}`, paired(times, bare, 'ms')),
    );
  },
};
