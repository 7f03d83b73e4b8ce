import { startCrowd, WAYS_TO_HOLD } from '../crowd.js';
import type { Part } from './context.js';
import { Fake, milliseconds } from './processes.js';
import { row } from './report.js';

/** The operator beside a thousand clients that hold their connections. */
export const crowd: Part = {
  title: 'hostp2pd status while 1,000 clients hold their connections, in six ways',
  async run({ programs, folder, quick }) {
    const times: number[] = [];
    for (const [how, request] of WAYS_TO_HOLD) {
      await using fake = await Fake.start(programs, folder);
      await using _daemon = fake.daemon();
      await fake.settled(500);
      const clients = await startCrowd(fake.controlSocket, request);
      try {
        for (let round = 0; round < (quick ? 2 : 10); round++) {
          const status = fake.operator('status');
          times.push(await milliseconds(status));
          if (status.process.exitCode !== 0) throw new Error(`not answered beside clients that ${how}`);
        }
      } finally {
        clients.kill('SIGKILL');
      }
    }
    const longest = Math.max(...times);
    return [
      row('crowd: hostp2pd status beside 1,000 clients, the longest', {
        ours: `${longest.toFixed(0)} ms`,
        value: longest,
      }),
    ];
  },
};
