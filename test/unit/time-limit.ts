import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** Ends the process when a test hangs. In a thread of its own, since the test may be in an endless loop. */
const LIMIT_MS = 120_000;

let timer: NodeJS.Timeout | undefined;
parentPort?.on('message', (test: string) => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    writeSync(2, `"${test}" has not ended after ${LIMIT_MS / 1_000} s\n`);
    process.kill(process.pid, 'SIGKILL');
  }, LIMIT_MS);
});
