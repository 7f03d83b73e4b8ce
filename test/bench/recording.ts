import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Head, parseRecording, type Segment } from '#src/recording/format.js';
import { Recorder } from '#src/recording/recorder.js';
import type { Context, Part } from './context.js';
import { Fake } from './processes.js';
import { ROOT } from './programs.js';
import { median, type Row, row } from './report.js';

const DIALOGUES = join(ROOT, 'test/fixtures/dialogues');
const ROUNDS = [
  { name: 'recording: reaction, asleep, one address, median', each: 100, addresses: 1, pauseMs: 10 },
  { name: 'recording: reaction, in quick succession, median', each: 1000, addresses: 1000, pauseMs: 0.5 },
] as const;
const SILENT = { log: () => {}, wants: () => false };

/** What it costs to record: a step, and the time until a phone's PIN is armed. */
export const recording: Part = {
  title: 'the cost of a recording, against the same program without one',
  run: async (context) => [await stepRow(context), ...(await reactionRows(context))],
};

/** The recorded dialogues again and again, until the code is compiled; the time on the main thread alone. */
async function stepRow({ folder, quick }: Context): Promise<Row> {
  const segments = readdirSync(DIALOGUES).flatMap(
    (name) => parseRecording(readFileSync(join(DIALOGUES, name), 'utf8')).segments,
  );
  const [first] = segments;
  if (!first) throw new Error('no recorded dialogues');
  const position = (): Head => first.head;
  const recorder = new Recorder({ file: join(folder, 'steps.jsonl'), logger: SILENT, position });
  await recorder.open();
  const rounds: number[] = [];
  for (let round = 0; round < (quick ? 10 : 40); round++) {
    const before = process.cpuUsage();
    for (const segment of segments) await record(recorder, segment);
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / segments.reduce((sum, { steps }) => sum + steps.length, 0));
  }
  await recorder.close();
  const us = median(rounds);
  return row('recording: a step of a dialogue', { ours: `${us.toFixed(0)} µs`, value: us });
}

async function record(recorder: Recorder, { head, steps }: Segment): Promise<void> {
  for (const step of steps) {
    const world = recorder.watch({
      ...{
        now: step.at,
        settings: head.settings,
        deviceInterface: head.deviceInterface,
        stored: head.stored,
      },
      configFile: () => 'shared',
      peerName: () => null,
      freshPin: () => '12345670',
    });
    recorder.note(step, world);
    // One step for each time that the event loop comes round, as in a quiet session.
    await setImmediate();
  }
}

async function reactionRows({ programs, folder, quick }: Context): Promise<Row[]> {
  await using recordedFake = await Fake.start(programs, folder);
  await using plainFake = await Fake.start(programs, folder);
  await using _recorded = recordedFake.daemon({ recorded: true });
  await using _plain = plainFake.daemon();
  const fakes = [recordedFake, plainFake];
  // The file of the recording is open then.
  await Promise.all(fakes.map((fake) => fake.settled(4_000)));
  for (const fake of fakes) await fake.reactions(1, 1, 1);
  const rows: Row[] = [];
  for (const { name, each, addresses, pauseMs } of ROUNDS) {
    const measured = fakes.map((): number[] => []);
    for (let round = 0; round < (quick ? 2 : 6); round++)
      for (const [i, fake] of fakes.entries())
        measured[i]?.push(
          median(await fake.reactions(quick ? Math.ceil(each * 0.4) : each, addresses, pauseMs)),
        );
    const [ours = Number.NaN, reference = Number.NaN] = measured.map((values) => median(values));
    const us = (value: number): string => `${value.toFixed(0)} µs`;
    rows.push(row(name, { ours: us(ours), reference: us(reference), ratio: ours / reference }));
  }
  return rows;
}
