import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ScenarioResult } from '../protocol.js';
import { prepareBootFiles } from './kernel.js';
import { scenarioLog } from './report.js';
import { describeObstacles, findObstacles } from './requirements.js';
import { runPlanned } from './run-planned.js';
import { type KnownScenario, loadScenarios } from './scenarios.js';
import { Share } from './vm.js';

const USAGE = `usage: node test/.build/radio/host/run.js [--list] [--keep] [scenario ...]
  Runs scenarios (all, unless named) against the real wpa_supplicant in a virtual machine with simulated radios.
  --list   shows the scenarios
  --keep   keeps the folder with all logs and recordings`;

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
  const boot = await prepareBootFiles((line) => console.log(`lab: ${line}`));
  const began = performance.now();
  const { results, died, lastWords } = await runPlanned(share, scenarios, boot, (result) =>
    report(share, result),
  );
  if (died !== undefined) {
    console.log(`lab: the machine failed: ${died}`);
    for (const line of lastWords) console.log(`  ${line}`);
  }
  const failed = [...results.values()].filter(({ outcome }) => outcome === 'failed').length;
  const passed = results.size - failed;
  console.log(`lab: ${((performance.now() - began) / 1000).toFixed(0)} s from power-on to power-off`);
  console.log(`${passed} passed, ${failed} failed`);
  return died !== undefined || failed > 0 || passed === 0 ? 1 : 0;
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
  return 1;
});
