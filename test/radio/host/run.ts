import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isScenarioResult, parseNote, type ScenarioResult, SHARE } from '../protocol.js';
import { prepareBootFiles } from './kernel.js';
import { scenarioLog } from './report.js';
import { describeObstacles, findObstacles } from './requirements.js';
import { CHECKOUT, type KnownScenario, loadScenarios } from './scenarios.js';
import { type MachineEnd, runMachine, Share } from './vm.js';

const USAGE = `usage: node test/.build/radio/host/run.js [--list] [--keep] [scenario ...]
  Runs scenarios (all, unless named) against the real wpa_supplicant in a virtual machine with simulated radios.
  --list   shows the scenarios
  --keep   keeps the folder with all logs and recordings`;

/** Wall-clock allowance for power-on, and for each scenario's start and clearing up. */
const BOOT_SECONDS = 120;
const OVERHEAD_SECONDS = 25;
/** The machine's last words, where it died. */
const CONSOLE_LINES = 30;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean' }, keep: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const scenarios = await loadScenarios(positionals);
  if (values.list) {
    for (const { name, title } of scenarios) console.log(`${name.padEnd(32)} ${title}`);
    return 0;
  }
  const obstacles = findObstacles();
  if (obstacles.length > 0) {
    console.error(describeObstacles(obstacles));
    return 2;
  }
  // So that what is to be done on exit is done then, too.
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  const share = await Share.create();
  if (!values.keep) process.on('exit', () => rmSync(share.path, { recursive: true, force: true }));
  if (values.keep) console.log(`lab: logs and recordings are kept in ${share.path}`);
  return runScenarios(share, scenarios);
}

/** Runs them and reports; the return value is the exit status. */
async function runScenarios(share: Share, scenarios: readonly KnownScenario[]): Promise<number> {
  await share.write(SHARE.plan, JSON.stringify(scenarios));
  const boot = await prepareBootFiles((line) => console.log(`lab: ${line}`));
  const lastWords: string[] = [];
  const results = new Map<string, ScenarioResult>();
  const conclude = async (result: ScenarioResult): Promise<void> => {
    results.set(result.name, result);
    await report(share, result);
  };
  let reports = Promise.resolve();
  const began = performance.now();
  const end = await runMachine(share, {
    boot,
    checkout: CHECKOUT,
    program: fileURLToPath(new URL('../guest/main.js', import.meta.url)),
    timeoutSeconds: scenarios.reduce(
      (sum, { timeoutSeconds }) => sum + timeoutSeconds + OVERHEAD_SECONDS,
      BOOT_SECONDS,
    ),
    onLine: (line) => {
      const note = parseNote(line);
      if (note?.kind === 'scenario-ends') reports = reports.then(() => conclude(note.result));
      if (note === undefined) lastWords.push(line);
    },
  });
  await reports;
  for (const { name } of scenarios) {
    if (!results.has(name)) await conclude(await lostResult(share, name, end));
  }
  const died = end.status !== 0;
  if (died) {
    console.log(`lab: the machine failed: ${end.reason ?? `its program ended with ${end.status}`}`);
    for (const line of lastWords.slice(-CONSOLE_LINES)) console.log(`  ${line}`);
  }
  const failed = [...results.values()].filter(({ outcome }) => outcome === 'failed').length;
  const passed = results.size - failed;
  console.log(`lab: ${((performance.now() - began) / 1000).toFixed(0)} s from power-on to power-off`);
  console.log(`${passed} passed, ${failed} failed`);
  return died || failed > 0 || passed === 0 ? 1 : 0;
}

/** A scenario whose end the console did not tell: its file may; otherwise it has failed. */
async function lostResult(share: Share, name: string, end: MachineEnd): Promise<ScenarioResult> {
  const result = parseResult((await share.read(name, SHARE.result)) ?? '');
  if (result !== undefined) return result;
  return { name, outcome: 'failed', seconds: 0, error: `no result; the machine: ${end.reason ?? 'ended'}` };
}

/** A machine that dies leaves half a file at worst. */
function parseResult(text: string): ScenarioResult | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isScenarioResult(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function report(share: Share, result: ScenarioResult): Promise<void> {
  const word = result.outcome === 'passed' ? 'pass' : 'FAIL';
  console.log(`${word}  ${result.name.padEnd(40)} ${result.seconds.toFixed(1).padStart(6)} s`);
  if (result.outcome === 'passed') return;
  console.log(`  ${(result.error ?? '').replaceAll('\n', '\n  ')}`);
  console.log(await scenarioLog(join(share.path, result.name)));
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
