import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { stories } from './story.js';

/** `npm run soak [-- --seconds N] [--seed N]`: random stories until the time is over, or until one breaks a rule. */

const BATCH = 100;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const seconds = numberOf('--seconds', values.seconds);
const first = values.seed === undefined ? Date.now() % 1_000_000 : numberOf('--seed', values.seed);

const end = performance.now() + seconds * 1000;
let seed = first;
let runs = 0;
do {
  const details = fc.check(stories, { seed, numRuns: BATCH });
  if (details.failed) {
    process.stdout.write(`${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}\n`);
    process.stdout.write(`again: npm run soak -- --seed ${seed}\n`);
    process.exitCode = 1;
    break;
  }
  runs += details.numRuns;
  seed++;
} while (performance.now() < end);
process.stdout.write(`${runs} stories without a broken rule, seeds ${first} to ${seed - 1}\n`);

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 0)
    throw new Error(`${name}: expected a whole number, got ${JSON.stringify(text)}`);
  return number;
}
