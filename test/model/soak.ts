import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { stackOf } from '#src/system/stack.js';
import { hostileDatagrams } from './hostile-datagrams.js';
import { stories } from './story.js';

/**
 * `npm run soak [-- --seconds N] [--seed N]`: random stories and hostile datagrams until the time is over, or until one breaks a
 * rule.
 */

/** For each seed. */
const STORIES = 100;
const DATAGRAMS = 20_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const seconds = numberOf('--seconds', values.seconds);
const first = values.seed === undefined ? Date.now() % 1_000_000 : numberOf('--seed', values.seed);

const end = performance.now() + seconds * 1000;
let seed = first;
let runs = 0;
let broken = '';
do {
  broken = brokenRule(seed);
  if (broken !== '') break;
  runs++;
  seed++;
} while (performance.now() < end);
if (broken !== '') {
  process.stdout.write(`${broken}\nagain: npm run soak -- --seed ${seed}\n`);
  process.exitCode = 1;
}
process.stdout.write(
  `${runs * STORIES} stories and ${runs * DATAGRAMS} datagrams without a broken rule, seeds ${first} to ${seed - 1}\n`,
);

/** Which rule a story or datagram of that seed has broken; empty for none. */
function brokenRule(seed: number): string {
  const details = fc.check(stories, { seed, numRuns: STORIES });
  if (details.failed) return `${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}`;
  try {
    hostileDatagrams(seed, DATAGRAMS);
    return '';
  } catch (error) {
    return stackOf(error);
  }
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 0)
    throw new Error(`${name}: expected a whole number, got ${JSON.stringify(text)}`);
  return number;
}
