import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CHECKOUT_INSIDE,
  formatNote,
  isScenarioResult,
  type PlannedScenario,
  type ScenarioResult,
  SHARE,
} from '../protocol.js';
import { emptySharedFolders, ProcessGroup, renewRadios } from './machine.js';
import { System } from './system.js';
import { uptimeSeconds } from './timeline.js';

const RESULTS = '/lab/results';
const SCRATCH = '/lab/scratch';
/** A scenario ends by itself at its limit; this is for one that cannot. */
const GRACE_SECONDS = 10;
/** How much of a log is copied to the results. */
const LOG_BYTES = 200_000;

/** Runs all planned scenarios, each in its own process with new radios. */
async function main(): Promise<void> {
  const plan: unknown = JSON.parse(readFileSync(join(RESULTS, SHARE.plan), 'utf8'));
  if (!Array.isArray(plan)) throw new Error('the plan is not a list');
  for (const scenario of plan as PlannedScenario[]) {
    console.log(formatNote({ kind: 'scenario-starts', name: scenario.name }));
    const result = await runScenario(scenario);
    writeFileSync(join(RESULTS, scenario.name, SHARE.result), JSON.stringify(result));
    console.log(formatNote({ kind: 'scenario-ends', result }));
  }
}

async function runScenario(scenario: PlannedScenario): Promise<ScenarioResult> {
  const results = join(RESULTS, scenario.name);
  const scratch = join(SCRATCH, scenario.name);
  mkdirSync(results, { recursive: true });
  const began = uptimeSeconds();
  const fail = (error: string): ScenarioResult => {
    return { name: scenario.name, outcome: 'failed', seconds: uptimeSeconds() - began, error };
  };
  let system: System | undefined;
  try {
    system = System.look();
    renewRadios(scenario.radios);
    const group = new ProcessGroup();
    const ending = await runProcess(group, scenario, scratch, results);
    await group.end();
    system?.clear();
    return readResult(results) ?? fail(`the scenario's process wrote no result (${ending})`);
  } catch (error) {
    return fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    system?.carryOut(results);
    carryOut(scratch, results);
    rmSync(scratch, { recursive: true, force: true });
    emptySharedFolders();
  }
}

function runProcess(
  group: ProcessGroup,
  scenario: PlannedScenario,
  scratch: string,
  results: string,
): Promise<string> {
  const program = fileURLToPath(new URL('./scenario-process.js', import.meta.url));
  const [command, args] = group.wrap(process.execPath, [
    program,
    join(CHECKOUT_INSIDE, scenario.module),
    scratch,
    results,
  ]);
  const output = openSync(join(results, 'process.log'), 'a');
  const child = spawn(command, args, {
    stdio: ['ignore', output, output],
    timeout: (scenario.timeoutSeconds + GRACE_SECONDS) * 1000,
    killSignal: 'SIGKILL',
  });
  closeSync(output);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
  });
}

function readResult(results: string): ScenarioResult | undefined {
  const file = join(results, SHARE.result);
  if (!existsSync(file)) return undefined;
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return isScenarioResult(value) ? value : undefined;
}

/** Copies the end of every log and configuration file of the scenario to the results. */
function carryOut(scratch: string, results: string): void {
  if (!existsSync(scratch)) return;
  for (const entry of readdirSync(scratch, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    writeFileSync(join(results, entry.name), readFileSync(join(scratch, entry.name)).subarray(-LOG_BYTES));
  }
}

await main();
