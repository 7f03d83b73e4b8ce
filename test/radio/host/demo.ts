import { createReadStream, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ScenarioResult, SHARE } from '../protocol.js';
import { type BootFiles, prepareBootFiles } from './kernel.js';
import { describeObstacles, findObstacles } from './requirements.js';
import { runPlanned } from './run-planned.js';
import { type KnownScenario, loadScenarios } from './scenarios.js';
import { story } from './story.js';
import { Share } from './vm.js';

/** `npm run demo`: runs one scenario and shows it as it happens. */
const SCENARIO = 'main-job';
const LOOK_MS = 200;

async function main(): Promise<number> {
  const obstacles = findObstacles();
  if (obstacles.length > 0) {
    console.error(describeObstacles(obstacles));
    return 2;
  }
  const scenarios = await loadScenarios([SCENARIO]);
  const share = await Share.create();
  process.on('exit', () => rmSync(share.path, { recursive: true, force: true }));
  const boot = await prepareBootFiles((line) => console.log(`lab: ${line}`));
  let result = await play(share, scenarios, boot);
  if (result?.outcome !== 'passed') {
    console.log(
      `\nThis attempt failed: ${firstLine(result)}\n` +
        'On a busy machine an emulated radio can lose a frame, or time runs out. Trying again:',
    );
    result = await play(await share.part('again'), scenarios, boot);
  }
  const passed = result?.outcome === 'passed';
  console.log(
    passed
      ? `\nDone: ${result?.seconds.toFixed(1)} s of emulated time. Next: npm test`
      : `\nThe demo failed: ${result?.error ?? 'the machine ended early'}`,
  );
  return passed ? 0 : 1;
}

function firstLine(result: ScenarioResult | undefined): string {
  return result?.error?.split('\n')[0] ?? 'the machine ended early';
}

async function play(
  share: Share,
  scenarios: readonly KnownScenario[],
  boot: BootFiles,
): Promise<ScenarioResult | undefined> {
  console.log(
    'Booting a virtual machine with simulated radios: the real wpa_supplicant, hostp2pd and a phone …\n',
  );
  const timeline = new Follower(join(share.path, SCENARIO, SHARE.timeline));
  const { results } = await runPlanned(share, scenarios, { boot }, async () => {});
  await timeline.close();
  return results.get(SCENARIO);
}

/** Shows the new lines of a file as it grows. */
class Follower {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  #shown = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#look();
    await this.#reading;
  }

  #look(): void {
    this.#reading = this.#reading.then(() => this.#read());
  }

  async #read(): Promise<void> {
    if (!existsSync(this.#path) || statSync(this.#path).size <= this.#shown) return;
    let text = '';
    for await (const chunk of createReadStream(this.#path, { start: this.#shown, encoding: 'utf8' }))
      text += chunk;
    // A line is shown when it is complete.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.#shown += Buffer.byteLength(whole);
    for (const line of whole.split('\n')) {
      const shown = story(line, useColour());
      if (shown !== null) console.log(shown);
    }
  }
}

function useColour(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return !NO_COLOR && (process.stdout.isTTY || Boolean(FORCE_COLOR));
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
