import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ScenarioResult, SHARE } from '../protocol.js';
import { Lab } from './lab.js';
import { DEFAULT_TIMEOUT_SECONDS, scenarioOf } from './scenario.js';
import { Timeline } from './timeline.js';

/**
 * A scenario's own process: `node scenario-process.js <module> <scratch> <results>`.
 * Writes its result to the results folder; the runner cleans up after it.
 */
async function main(file: string, scratch: string, results: string): Promise<void> {
  mkdirSync(scratch, { recursive: true });
  const timeline = new Timeline(join(results, SHARE.timeline));
  const module: unknown = await import(file);
  const scenario = scenarioOf(module, file);
  timeline.add('scenario', scenario.title);
  const seconds = scenario.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const lab = new Lab(timeline, scratch, results);
  const finish = (error?: unknown): never => {
    const result: ScenarioResult = {
      name: scenario.name,
      outcome: error === undefined ? 'passed' : 'failed',
      seconds: timeline.now(),
      ...(error === undefined ? {} : { error: describe(error) }),
      ...(Object.keys(lab.figures).length === 0 ? {} : { figures: lab.figures }),
      ...(lab.faults.length === 0 ? {} : { faults: lab.faults }),
      ...(lab.report === undefined ? {} : { report: lab.report }),
    };
    timeline.add(
      'scenario',
      result.error === undefined ? 'passed' : `failed: ${result.error.split('\n')[0]}`,
    );
    writeFileSync(join(results, SHARE.result), JSON.stringify(result));
    // Sockets and child processes of the scenario do not keep it alive.
    process.exit(0);
  };
  process.on('unhandledRejection', finish);
  process.on('uncaughtException', finish);
  setTimeout(() => {
    const pending = timeline.pending.map((what) => `\n    ${what}`).join('') || ' nothing that the lab knows';
    finish(new Error(`did not end within ${seconds} s; waiting for:${pending}`));
  }, seconds * 1000);
  await scenario.run(lab).then(() => finish(), finish);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const [file, scratch, results] = process.argv.slice(2);
if (file === undefined || scratch === undefined || results === undefined) {
  throw new Error('usage: scenario-process.js <module> <scratch> <results>');
}
await main(file, scratch, results);
