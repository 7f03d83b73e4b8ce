import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { SourceMap } from 'node:module';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seeded } from '../fakes/seeded.js';
import { type Mutant, mutantsOf } from './mutants.js';

/**
 * The mutation check: `npm run mutants -- [--seed N] [--count N] [--folder session]`.
 *
 * It makes small random changes in the compiled files of one folder of src/, one at a time, and runs the unit tests of that
 * folder on each. A mutant is killed when a test fails or does not end; one that survives shows a rule
 * without a test, or changes nothing that can be observed. Everything happens in copies in the folder for temporary files. The same seed
 * on the same sources makes the same mutants. The exit status is 0 unless the check itself could not run.
 */
const USAGE = 'usage: npm run mutants -- [--seed N] [--count N] [--folder NAME]';
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Other unit tests that cover a folder, in addition to its own. */
const FURTHER_TESTS: Readonly<Record<string, readonly string[]>> = { session: ['host'] };
/** They take most of the time, so they run only on what the others have not killed. */
const SLOW =
  /(?:stories|sequences|completeness|lasting-failures|native-addon|client-folder|unix-datagram)\.test\.js$/;
/** The compiled folders that the unit tests need. */
const COMPILED = ['unit', 'fakes', 'fuzz', 'model', 'mutation'];
const WORKERS = 2;
/** A run of the tests that takes this many times as long as without a mutant is taken for an endless loop, at the speed of the machine at that time. */
const SLOWER = 5;
const ENDLESS = 'endless';

/** Running tests, which are ended with the check. */
const alive = new Set<ChildProcess>();

interface Place {
  /** Path in .build/. */
  readonly file: string;
  readonly mutant: Mutant;
}

interface Outcome {
  readonly killed: boolean;
  /** The first test that failed, or why else the run ended. */
  readonly by: string;
}

function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '45' },
      folder: { type: 'string', default: 'session' },
    },
  });
  const [seed, count] = [Number(values.seed), Number(values.count)];
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count) || count < 1) throw new Error(USAGE);
  const scratch = mkdtempSync(join(tmpdir(), 'hostp2pd-mutants-'));
  process.once('exit', () => {
    for (const child of alive) child.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return check(scratch, seed, count, values.folder);
}

async function check(scratch: string, seed: number, count: number, folder: string): Promise<void> {
  const copies = Array.from({ length: WORKERS }, (_, i) => new Copy(join(scratch, String(i)), folder));
  const [first] = copies;
  if (!first) return;
  const places = first.places();
  const chosen = shuffled(places, seeded(seed)).slice(0, count);
  let limit = await first.limitNow();
  console.log(
    `${places.length} mutants possible in ${folder}; ${chosen.length} of them with seed ${seed}:\n`,
  );

  let survivors = 0;
  const waiting = chosen.entries();
  const work = async (copy: Copy) => {
    for (const [number, place] of waiting) {
      let outcome = await copy.testMutant(place, limit);
      while (outcome.by === ENDLESS) {
        // The machine may have become slower.
        const limitNow = await copy.limitNow();
        if (limitNow <= limit) break;
        limit = limitNow;
        outcome = await copy.testMutant(place, limit);
      }
      const { killed, by } = outcome;
      if (!killed) survivors++;
      const what = `${first.sourceOf(place)}: ${place.mutant.change}`;
      console.log(`${number + 1} ${killed ? 'killed' : 'SURVIVED'}: ${what}${killed ? ` (${by})` : ''}`);
    }
  };
  await Promise.all(copies.map(work));
  console.log(`\n${chosen.length - survivors} killed, ${survivors} survived`);
}

/** A copy of the compiled program and its unit tests. */
class Copy {
  readonly #root: string;
  readonly #folder: string;

  constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
    mkdirSync(join(root, 'test/.build'), { recursive: true });
    for (const name of ['package.json', ...COMPILED.map((part) => `test/.build/${part}`)])
      cpSync(join(ROOT, name), join(root, name), { recursive: true });
    for (const name of [
      'node_modules',
      'dist',
      'config',
      'native-notes',
      'packaging',
      'src',
      'test/fixtures',
    ])
      symlinkSync(join(ROOT, name), join(root, name));
    const options = ['--noCheck', '--sourceMap', '--composite', 'false', '--declaration', 'false'];
    const compiler = join(ROOT, 'node_modules/.bin/tsc');
    execFileSync(compiler, ['-p', ROOT, '--outDir', join(root, '.build'), ...options]);
    const tests = [folder, ...(FURTHER_TESTS[folder] ?? [])].flatMap((name) => this.#testsIn(name));
    if (tests.length === 0) throw new Error(`${USAGE}: there are no unit tests of ${folder}`);
    tests.sort((a, b) => Number(SLOW.test(a)) - Number(SLOW.test(b)));
    writeFileSync(join(root, 'tests.mjs'), tests.map((path) => `import './${path}';\n`).join(''));
  }

  #testsIn(name: string): string[] {
    const folder = `test/.build/unit/${name}`;
    const files = readdirSync(join(this.#root, folder)).filter((file) => file.endsWith('.test.js'));
    return files.sort().map((file) => `${folder}/${file}`);
  }

  places(): Place[] {
    const files = readdirSync(join(this.#root, '.build', this.#folder), {
      encoding: 'utf8',
      recursive: true,
    });
    return files
      .filter((name) => name.endsWith('.js'))
      .sort()
      .map((name) => join(this.#folder, name))
      .flatMap((file) => mutantsOf(this.#read(file)).map((mutant) => ({ file, mutant })));
  }

  #read(file: string): string {
    return readFileSync(join(this.#root, '.build', file), 'utf8');
  }

  /** The line of the TypeScript file. */
  sourceOf({ file, mutant }: Place): string {
    const before = this.#read(file).slice(0, mutant.start).split('\n');
    const map = new SourceMap(JSON.parse(this.#read(`${file}.map`)));
    const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
    const line = 'originalLine' in entry ? entry.originalLine + 1 : '?';
    return `src/${file.replace(/\.js$/, '.ts')}:${line}`;
  }

  async testMutant({ file, mutant }: Place, limitMs: number): Promise<Outcome> {
    const plain = this.#read(file);
    const path = join(this.#root, '.build', file);
    writeFileSync(path, plain.slice(0, mutant.start) + mutant.replacement + plain.slice(mutant.end));
    try {
      return await this.test(limitMs);
    } finally {
      writeFileSync(path, plain);
    }
  }

  /** How long a run may take, in ms, by a run without a mutant. */
  async limitNow(): Promise<number> {
    const began = performance.now();
    const { killed, by } = await this.test(Number.POSITIVE_INFINITY);
    if (killed) throw new Error(`a test fails without any mutant: ${by}`);
    return (performance.now() - began) * SLOWER;
  }

  test(limitMs: number): Promise<Outcome> {
    const reporter = '--test-reporter=./test/.build/mutation/first-failure.js';
    const args = [reporter, '--test-reporter-destination=stdout', 'tests.mjs'];
    const child = spawn(process.execPath, args, { cwd: this.#root, stdio: ['ignore', 'pipe', 'ignore'] });
    alive.add(child);
    const late = Number.isFinite(limitMs) ? setTimeout(() => child.kill('SIGKILL'), limitMs) : undefined;
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => {
        clearTimeout(late);
        alive.delete(child);
        const by = output.trim() || (signal === null ? 'a file that cannot be loaded' : ENDLESS);
        resolve({ killed: status !== 0, by });
      });
    });
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

await main();
