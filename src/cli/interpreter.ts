import { setTimeout as delay } from 'node:timers/promises';
import { type CommandSpec, checkArguments, type Frontend } from '../commands/command.js';
import { COMMANDS } from '../commands/table.js';
import type { CommandTarget } from '../commands/target.js';
import { HostP2pError } from '../system/errors.js';
import { nearestName } from '../system/values.js';
import { type Evaluator, errorText, valueText } from './expression.js';
import { type FrontendCommands, INTERRUPTED } from './frontend-commands.js';
import { argumentsOf, readsAsCommand, splitLine } from './line.js';

/** A command that was interrupted may still have something to say, such as the devices found so far. */
const LAST_WORDS_MS = 250;
/** Who types notices it if a key takes longer than that. */
const HELD_UP_MS = 50;

export interface Outcome {
  /** Lines without a newline behind the last one; may be empty. */
  readonly text: string;
  readonly failed: boolean;
}

export interface InterpreterOptions {
  readonly target: CommandTarget;
  readonly frontend: Frontend;
  readonly commands: readonly CommandSpec[];
  /** Those of them that the frontend carries out itself. */
  readonly own: FrontendCommands;
  /** Null where the session is in another process. */
  readonly evaluator: Evaluator | null;
  /** How values are written. */
  readonly look: () => { readonly colors: boolean; readonly columns: number };
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
    if (elsewhere) throw this.#misplaced(elsewhere);
    return this.#evaluate(line, name);
  }

  async #execute(name: string, words: readonly string[], signal: AbortSignal): Promise<string> {
    try {
      const { columns } = this.#options.look();
      return (await this.#options.target.execute(name, words, { signal, columns })).text;
    } catch (error) {
      // Whoever gave it up need not be told why it came to nothing.
      if (signal.aborted) return INTERRUPTED;
      throw error;
    }
  }

  async #evaluate(source: string, word: string): Promise<string> {
    const { commands, evaluator, look } = this.#options;
    const nearest = nearestName(
      word,
      commands.map(({ name }) => name),
    );
    const hint = nearest === undefined ? 'try "help"' : `did you mean ${nearest}?`;
    const unknown = new HostP2pError('USAGE', `unknown command: ${JSON.stringify(word)}; ${hint}`);
    const start = performance.now();
    if (!evaluator) {
      if (/^[\w-]+$/.test(word)) throw unknown;
      throw new HostP2pError(
        'USAGE',
        'an expression needs the session in this process; this one is a client of it',
      );
    }
    try {
      return valueText(await evaluator.evaluate(source), look());
    } catch (error) {
      const first = /^[A-Za-z][\w$]*/.exec(source)?.[0];
      const known = first === undefined || evaluator.defines(first);
      // Where it is the error of another line, that first word is defined.
      if (!known && !COMMANDS.some(({ name }) => name === first)) throw unknown;
      throw error;
    } finally {
      // A Ctrl-C that was pressed while the expression held up all is read only now, and is still meant for it.
      if (performance.now() - start > HELD_UP_MS) await delay(HELD_UP_MS);
    }
  }

  #misplaced({ name, frontends }: CommandSpec): HostP2pError {
    const shell = frontends.includes('shell') ? `; try "hostp2pd ${name}" in a shell` : '';
    return new HostP2pError(
      'USAGE',
      `${name}: found in the ${this.#options.frontend}, wanted ${frontends.join(' or ')}${shell}`,
    );
  }
}

/** What comes out of it, or that it was interrupted. */
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
