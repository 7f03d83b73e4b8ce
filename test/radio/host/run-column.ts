import { existsSync } from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Release } from '../../debian-root.js';
import { outcomesText } from '../../faults/fault-table.js';
import { append } from '../../faults/outcome.js';
import { type ScenarioResult, SHARE } from '../protocol.js';
import { type Batch, batchesBySystem } from './batches.js';
import { runCommand } from './command.js';
import type { BootFiles } from './kernel.js';
import { type Cell, type Column, figuresTable } from './matrix.js';
import { scenarioLog } from './report.js';
import type { Roots } from './roots.js';
import { runPlanned } from './run-planned.js';
import { CHECKOUT, type KnownScenario } from './scenarios.js';
import type { Share } from './vm.js';

/** More failures than this are not caused by lost radio frames. */
const MAX_REPEATED = 3;

export function log(line: string): void {
  console.log(`lab: ${line}`);
}

interface ColumnOptions {
  /** Undefined: this machine. */
  readonly release: Release | undefined;
  readonly boot: BootFiles;
  readonly roots: Roots;
  /** How many machines run at once. */
  readonly machines: number;
  /** Scenarios that failed are run once more: an emulated machine on a busy host sometimes loses a radio frame. */
  readonly again: boolean;
}

/** Runs the scenarios in machines and reports the results. The first failure of a scenario stays in the output. */
export async function runColumn(
  folder: Share,
  known: readonly KnownScenario[],
  { release, boot, roots, machines, again }: ColumnOptions,
): Promise<Column> {
  const column = release ?? 'this machine';
  const cells = new Map<string, Cell>();
  const scenarios = known.filter(({ name, system, leftOut }) => {
    const reason = roots.of.has(system) ? release && leftOut[release] : roots.problem;
    if (reason !== undefined) cells.set(name, { outcome: 'left out', reason });
    return reason === undefined;
  });
  for (const [name, { reason = '' }] of cells) console.log(`LEFT OUT  ${name}: ${reason}`);
  if (scenarios.length === 0) return { name: column, cells, died: false, problem: roots.problem };
  const prepared = { boot, roots, packages: await preparePackages(folder, scenarios) };
  const began = performance.now();
  const first = await runBatches(folder, batchesBySystem(scenarios, machines), machines, prepared);
  const failed = scenarios.filter(({ name }) => first.results.get(name)?.outcome === 'failed');
  for (const [name, outcome] of first.results) cells.set(name, cellOf(outcome));
  let died = first.died;
  if (again && failed.length > 0 && failed.length <= MAX_REPEATED) {
    log(`once more, alone: ${failed.map(({ name }) => name).join(', ')}`);
    const second = await runBatches(await folder.part('again'), batchesBySystem(failed, 1), 1, prepared);
    for (const [name, result] of second.results)
      cells.set(
        name,
        result.outcome === 'passed'
          ? { ...cells.get(name), outcome: 'passed again', figures: result.figures }
          : cellOf(result),
      );
    died = second.died;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const atOnce = machines === 1 ? '' : `, ${machines} machines at once`;
  log(`${seconds} s from power-on to power-off${atOnce}`);
  const result = { name: column, cells, died, problem: roots.problem };
  const figures = figuresTable(result);
  if (figures !== '') console.log(figures);
  const are = (...wanted: Cell['outcome'][]) =>
    [...cells].filter(([, { outcome }]) => wanted.includes(outcome));
  console.log(`${are('passed', 'passed again').length} passed, ${are('failed').length} failed`);
  // At the end of a long output, where they are seen.
  for (const [name, { reason }] of are('passed again'))
    console.log(`PASSED ONLY ON THE SECOND ATTEMPT: ${name}: ${reason}`);
  for (const [name, { reason }] of are('failed')) console.log(`FAILED: ${name}: ${reason}`);
  return result;
}

function cellOf({ outcome, figures, error }: ScenarioResult): Cell {
  return { outcome, figures, ...(error !== undefined && { reason: error.split('\n', 1).join('') }) };
}

/** The folder with the program's Debian package, if a scenario needs it: building takes long. */
async function preparePackages(
  folder: Share,
  scenarios: readonly KnownScenario[],
): Promise<string | undefined> {
  if (!scenarios.some(({ needsPackage }) => needsPackage)) return undefined;
  log('building the Debian package of the checkout');
  const packages = join(folder.path, SHARE.packages);
  await runCommand('sh', [join(CHECKOUT, 'packaging/debian/build.sh'), packages], { cwd: CHECKOUT });
  return packages;
}

interface Prepared {
  readonly boot: BootFiles;
  readonly roots: Roots;
  readonly packages: string | undefined;
}

interface Round {
  /** Of every scenario; those that a machine did not finish before it died have failed. */
  readonly results: ReadonlyMap<string, ScenarioResult>;
  readonly died: boolean;
}

async function runBatches(
  folder: Share,
  batches: readonly Batch<KnownScenario>[],
  machines: number,
  { boot, roots, packages }: Prepared,
): Promise<Round> {
  const runs = await eachOf(batches, machines, async ({ system, scenarios }, index) => {
    // Each machine has its own plan and exit status.
    const share = batches.length === 1 ? folder : await folder.part(`machine-${index + 1}`);
    const packagesInside = join(share.path, SHARE.packages);
    if (packages !== undefined && system === 'debian' && packages !== packagesInside)
      await cp(packages, packagesInside, { recursive: true });
    const { of, phones } = roots;
    const files = { boot, root: of.get(system), systemd: system === 'debian', phones };
    return runPlanned(share, scenarios, files, async (result) => {
      if (result.outcome === 'passed') append(result.faults ?? []);
      await moveResults(share, folder, result.name);
      await report(folder, result);
    });
  });
  for (const [index, { died, lastWords }] of runs.entries()) {
    if (died === undefined) continue;
    log(`machine ${index + 1} failed: ${died}`);
    for (const line of lastWords) console.log(`  ${line}`);
  }
  return {
    results: new Map(runs.flatMap(({ results }) => [...results])),
    died: runs.some(({ died }) => died !== undefined),
  };
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
  if (result.report !== undefined) lines.push(result.report);
  if (result.faults !== undefined) lines.push(outcomesText(result.faults));
  if (result.outcome === 'failed') {
    lines.push(`  ${(result.error ?? '').replaceAll('\n', '\n  ')}`);
    lines.push(await scenarioLog(join(folder.path, result.name)));
  }
  console.log(lines.join('\n'));
}
