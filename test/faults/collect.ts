import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultNames, faultOf } from './fault-list.js';
import { outcomesText, replaceRows } from './fault-table.js';
import { OUTCOMES_VARIABLE, type Outcome, readOutcomes } from './outcome.js';

/**
 * `npm run faults -- [tests] [radio] [FILE ...]`: runs the tests and the radio scenarios that inject faults (default: both), and
 * writes what was lost, and for how long, into packaging/docs/faults.md. The others keep their rows. A FILE has outcomes of
 * former runs, which were started with HOSTP2PD_FAULT_OUTCOMES=FILE.
 *
 * If something fails, nothing is written and the exit status is 1.
 */
const DOCUMENT = fileURLToPath(new URL('../../../packaging/docs/faults.md', import.meta.url));
const BUILD = fileURLToPath(new URL('..', import.meta.url));

/** The arguments of node for each part. */
const PARTS: Readonly<Record<string, () => readonly string[]>> = {
  tests: () => ['--test', '--test-reporter=spec', ...playedBy('test').map(compiled)],
  radio: () => [join(BUILD, 'radio/host/run.js'), ...playedBy('scenario')],
};

/** The files of tests, or the scenarios, that play faults. */
function playedBy(kind: 'test' | 'scenario'): readonly string[] {
  const names = faultNames().flatMap((name) => {
    const { player } = faultOf(name);
    if (kind === 'test') return 'test' in player ? player.test : [];
    return 'scenario' in player ? player.scenario : [];
  });
  return [...new Set(names)];
}

function compiled(file: string): string {
  return join(BUILD, file.replace(/\.ts$/, '.js'));
}

function main(args: readonly string[]): number {
  const files = args.filter((arg) => !Object.hasOwn(PARTS, arg));
  const parts = args.length === 0 ? Object.keys(PARTS) : args.filter((arg) => !files.includes(arg));
  const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-faults-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outcomes: Outcome[] = files.flatMap((file) => readOutcomes(file));
  for (const part of parts) {
    const file = join(folder, part);
    writeFileSync(file, '');
    const env = { ...process.env, [OUTCOMES_VARIABLE]: file };
    const { status } = spawnSync(process.execPath, PARTS[part]?.() ?? [], { stdio: 'inherit', env });
    if (status !== 0) {
      process.stderr.write(`faults: ${part}: exit status ${status}; nothing is written\n`);
      return 1;
    }
    outcomes.push(...readOutcomes(file));
  }
  process.stdout.write(`\n${outcomesText(outcomes)}\n`);
  writeFileSync(DOCUMENT, replaceRows(readFileSync(DOCUMENT, 'utf8'), outcomes));
  return 0;
}

process.exitCode = main(process.argv.slice(2));
