import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RELEASES, type Release } from '../../debian-root.js';
import type { Suite } from '../guest/scenario.js';
import { usualMachines } from './batches.js';
import { prepareBootFiles } from './kernel.js';
import { type Column, matrixTable } from './matrix.js';
import { describeObstacles, findObstacles } from './requirements.js';
import { prepareRoots } from './roots.js';
import { log, runColumn } from './run-column.js';
import { loadScenarios } from './scenarios.js';
import { Share } from './vm.js';

const USAGE = `usage: node test/.build/radio/host/run.js [option ...] [scenario ...]
  Runs the named scenarios (default: all that test the program and do not take very long) with the real wpa_supplicant in virtual machines with
  simulated radios.
  --core         runs only those that CI runs
  --all          also runs the scenarios that prove facts about wpa_supplicant itself, and those of --hosts
  --hosts        runs the scenarios that follow install.md on the kinds of hosts that users have
  --list         lists the scenarios
  --keep         keeps the folder with all logs and recordings
  --again        runs scenarios that failed once more, alone; those that pass only then are named at the end
  --machines N   distributes the scenarios over N machines that run at once (default: 2 if CPUs and memory allow)
  --system NAME  runs them on a clean Debian with its own wpa_supplicant: ${RELEASES.join(', ')} or all; may be repeated
  --phones NAME  gives the phones the wpa_supplicant of that Debian (default: the same as the box)`;

const LEFT_OUT: Readonly<Record<Exclude<Suite, 'core'>, string>> = {
  full: 'are not run by CI (run them without --core)',
  facts: 'prove facts about wpa_supplicant itself (run them with --all)',
  hosts: 'play kinds of hosts (run them with --hosts)',
  'by-name': 'take long (run them by name)',
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      again: { type: 'boolean' },
      all: { type: 'boolean' },
      core: { type: 'boolean' },
      hosts: { type: 'boolean' },
      list: { type: 'boolean' },
      keep: { type: 'boolean' },
      machines: { type: 'string' },
      system: { type: 'string', multiple: true },
      phones: { type: 'string' },
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
  const named = positionals.length > 0;
  const suites = chooseSuites(values);
  const scenarios = known.filter(({ suite }) => named || suites.includes(suite));
  const machines = chooseMachines(values.machines, scenarios.length);
  const releases = (values.system ?? []).flatMap((name) =>
    name === 'all' ? RELEASES : [asRelease('--system', name)],
  );
  const phones = values.phones === undefined ? undefined : asRelease('--phones', values.phones);
  const obstacles = findObstacles();
  if (obstacles.length > 0) {
    console.error(describeObstacles(obstacles));
    return 2;
  }
  for (const [suite, reason] of Object.entries(LEFT_OUT)) {
    const left = known.filter((one) => one.suite === suite && !scenarios.includes(one));
    if (left.length > 0 && values.hosts !== true)
      console.log(`lab: skipped, because they ${reason}: ${left.map(({ name }) => name).join(', ')}`);
  }
  // Listeners of 'exit' run after a signal, too.
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  const share = await Share.create();
  if (!values.keep) process.on('exit', () => rmSync(share.path, { recursive: true, force: true }));
  if (values.keep) console.log(`lab: logs and recordings are kept in ${share.path}`);
  const boot = await prepareBootFiles(log);
  const systems = new Set(scenarios.map(({ system }) => system));
  const columns: Column[] = [];
  for (const release of releases.length === 0 ? [undefined] : new Set(releases)) {
    const roots = await prepareRoots(release, phones, systems);
    const folder = release === undefined ? share : await share.part(release);
    const again = values.again === true;
    columns.push(await runColumn(folder, scenarios, { release, boot, roots, machines, again }));
  }
  if (columns.length > 1) console.log(`\n${matrixTable(columns)}`);
  for (const { name, problem } of columns) {
    if (problem !== undefined) console.error(`LEFT OUT: scenarios on ${name}: ${problem}`);
  }
  return exitStatus(columns);
}

function chooseSuites({
  core,
  all,
  hosts,
}: {
  core?: boolean;
  all?: boolean;
  hosts?: boolean;
}): readonly Suite[] {
  if (core) return ['core'];
  if (all) return ['core', 'full', 'facts', 'hosts'];
  return hosts ? ['hosts'] : ['core', 'full'];
}

function asRelease(option: string, name: string): Release {
  const release = RELEASES.find((known) => known === name);
  if (release === undefined)
    throw new Error(`${option}: expected one of ${RELEASES.join(', ')}, got ${name}`);
  return release;
}

/** 1: a scenario or a machine failed; 2: what ran has passed, but a system cannot run here. */
function exitStatus(columns: readonly Column[]): number {
  const outcomes = columns.flatMap(({ cells }) => [...cells.values()].map(({ outcome }) => outcome));
  if (columns.some(({ died }) => died) || outcomes.includes('failed')) return 1;
  if (columns.some(({ problem }) => problem !== undefined)) return 2;
  return outcomes.some((outcome) => outcome !== 'left out') ? 0 : 1;
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

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
