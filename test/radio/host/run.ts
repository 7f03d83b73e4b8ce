import { existsSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ScenarioResult } from '../protocol.js';
import { deal, usualMachines } from './deal.js';
import { prepareBootFiles } from './kernel.js';
import { scenarioLog } from './report.js';
import { describeObstacles, findObstacles } from './requirements.js';
import { runPlanned } from './run-planned.js';
import { type KnownScenario, loadScenarios } from './scenarios.js';
import { Share } from './vm.js';

const USAGE = `usage: node test/.build/radio/host/run.js [--list] [--keep] [--again] [--machines N] [scenario ...]
  Runs scenarios (unless named, all about the program) against the real wpa_supplicant in virtual machines with
  simulated radios.
  --all         also those that hold facts about wpa_supplicant itself
  --list        shows the scenarios
  --keep        keeps the folder with all logs and recordings
  --again       what failed is played once more, alone; what passes only then is named at the end
  --machines N  spreads the scenarios over N machines that run at once (default: 2 where CPUs and memory allow)`;

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
      `lab: left out, for they hold facts about wpa_supplicant itself and change only with it (--all plays them): ` +
        left.join(', '),
    );
  }
  // So that what is to be done on exit is done then, too.
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  const share = await Share.create();
  if (!values.keep) process.on('exit', () => rmSync(share.path, { recursive: true, force: true }));
  if (values.keep) console.log(`lab: logs and recordings are kept in ${share.path}`);
  return runScenarios(share, deal(scenarios, machines), values.again === true);
}

function chooseMachines(wanted: string | undefined, scenarios: number): number {
  if (wanted !== undefined) {
    if (!/^[1-9]\d*$/.test(wanted)) throw new Error(`--machines ${wanted}: want a number, 1 or more`);
    return Math.max(1, Math.min(Number(wanted), scenarios));
  }
  const { machines, reason } = usualMachines(scenarios);
  if (reason !== undefined) console.log(`lab: machines that run at once: ${machines} (${reason})`);
  return machines;
}

/** Above this it is not the weather. */
const AGAIN_AT_MOST = 3;

/**
 * Runs each hand in a machine of its own and reports; the return value is the exit status. With `again`, scenarios that
 * failed are played once more: a machine without a clock of its own, emulated on a busy one, loses a radio frame now
 * and then. The first failure stays in the output.
 */
async function runScenarios(folder: Share, hands: Hands, again: boolean): Promise<number> {
  const boot = await prepareBootFiles((line) => console.log(`lab: ${line}`));
  const began = performance.now();
  const first = await runHands(folder, hands, boot);
  const failed = hands.flat().filter(({ name }) => first.outcomes.get(name) === 'failed');
  const results = new Map(first.outcomes);
  let died = first.died;
  if (again && failed.length > 0 && failed.length <= AGAIN_AT_MOST) {
    console.log(`lab: once more, alone: ${failed.map(({ name }) => name).join(', ')}`);
    const second = await runHands(await folder.part('again'), [failed], boot);
    for (const [name, outcome] of second.outcomes) results.set(name, outcome);
    died = second.died;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const machines = hands.length === 1 ? '' : `, ${hands.length} machines at once`;
  console.log(`lab: ${seconds} s from power-on to power-off${machines}`);
  const count = (wanted: string): number =>
    [...results.values()].filter((outcome) => outcome === wanted).length;
  console.log(`${count('passed')} passed, ${count('failed')} failed`);
  const recovered = failed.filter(({ name }) => results.get(name) === 'passed').map(({ name }) => name);
  if (recovered.length > 0) console.log(`PASSED ONLY AT THE SECOND ATTEMPT: ${recovered.join(', ')}`);
  return died || count('failed') > 0 || count('passed') === 0 ? 1 : 0;
}

type Hands = readonly (readonly KnownScenario[])[];
type Outcome = ScenarioResult['outcome'];

interface Round {
  /** Of every scenario; those that a dying machine took with it have failed. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly died: boolean;
}

async function runHands(
  folder: Share,
  hands: Hands,
  boot: Awaited<ReturnType<typeof prepareBootFiles>>,
): Promise<Round> {
  const runs = await Promise.all(
    hands.map(async (hand, index) => {
      // Each machine has its own plan and exit status.
      const share = hands.length === 1 ? folder : await folder.part(`machine-${index + 1}`);
      return runPlanned(share, hand, boot, async (result) => {
        await bringTogether(share, folder, result.name);
        await report(folder, result);
      });
    }),
  );
  for (const [index, { died, lastWords }] of runs.entries()) {
    if (died === undefined) continue;
    console.log(`lab: machine ${index + 1} failed: ${died}`);
    for (const line of lastWords) console.log(`  ${line}`);
  }
  const outcomes = runs.flatMap(({ results }) =>
    [...results].map(([name, { outcome }]) => [name, outcome] as const),
  );
  return { outcomes: new Map(outcomes), died: runs.some(({ died }) => died !== undefined) };
}

/** Whichever machine ran it, a scenario's files end up in the same place: the run's folder. */
async function bringTogether(share: Share, folder: Share, name: string): Promise<void> {
  const from = join(share.path, name);
  // A scenario that never began has none.
  if (share !== folder && existsSync(from)) await rename(from, join(folder.path, name));
}

/** In one piece: the machines' reports shall not mix. */
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
