import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { obtainDebianRoot } from '../debian-root.js';
import {
  asLine,
  findingsOf,
  loadTarget,
  readCorpus,
  TARGETS,
  type TargetName,
  writeCorpus,
} from './corpus.js';
import { SEEDS } from './seeds.js';
import { smallest } from './smallest.js';

/**
 * `npm run fuzz -- [--seconds N] [--seed N] [--keep] [target ...]`: coverage-guided fuzzing with Jazzer.js (libFuzzer), one
 * target after the other, each for so many seconds. The exit status is 1 where an input breaks a rule; it is printed as a line
 * for `findings.jsonl`. With `--keep` the corpus becomes the fewest inputs that reach as much code.
 */
const USAGE = `usage: npm run fuzz -- [--seconds N] [--seed N] [--keep] [${TARGETS.join('|')} ...]`;
/** What the native part of Jazzer.js 4.0.0 needs: `objdump -T` of its `fuzzer-linux-x64.node`. */
const NEEDED_GLIBC = 2.38;
/** Of a datagram or a file that is worth trying. */
const MAX_BYTES = 4096;

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
const targets = TARGETS.filter((name) => positionals.length === 0 || positionals.includes(name));
const unknown = positionals.filter((name) => !TARGETS.some((target) => target === name));
if (unknown.length > 0 || !Number.isSafeInteger(seconds) || !Number.isSafeInteger(seed) || seed < 1) {
  console.error(USAGE);
  process.exit(2);
}
const node = await nodeCommand();
for (const name of targets) {
  console.log(`${name}: ${seconds} s, seed ${seed}`);
  if (!(await fuzzTarget(name))) process.exitCode = 1;
}
// A target may have a server open.
process.exit();

/**
 * How a Node.js with a C library is started that the native part accepts. Debian 12 has an older one, so there the libraries of
 * a later Debian are used, those of the radio lab.
 */
async function nodeCommand(): Promise<readonly string[]> {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const found = header?.glibcVersionRuntime ?? 'none';
  if (Number(found) >= NEEDED_GLIBC) return [process.execPath];
  console.log(`expected glibc ${NEEDED_GLIBC} or later, got ${found}: with that of Debian 13`);
  const root = await obtainDebianRoot('trixie');
  const [folder = ''] = readdirSync(join(root, 'usr/lib')).filter((name) => /-linux-gnu$/.test(name));
  const libraries = join(root, 'usr/lib', folder);
  const loader = readdirSync(libraries).find((name) => /^ld-linux-.*\.so/.test(name)) ?? '';
  return [join(libraries, loader), '--library-path', libraries, process.execPath];
}

/** @returns whether no input has broken a rule */
async function fuzzTarget(name: TargetName): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'hostp2pd-fuzz-'));
  try {
    const { inputs, words } = SEEDS[name]();
    const found = join(scratch, 'found');
    const seeds = join(scratch, 'seeds');
    mkdirSync(found);
    mkdirSync(seeds);
    for (const [index, input] of [...inputs, ...readCorpus(name), ...findingsOf(name)].entries())
      writeFileSync(join(seeds, String(index)), input);
    writeFileSync(join(scratch, 'words'), words.map(dictionaryLine).join(''));
    const options = [`-max_total_time=${seconds}`, `-seed=${seed}`, `-dict=${join(scratch, 'words')}`];
    const limits = [`-max_len=${MAX_BYTES}`, `-artifact_prefix=${scratch}/`, '-print_final_stats=1'];
    const status = await run(name, [...options, ...limits, found, seeds]);
    const finding = readdirSync(scratch).find((file) => /^(?:crash|timeout|oom|slow-unit)-/.test(file));
    if (finding !== undefined) {
      console.log(`${name}: this input breaks a rule; add it to test/fixtures/corpus/findings.jsonl:`);
      console.log(asLine(readFileSync(join(scratch, finding))));
      return false;
    }
    if (status !== 0) throw new Error(`${name}: the fuzzer has ended with status ${status}`);
    if (values.keep) await keep(name, [seeds, found]);
    return true;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The corpus becomes the fewest inputs that reach as much as the seeds and those that were found. */
async function keep(name: TargetName, folders: readonly string[]): Promise<void> {
  const inputs = folders.flatMap((folder) =>
    readdirSync(folder).map((file) => readFileSync(join(folder, file))),
  );
  const kept = await smallest(await loadTarget(name), inputs, '/.build/');
  writeCorpus(name, kept);
  console.log(`${name}: ${kept.length} of ${inputs.length} inputs kept`);
}

function run(name: TargetName, options: readonly string[]): Promise<number | null> {
  const [command = '', ...before] = node;
  const script = fileURLToPath(new URL('./run-target.js', import.meta.url));
  const child = spawn(command, [...before, script, name, ...options], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status));
  });
}

/** As libFuzzer reads it. */
function dictionaryLine(word: string): string {
  const bytes = [...Buffer.from(word)].map((byte) =>
    byte >= 32 && byte < 127 && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `"${bytes.join('')}"\n`;
}
