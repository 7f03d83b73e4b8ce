import v8 from 'node:v8';
import vm from 'node:vm';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { BusyDay, GROUPS_A_DAY } from './busy-day.js';

/** `npm run soak:day`: a busy day in about a minute. Prints what the program holds every two hours, and fails if that grows. */

/** Bytes. Two looks at the same heap differ by some 10 kB. */
const MAX_GROWTH = 256 * 1024;

v8.setFlagsFromString('--expose-gc');
const gc: unknown = vm.runInNewContext('gc');
if (typeof gc !== 'function') throw new Error('--expose-gc gives no function gc');

const day = new BusyDay(temporaryFolder());
const heaps: number[] = [];
for (let hour = 2; hour <= 24; hour += 2) {
  await day.goOn(Math.floor(GROUPS_A_DAY / 12));
  gc();
  const { heapUsed } = process.memoryUsage();
  heaps.push(heapUsed);
  process.stdout.write(
    `${hour} h: heap ${(heapUsed / 1024).toFixed(0)} KiB, ${JSON.stringify(day.footprint)}\n`,
  );
}
await day.stop();
// In the first hours code is compiled, and the tables become full.
const [, , early = 0] = heaps;
const growth = (heaps.at(-1) ?? 0) - early;
process.stdout.write(`the heap has grown by ${(growth / 1024).toFixed(0)} KiB since 6 h\n`);
if (growth > MAX_GROWTH) process.exitCode = 1;
