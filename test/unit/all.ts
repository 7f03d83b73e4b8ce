import { readdirSync } from 'node:fs';
import { beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { seeded } from '../fakes/seeded.js';

/**
 * Runs all unit tests in one process: a process for each file takes longer than most of the tests in it. A file that cannot be
 * loaded ends the run. HOSTP2PD_TEST_SEED=NUMBER: in another order, because no file may depend on those before it.
 */
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

const seed = process.env['HOSTP2PD_TEST_SEED'];
const random = seed === undefined ? () => 0 : seeded(Number(seed));
const files = readdirSync(FOLDER, { encoding: 'utf8', recursive: true })
  .filter((name) => name.endsWith('.test.js'))
  .sort()
  .map((name) => ({ name, key: random() }))
  .sort((one, other) => one.key - other.key);

const limit = new Worker(new URL('time-limit.js', import.meta.url));
limit.unref();
let running = 'none';
let begun = 0;
let complete = false;
beforeEach(({ name }) => {
  running = name;
  begun++;
  limit.postMessage(name);
});
// Not if a test calls process.exit: the others would not run, and with the status 0 nobody would notice.
process.on('beforeExit', () => {
  complete = begun >= Math.max(1, files.length);
});
process.on('exit', () => {
  if (complete) return;
  console.error(`not all unit tests have run; the last one: "${running}"`);
  process.exitCode = 1;
});

for (const { name } of files) await import(`./${name}`);
