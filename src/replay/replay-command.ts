import { type JsonValue, type Output, output, parseSeconds } from '../commands/command.js';
import { inputText } from '../host/notice-text.js';
import { escapeControl } from '../logging/logger.js';
import { parseRecording, type Recording } from '../recording/format.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import { readAnyFile } from '../system/files.js';
import { inQuotes } from '../system/values.js';
import { diagram } from './diagram.js';
import { type Difference, firstDifference } from './playback.js';
import { rowsOf } from './rows.js';
import { timeline } from './timeline.js';

/** `hostp2pd replay`: plays a recording back, or shows it. Needs no daemon, no radio and no rights but to read the file. */

/** All files of a recorder together have 16 MB. */
const MAX_BYTES = 64_000_000;
/** A picture of more rows is slow to show. */
const MAX_DRAWN_ROWS = 2_000;
const LONGEST_SECONDS = 10 ** 9;

interface ReplayOptions {
  /** `timeline` or `svg`; without it the recording is compared with this version. */
  readonly as: string | undefined;
  /** Seconds since the recording began. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

type Result = Output & {
  readonly exitCode: 0 | 1;
  /** What was left out, for the standard error. */
  readonly notes: readonly string[];
};

/** @throws {HostP2pError} USAGE for a file that is no recording */
export async function replay(path: string, { as, from, to }: ReplayOptions): Promise<Result> {
  if (as !== undefined && as !== 'timeline' && as !== 'svg')
    throw new HostP2pError('USAGE', `replay: expected --as timeline or --as svg, got ${inQuotes(as)}`);
  if (as === undefined && (from ?? to) !== undefined)
    throw new HostP2pError('USAGE', 'replay: --from and --to go with --as only');
  const recording = await read(path);
  if (as === undefined) return compared(recording);
  const [begin, end] = [
    parseSeconds('replay: --from', from, 0, LONGEST_SECONDS),
    parseSeconds('replay: --to', to, LONGEST_SECONDS, LONGEST_SECONDS),
  ];
  if (begin > end)
    throw new HostP2pError('USAGE', `replay: expected --to after --from ${begin}, got --to ${end}`);
  const all = rowsOf(recording);
  const rows = all.filter(({ seconds }) => seconds >= begin && seconds <= end);
  const last = all.at(-1)?.seconds;
  if (rows.length === 0 && last !== undefined)
    throw new HostP2pError(
      'USAGE',
      `replay: the recording has nothing between these times; it ends after ${Math.ceil(last)} s`,
    );
  const shown = as === 'svg' ? rows.slice(0, MAX_DRAWN_ROWS) : rows;
  const notes = [...recording.notes];
  if (shown.length < rows.length)
    notes.push(`the first ${shown.length} of ${rows.length} rows are drawn; --from and --to choose others`);
  const value = shown.map((row) => ({ ...row, time: row.time.toISOString() }));
  return { ...output(value, as === 'svg' ? diagram(shown) : timeline(shown)), exitCode: 0, notes };
}

async function read(path: string): Promise<Recording> {
  try {
    const { bytes } = await readAnyFile(path, { maxBytes: MAX_BYTES });
    return parseRecording(bytes.toString());
  } catch (cause) {
    throw new HostP2pError('USAGE', `${path}: ${messageOf(cause)}`, { cause });
  }
}

function compared({ segments, notes }: Recording): Result {
  const steps = segments.reduce((sum, segment) => sum + segment.steps.length, 0);
  for (const segment of segments) {
    const difference = firstDifference(segment);
    if (difference === null) continue;
    const { version, at } = segment.head;
    const text = differenceText(difference, version, difference.step.at - at);
    return { ...output(resultValue(steps, difference), text), exitCode: 1, notes };
  }
  return { ...output(resultValue(steps, null), `no difference in ${steps} steps`), exitCode: 0, notes };
}

function resultValue(steps: number, difference: Difference | null): JsonValue {
  if (difference === null) return { steps, difference: null };
  const { step, recorded, got } = difference;
  return { steps, difference: { line: step.line, input: inputText(step.input), recorded, got } };
}

function differenceText({ step, recorded, got }: Difference, version: string, ms: number): string {
  return [
    `line ${step.line}, ${(ms / 1000).toFixed(3)} s after its head: ${escapeControl(inputText(step.input))}`,
    `  hostp2pd ${version} did: ${escapeControl(recorded)}`,
    `  this version does:  ${escapeControl(got)}`,
  ].join('\n');
}
