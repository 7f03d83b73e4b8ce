import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { CommandTarget } from '../commands/target.js';
import { EXIT } from './exit.js';
import { Evaluator } from './expression.js';
import { echoCommand, helpCommand, qrCommand, waitCommand } from './frontend-commands.js';
import { commandsOf } from './help-text.js';
import { Interpreter } from './interpreter.js';
import { linesTo } from './screen.js';

export interface BatchOptions {
  /** Default: the standard input. */
  readonly input?: Readable;
  /** Takes whole lines, for the file that the log goes to as well. */
  readonly write: (text: string) => void;
  /** Settles when what was written has room, or the signal aborts. Default: at once. */
  readonly drained?: (signal: AbortSignal) => Promise<void>;
  /** The session has ended, or shall: nothing more is read. */
  readonly signal?: AbortSignal;
}

/** Of a file nobody knows how wide it will be read. */
const COLUMNS = 110;

/**
 * Batch mode with commands: carries out the lines of the standard input one after the other, until its end or `quit`.
 * @returns the exit code: 1 where a command failed
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
  const interpreter = new Interpreter({
    target,
    frontend: 'batch',
    commands,
    own: {
      help: helpCommand(
        commands,
        'Any other line is JavaScript, with the session as hostp2pd.',
        () => COLUMNS,
      ),
      echo: echoCommand(),
      qr: qrCommand(target, () => ({ colors: false, columns: COLUMNS })),
      wait: waitCommand(print),
      quit: () => {
        quit.abort();
        return '';
      },
    },
    evaluator,
    look: () => ({ colors: false, columns: COLUMNS }),
  });
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

/** Hands over line after line, until there is none or `signal` says so. @param before called before each is read */
export async function eachLine(
  input: Readable,
  signal: AbortSignal,
  take: (line: string) => Promise<void>,
  before: () => void = () => {},
): Promise<void> {
  if (signal.aborted) return;
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY, signal });
  // Taken before anything is waited for: lines that come earlier would be lost.
  const iterator = lines[Symbol.asyncIterator]();
  // What cannot be read any more has ended, as a terminal that has gone.
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
