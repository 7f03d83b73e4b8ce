import { existsSync, rmSync } from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { obtainDebianRoot } from '../../debian-root.js';
import { type ScenarioResult, SHARE } from '../protocol.js';
import { type Batch, batchesBySystem, usualMachines } from './batches.js';
import { runCommand } from './command.js';
import { type BootFiles, prepareBootFiles } from './kernel.js';
import { scenarioLog } from './report.js';
import { describeObstacles, findObstacles } from './requirements.js';
import { runPlanned } from './run-planned.js';
import { CHECKOUT, type KnownScenario, loadScenarios } from './scenarios.js';
import { Share } from './vm.js';

const USAGE = `usage: node test/.build/radio/host/run.js [--list] [--keep] [--again] [--machines N] [scenario ...]
  Runs the named scenarios (default: all that test the program) with the real wpa_supplicant in virtual machines with
  simulated radios.
  --all         also runs the scenarios that prove facts about wpa_supplicant itself
  --list        lists the scenarios
  --keep        keeps the folder with all logs and recordings
  --again       runs scenarios that failed once more, alone; those that pass only then are named at the end
  --machines N  distributes the scenarios over N machines that run at once (default: 2 if CPUs and memory allow)`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      again: { type: 'boolean' },
      all: { type: 'boolean' },
      list: { type: 'boolean' },
      keep: { type: 'boolean' },
      machines: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const known = await loadScenarios(positionals);
  if (values.list) {
    for (const { name, title } of known) console.log(`${name.padEnd(32)} ${title}`);
    return 0;
  }
  const everything = positionals.length > 0 || values.all === true;
  const scenarios = known.filter(({ facts }) => everything || !facts);
  const machines = chooseMachines(values.machines, scenarios.length);
  const obstacles = findObstacles();
  if (obstacles.length > 0) {
    console.error(describeObstacles(obstacles));
    return 2;
  }
  if (scenarios.length < known.length) {
    const left = known.filter(({ facts }) => facts).map(({ name }) => name);
    console.log(
      `lab: skipped, because they prove facts about wpa_supplicant itself (run them with --all): ` +
        left.join(', '),
    );
  }
  // Listeners of 'exit' run after a signal, too.
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  const share = await Share.create();
  if (!values.keep) process.on('exit', () => rmSync(share.path, { recursive: true, force: true }));
  if (values.keep) console.log(`lab: logs and recordings are kept in ${share.path}`);
  return runScenarios(share, scenarios, machines, values.again === true);
}

function chooseMachines(wanted: string | undefined, scenarios: number): number {
  if (wanted !== undefined) {
    if (!/^[1-9]\d*$/.test(wanted)) throw new Error(`--machines: expected a number from 1, got ${wanted}`);
    return Math.max(1, Math.min(Number(wanted), scenarios));
  }
  const { machines, reason } = usualMachines(scenarios);
  if (reason !== undefined) console.log(`lab: machines at once: ${machines} (${reason})`);
  return machines;
}

/** More failures than this are not caused by lost radio frames. */
const MAX_REPEATED = 3;

/**
 * Runs the scenarios in machines and reports the results. With `again`, scenarios that failed are run once more: an emulated
 * machine on a busy host sometimes loses a radio frame. The first failure stays in the output.
 * @returns the exit status
 */
