import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isScenarioResult, parseNote, type ScenarioResult, SHARE } from '../protocol.js';
import type { BootFiles } from './kernel.js';
import { CHECKOUT, type KnownScenario } from './scenarios.js';
import { type MachineEnd, runMachine, type Share } from './vm.js';

/** Time limits (wall clock) for booting, and for starting and cleaning up each scenario. */
const BOOT_SECONDS = 120;
const OVERHEAD_SECONDS = 25;
/** How many of the last console lines are shown if the machine died. */
const CONSOLE_LINES = 30;

interface PlannedRun {
  /** One for each scenario, even if the machine died. */
  readonly results: ReadonlyMap<string, ScenarioResult>;
  /** Why the machine did not end normally; undefined if it did. */
  readonly died: string | undefined;
  readonly lastWords: readonly string[];
}

interface MachineFiles {
  readonly boot: BootFiles;
  /** The rest as in {@link MachineOptions}. */
  readonly root?: string | undefined;
  readonly systemd?: boolean;
  readonly phones?: string | undefined;
}

/** Boots one machine and runs the scenarios in it; `conclude` gets each result as it comes. */
export async function runPlanned(
  share: Share,
  scenarios: readonly KnownScenario[],
  { boot, root, systemd = false, phones }: MachineFiles,
  conclude: (result: ScenarioResult) => Promise<void>,
): Promise<PlannedRun> {
  await share.write(SHARE.plan, JSON.stringify(scenarios));
  const console: string[] = [];
  const results = new Map<string, ScenarioResult>();
  const take = async (result: ScenarioResult): Promise<void> => {
    results.set(result.name, result);
    await conclude(result);
  };
  let reports = Promise.resolve();
  const end = await runMachine(share, {
    boot,
    checkout: CHECKOUT,
    root,
    systemd,
    phones,
    program: relative(CHECKOUT, fileURLToPath(new URL('../guest/main.js', import.meta.url))),
    timeoutSeconds: scenarios.reduce(
      (sum, { timeoutSeconds }) => sum + timeoutSeconds + OVERHEAD_SECONDS,
      BOOT_SECONDS,
    ),
    onLine: (line) => {
      const note = parseNote(line);
      if (note?.kind === 'scenario-ends') reports = reports.then(() => take(note.result));
      if (note === undefined) console.push(line);
    },
  });
  await reports;
  for (const { name } of scenarios) {
    if (!results.has(name)) await take(await lostResult(share, name, end));
  }
  const died = end.status === 0 ? undefined : (end.reason ?? `its program ended with ${end.status}`);
  return { results, died, lastWords: console.slice(-CONSOLE_LINES) };
}

/** The result of a scenario that the console did not report: from its file, otherwise failed. */
async function lostResult(share: Share, name: string, end: MachineEnd): Promise<ScenarioResult> {
  const result = parseResult((await share.read(name, SHARE.result)) ?? '');
  if (result !== undefined) return result;
  return { name, outcome: 'failed', seconds: 0, error: `no result; the machine: ${end.reason ?? 'ended'}` };
}

/** Undefined for an incomplete file, as a machine that dies can leave it. */
function parseResult(text: string): ScenarioResult | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isScenarioResult(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
