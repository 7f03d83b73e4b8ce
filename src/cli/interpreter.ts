import { setTimeout as delay } from 'node:timers/promises';
import { type CommandSpec, checkArguments } from '../commands/command.js';
import { COMMANDS } from '../commands/table.js';
import type { CommandTarget } from '../commands/target.js';
import { styled } from '../system/colours.js';
import { HostP2pError } from '../system/errors.js';
import { inQuotes, nearestName } from '../system/values.js';
import { type Evaluator, errorText, valueText } from './expression.js';
import { type FrontendCommands, INTERRUPTED, type OutputStyle } from './frontend-commands.js';
import { placesOf } from './help.js';
import { argumentsOf, readsAsCommand, splitLine } from './line.js';

/** How long an interrupted command may still report, for example the devices found so far. */
const LAST_WORDS_MS = 250;
/** An expression that blocks the process longer than this also delays a Ctrl-C. */
const BLOCKED_MS = 50;

export interface Outcome {
  /** Lines without a newline after the last one; may be empty. */
  readonly text: string;
  readonly failed: boolean;
}

interface InterpreterOptions {
  readonly target: CommandTarget;
  readonly commands: readonly CommandSpec[];
  /** The commands that the frontend carries out itself. */
  readonly own: FrontendCommands;
  /** Null where the session is in another process. */
  readonly evaluator: Evaluator | null;
  /** How values are printed. */
  readonly style: () => OutputStyle;
}

/** Carries out the lines of the prompt and of batch mode: a command, or an expression. */
export class Interpreter {
  readonly #options: InterpreterOptions;

  constructor(options: InterpreterOptions) {
    this.#options = options;
  }

  /** Never rejects. @param signal interrupts it */
  async run(line: string, signal: AbortSignal): Promise<Outcome> {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return { text: '', failed: false };
    const done = this.#carryOut(text, signal).then(
      (result): Outcome => ({ text: result, failed: false }),
      (error: unknown): Outcome => ({ text: errorText(error), failed: true }),
    );
    return unless(signal, done);
  }

  async #carryOut(line: string, signal: AbortSignal): Promise<string> {
    const { commands, own } = this.#options;
    const words = splitLine(line);
    const name = words[0]?.text ?? '';
    const isCommand = readsAsCommand(line, words);
    const command = isCommand ? commands.find((other) => other.name === name) : undefined;
    if (command) {
      const found = argumentsOf(command, line, words);
      const carryOut = Object.hasOwn(own, name) ? own[name] : undefined;
      if (!carryOut) return this.#execute(name, found, signal);
      checkArguments(command, found);
      return carryOut(found, signal);
    }
    const elsewhere = isCommand ? COMMANDS.find((other) => other.name === name) : undefined;
    if (elsewhere) {
      throw new HostP2pError('USAGE', `${name} works only ${placesOf(elsewhere).join(' or ')}`);
    }
    return this.#evaluate(line, name);
  }

  async #execute(name: string, words: readonly string[], signal: AbortSignal): Promise<string> {
    try {
      const { columns, colors } = this.#options.style();
      const paint = colors ? styled : undefined;
      return (await this.#options.target.execute(name, words, { signal, columns, paint })).text;
    } catch (error) {
      // After Ctrl-C the error of the command is of no interest.
      if (signal.aborted) return INTERRUPTED;
      throw error;
    }
  }

  async #evaluate(source: string, word: string): Promise<string> {
    const { commands, evaluator, style } = this.#options;
    const nearest = nearestName(
      word,
      commands.map(({ name }) => name),
    );
    const hint = nearest === undefined ? 'try "help"' : `did you mean ${nearest}?`;
    const unknown = new HostP2pError('USAGE', `unknown command: ${inQuotes(word)}; ${hint}`);
    const start = performance.now();
    if (!evaluator) {
      if (/^[\w-]+$/.test(word)) throw unknown;
      throw new HostP2pError(
        'USAGE',
        'an expression needs the session in this process; this process is a client of the daemon',
      );
    }
    try {
      return valueText(await evaluator.evaluate(source), style());
    } catch (error) {
      const first = /^[A-Za-z][\w$]*/.exec(source)?.[0];
      const known = first === undefined || evaluator.defines(first);
      // A first word that is not defined was meant as a command.
      if (!known && !COMMANDS.some(({ name }) => name === first)) throw unknown;
      throw error;
    } finally {
      // A Ctrl-C that was pressed while the expression blocked the process is only read now, and is meant for it.
      if (performance.now() - start > BLOCKED_MS) await delay(BLOCKED_MS);
    }
  }
}

/** The outcome, or after the signal `interrupted`. */
async function unless(signal: AbortSignal, done: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  let interrupt = (): void => {};
  const interrupted = new Promise<Outcome>((resolve) => {
    const late = { text: INTERRUPTED, failed: false };
    interrupt = () => {
      timer = setTimeout(() => resolve(late), LAST_WORDS_MS);
    };
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true });
  });
  try {
    return await Promise.race([done, interrupted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}
