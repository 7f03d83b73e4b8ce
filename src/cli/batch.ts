import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { CommandTarget } from '../commands/target.js';
import { EXIT } from '../daemon/exit.js';
import { Evaluator } from './expression.js';
import { commonCommands } from './frontend-commands.js';
import { commandsOf } from './help.js';
import { Interpreter } from './interpreter.js';
import { linesTo } from './screen.js';

interface BatchOptions {
  /** Default: standard input. */
  readonly input?: Readable;
  /** Takes whole lines, for the file that also has the log. */
  readonly write: (text: string) => void;
  /** Settles when the output has room again, or the signal aborts. Default: at once. */
  readonly drained?: (signal: AbortSignal) => Promise<void>;
  /** Aborts when the session has ended, or is to end: no more lines are read. */
  readonly signal?: AbortSignal;
}

/** The width of the output, which may be a file. */
const COLUMNS = 110;

/**
 * Batch mode with commands: carries out the lines of standard input one after the other, until its end or `quit`.
 * @returns the exit code: 1 if a command failed
 */
export async function runBatch(target: CommandTarget, options: BatchOptions): Promise<number> {
  const { input = process.stdin, write, drained } = options;
  const print = (text: string) => write(`${text}\n`);
  const { context } = target;
  const evaluator =
    context &&
    new Evaluator({
      hostp2pd: context.host,
      output: linesTo(print),
      tell: (text) => print(`error: ${text}`),
    });
  const quit = new AbortController();
  const commands = commandsOf('batch');
  const style = () => ({ colors: false, columns: COLUMNS });
  const about = 'Any other line is JavaScript, with the session as hostp2pd.';
  const own = commonCommands({ target, commands, about, style, print, quit: () => quit.abort() });
  const interpreter = new Interpreter({ target, commands, own, evaluator, style });
  let code: number = EXIT.ok;
  try {
    const signal = AbortSignal.any([quit.signal, ...(options.signal ? [options.signal] : [])]);
    await eachLine(input, signal, async (line) => {
      const { text, failed } = await interpreter.run(line, signal);
      if (failed) code = EXIT.failure;
      if (text !== '') print(failed ? `error: ${text}` : text);
      await drained?.(signal);
    });
  } finally {
    evaluator?.close();
  }
  return code;
}

/**
 * Passes on line after line, until the input ends or the signal aborts.
 * @param before called before each line is read
 */
export async function eachLine(
  input: Readable,
  signal: AbortSignal,
  take: (line: string) => Promise<void>,
  before: () => void = () => {},
): Promise<void> {
  if (signal.aborted) return;
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY, signal });
  // Made before the first `await`: lines that arrive before it is made would be lost.
  const iterator = lines[Symbol.asyncIterator]();
  // An input that cannot be read has ended, such as a terminal that is gone.
  const next = () => iterator.next().catch(() => ({ value: '', done: true }));
  try {
    while (!signal.aborted) {
      before();
      const { value, done } = await next();
      if (done || signal.aborted) return;
      await take(value);
    }
  } finally {
    lines.close();
  }
}