async function runScenarios(
  folder: Share,
  scenarios: readonly KnownScenario[],
  machines: number,
  again: boolean,
): Promise<number> {
  const boot = await prepareBootFiles(log);
  const prepared = { boot, ...(await prepareSystem(folder, scenarios)) };
  const began = performance.now();
  const first = await runBatches(folder, batchesBySystem(scenarios, machines), machines, prepared);
  const failed = scenarios.filter(({ name }) => first.outcomes.get(name) === 'failed');
  const results = new Map(first.outcomes);
  let died = first.died;
  if (again && failed.length > 0 && failed.length <= MAX_REPEATED) {
    log(`once more, alone: ${failed.map(({ name }) => name).join(', ')}`);
    const second = await runBatches(await folder.part('again'), batchesBySystem(failed, 1), 1, prepared);
    for (const [name, outcome] of second.outcomes) results.set(name, outcome);
    died = second.died;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const atOnce = machines === 1 ? '' : `, ${machines} machines at once`;
  log(`${seconds} s from power-on to power-off${atOnce}`);
  const count = (wanted: string): number =>
    [...results.values()].filter((outcome) => outcome === wanted).length;
  console.log(`${count('passed')} passed, ${count('failed')} failed`);
  const recovered = failed.filter(({ name }) => results.get(name) === 'passed').map(({ name }) => name);
  if (recovered.length > 0) console.log(`PASSED ONLY ON THE SECOND ATTEMPT: ${recovered.join(', ')}`);
  return died || count('failed') > 0 || count('passed') === 0 ? 1 : 0;
}

function log(line: string): void {
  console.log(`lab: ${line}`);
}

interface Prepared {
  readonly boot: BootFiles;
  /** The root directory of a clean Debian, if a scenario runs on one. */
  readonly debianRoot?: string;
  /** The folder with the program's Debian package, if a scenario needs it. */
  readonly packages?: string;
}

/** Makes what takes long only if a scenario needs it. */
async function prepareSystem(
  folder: Share,
  scenarios: readonly KnownScenario[],
): Promise<Omit<Prepared, 'boot'>> {
  if (!scenarios.some(({ system }) => system === 'debian')) return {};
  const debianRoot = await obtainDebianRoot();
  if (!scenarios.some(({ needsPackage }) => needsPackage)) return { debianRoot };
  log('building the Debian package of the checkout');
  const packages = join(folder.path, SHARE.packages);
  await runCommand('sh', [join(CHECKOUT, 'packaging/debian/build.sh'), packages], { cwd: CHECKOUT });
  return { debianRoot, packages };
}

type Outcome = ScenarioResult['outcome'];

interface Round {
  /** Of every scenario; those that a machine did not finish before it died have failed. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly died: boolean;
}

async function runBatches(
  folder: Share,
  batches: readonly Batch<KnownScenario>[],
  machines: number,
  { boot, debianRoot, packages }: Prepared,
): Promise<Round> {
  const runs = await eachOf(batches, machines, async ({ system, scenarios }, index) => {
    // Each machine has its own plan and exit status.
    const share = batches.length === 1 ? folder : await folder.part(`machine-${index + 1}`);
    if (packages !== undefined && system === 'debian' && share !== folder)
      await cp(packages, join(share.path, SHARE.packages), { recursive: true });
    const root = system === 'debian' ? debianRoot : undefined;
    return runPlanned(share, scenarios, { boot, root }, async (result) => {
      await moveResults(share, folder, result.name);
      await report(folder, result);
    });
  });
  for (const [index, { died, lastWords }] of runs.entries()) {
    if (died === undefined) continue;
    log(`machine ${index + 1} failed: ${died}`);
    for (const line of lastWords) console.log(`  ${line}`);
  }
  const outcomes = runs.flatMap(({ results }) =>
    [...results].map(([name, { outcome }]) => [name, outcome] as const),
  );
  return { outcomes: new Map(outcomes), died: runs.some(({ died }) => died !== undefined) };
}

/** Works on at most `most` items at once. The results are in the order of the items. */
async function eachOf<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, item] = next;
      results[index] = await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}

/** Moves a scenario's files from its machine's folder to the run's. */
async function moveResults(share: Share, folder: Share, name: string): Promise<void> {
  const from = join(share.path, name);
  // A scenario that did not start has none.
  if (share !== folder && existsSync(from)) await rename(from, join(folder.path, name));
}

/** Prints the whole report at once, so that the reports of two machines do not mix. */
async function report(folder: Share, result: ScenarioResult): Promise<void> {
  const word = result.outcome === 'passed' ? 'pass' : 'FAIL';
  const lines = [`${word}  ${result.name.padEnd(40)} ${result.seconds.toFixed(1).padStart(6)} s`];
  if (result.outcome === 'failed') {
    lines.push(`  ${(result.error ?? '').replaceAll('\n', '\n  ')}`);
    lines.push(await scenarioLog(join(folder.path, result.name)));
  }
  console.log(lines.join('\n'));
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
