import { once } from 'node:events';
import type { ArgumentSpec, CommandSpec } from '../commands/command.js';
import type { DeviceArgument } from '../commands/devices.js';
import { type EventLine, lineOf } from '../commands/journal.js';
import { findSessionCommand } from '../commands/table.js';
import type { CommandTarget } from '../commands/target.js';
import { EXIT } from '../daemon/exit.js';
import { messageOf } from '../system/errors.js';
import { printable } from '../system/names.js';
import { within } from '../system/within.js';
import { eachLine } from './batch.js';
import { type Completion, completeLine } from './completion.js';
import { Evaluator } from './expression.js';
import {
  commonCommands,
  type FrontendCommands,
  type PromptSurface,
  promptCommands,
} from './frontend-commands.js';
import { commandsOf } from './help.js';
import { defaultHistoryFile, History } from './history-file.js';
import { Interpreter, type Outcome } from './interpreter.js';
import { splitLine } from './line.js';
import { PromptLine } from './prompt-line.js';
import { linesTo, Screen } from './screen.js';

interface PromptOptions {
  /** Made before the session starts, because it also shows the log. */
  readonly screen?: Screen;
  /** Default: standard input. */
  readonly input?: NodeJS.ReadStream;
  /** Aborts when the session has ended, or is to end. */
  readonly signal?: AbortSignal;
  readonly historyFile?: string;
  /** The first line. */
  readonly greeting?: string;
}

/**
 * The interactive prompt: carries out the typed lines until `quit`, Ctrl-C, Ctrl-D, or the terminal is gone. Without a
 * terminal it reads lines and shows no prompt.
 * @returns the exit code
 */
export async function runPrompt(target: CommandTarget, options: PromptOptions = {}): Promise<number> {
  await new Prompt(target, options).run();
  return EXIT.ok;
}

const PROMPT = 'CMD>';
/** How long completion waits for a daemon. */
const KNOWN_MS = 1_000;

class Prompt {
  readonly #target: CommandTarget;
  readonly #options: PromptOptions;
  readonly #screen: Screen;
  readonly #input: NodeJS.ReadStream;
  readonly #history: History;
  readonly #commands: readonly CommandSpec[];
  readonly #evaluator: Evaluator | null;
  readonly #interpreter: Interpreter;
  readonly #ending = new AbortController();
  #line: PromptLine | null = null;
  /** The running command, which Ctrl-C interrupts. */
  #running: AbortController | null = null;
  #text = PROMPT;
  #shown = true;
  #events = true;
  readonly #repeats = new RepeatedEvents();
  readonly #style = () => ({ colors: this.#screen.colour, columns: this.#screen.columns });

  constructor(target: CommandTarget, options: PromptOptions) {
    this.#target = target;
    this.#options = options;
    this.#screen = options.screen ?? new Screen();
    this.#input = options.input ?? process.stdin;
    this.#history = new History(options.historyFile ?? defaultHistoryFile());
    this.#commands = commandsOf('prompt').map(withSwitch);
    const { context } = target;
    this.#evaluator =
      context &&
      new Evaluator({
        hostp2pd: context.host,
        output: linesTo((text) => this.#screen.print(text)),
        tell: (text) => this.#take({ text, failed: true }),
      });
    this.#interpreter = new Interpreter({
      target,
      commands: this.#commands,
      own: this.#own(),
      evaluator: this.#evaluator,
      style: this.#style,
    });
  }

  async run(): Promise<void> {
    const { signal, greeting } = this.#options;
    const end = (): void => this.#end();
    // SIGHUP reloads a session of this process; the end of the terminal shows when reading from it.
    const hangUp = (): void => {
      if (!this.#target.context) this.#end();
    };
    const unfollow = this.#target.follow((event) => this.#tell(event));
    signal?.addEventListener('abort', end, { once: true });
    process.on('SIGTERM', end).on('SIGHUP', hangUp);
    if (signal?.aborted) this.#end();
    const { isTTY } = this.#screen.output;
    const dumb = process.env['TERM'] === 'dumb';
    if (isTTY && this.#input.isTTY && greeting !== undefined) this.#screen.print(greeting);
    // Events from before the prompt, for example that wpa_supplicant is missing.
    for (const entry of this.#target.context?.journal.last() ?? []) this.#tell(lineOf(entry));
    try {
      if (isTTY && this.#input.isTTY && !dumb) await this.#edit();
      else await this.#read(isTTY && this.#input.isTTY);
    } finally {
      process.off('SIGTERM', end).off('SIGHUP', hangUp);
      signal?.removeEventListener('abort', end);
      unfollow();
      this.#evaluator?.close();
    }
  }

  /** On a terminal that can move its cursor. */
  async #edit(): Promise<void> {
    const { signal } = this.#ending;
    if (signal.aborted) return;
    const kept = await this.#keeping(() => this.#history.load());
    const line = new PromptLine({
      input: this.#input,
      output: this.#screen.output,
      history: this.#history.lines.toReversed(),
      complete: (before) => this.#complete(before),
      onLine: (text) => void this.#execute(text),
      onInterrupt: () => this.#interrupt(),
      onEnd: () => this.#end(),
    });
    this.#line = line;
    this.#screen.typing(line);
    const ended = once(signal, 'abort');
    this.#ready();
    await ended;
    line.close();
    this.#screen.typing(null);
    if (kept) await this.#keeping(() => this.#history.save());
  }

  /** From a pipe or a file, or on a terminal without cursor control. */
  async #read(prompting: boolean): Promise<void> {
    const { output } = this.#screen;
    const { signal } = this.#ending;
    const prompt = () => (prompting && this.#shown ? `${this.#text} ` : '');
    const take = async (line: string): Promise<void> => {
      this.#screen.typing(null);
      this.#history.add(line.trim());
      this.#take(await this.#run(line, signal));
    };
    await eachLine(this.#input, signal, take, () => {
      output.write(prompt());
      // The typed text cannot be drawn again: it stays in the row above.
      if (prompting) this.#screen.typing({ above: (text) => output.write(`\n${text}\n${prompt()}`) });
    });
    this.#screen.typing(null);
  }

  async #execute(text: string): Promise<void> {
    const line = text.trim();
    if (line !== '') this.#history.add(line);
    const running = new AbortController();
    this.#running = running;
    const outcome = await this.#run(text, running.signal);
    this.#running = null;
    if (this.#ending.signal.aborted) return;
    this.#take(outcome);
    this.#ready();
  }

  /** Runs a command, and holds back the events that only repeat its reply. */
  async #run(line: string, signal: AbortSignal): Promise<Outcome> {
    const name = splitLine(line)[0]?.text ?? '';
    this.#repeats.expect(findSessionCommand(name)?.repeatedBy ?? []);
    const outcome = await this.#interpreter.run(line, signal);
    for (const event of this.#repeats.settle(outcome.failed || outcome.text === '')) this.#tell(event);
    return outcome;
  }

  #take({ text, failed }: Outcome): void {
    if (text !== '') this.#screen.print(failed ? this.#screen.paint('error', `error: ${text}`) : text);
  }

  #tell(event: EventLine): void {
    if (!this.#events || this.#repeats.takes(event)) return;
    this.#screen.print(this.#screen.paint('event', printable(event.text)));
  }

  #ready(): void {
    this.#line?.ready(this.#shown ? `${this.#screen.paint('prompt', this.#text)} ` : '');
  }

  #interrupt(): void {
    if (this.#running) this.#running.abort();
    else this.#end();
  }

  #end(): void {
    this.#ending.abort();
    this.#running?.abort();
  }

  async #complete(before: string): Promise<Completion> {
    const known = (what: DeviceArgument) =>
      within(KNOWN_MS, this.#target.complete(what), () => []).catch(() => []);
    const names = (chain: string | null) => this.#evaluator?.names(chain) ?? [];
    return completeLine(before, { commands: this.#commands, known, names });
  }

  #own(): FrontendCommands {
    const surface: PromptSurface = {
      history: (lines) => this.#history.lines.slice(-lines),
      clearHistory: async () => {
        this.#line?.clearHistory();
        await this.#history.clear();
      },
      prompt: (text) => this.#changePrompt(text),
      colour: () => {
        this.#screen.colour = !this.#screen.colour;
        return `colours ${onOff(this.#screen.colour)}`;
      },
    };
    return {
      ...commonCommands({
        target: this.#target,
        commands: this.#commands,
        about: this.#evaluator ? `${EXPRESSIONS} ${KEYS}` : KEYS,
        style: this.#style,
        print: (text) => this.#screen.print(text),
        quit: () => this.#end(),
      }),
      ...promptCommands(surface),
      events: async (words, signal) => {
        if (words[0] !== 'on' && words[0] !== 'off')
          return (await this.#target.execute('events', words, { signal })).text;
        this.#events = words[0] === 'on';
        return `events ${words[0]}`;
      },
    };
  }

  #changePrompt(typed: string | undefined): string {
    if (typed === undefined) {
      this.#shown = !this.#shown;
      return `prompt ${onOff(this.#shown)}`;
    }
    const words = splitLine(typed);
    const text = printable(words.length === 1 ? (words[0]?.text ?? '') : typed);
    // Like the default prompt.
    this.#text = /\w$/.test(text) ? `${text}>` : text;
    this.#shown = true;
    return '';
  }

  /** Without its history the prompt works all the same: an error is only reported. @returns whether it worked */
  async #keeping(act: () => void | Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      const reason = messageOf(error);
      this.#take({ text: `the history is not saved: ${reason}`, failed: true });
      return false;
    }
  }
}

const EXPRESSIONS =
  'Any other line is JavaScript, with the session as hostp2pd: hostp2pd.status, await hostp2pd.clients().';
const KEYS =
  'TAB completes, Ctrl-R searches the history. Ctrl-C interrupts a running command or clears the line; on an empty line it ends the prompt, as does Ctrl-D.';

function onOff(on: boolean): string {
  return on ? 'on' : 'off';
}

/** At the prompt `events` also switches the display of new events. */
function withSwitch(command: CommandSpec): CommandSpec {
  const [first, ...others] = command.arguments;
  if (command.name !== 'events' || !first) return command;
  const spec: ArgumentSpec = {
    ...first,
    name: `${first.name}|on|off`,
    words: [...(first.words ?? []), 'on', 'off'],
  };
  return { ...command, arguments: [spec, ...others] };
}

/** How long after the reply an event still counts as a repetition: it comes later from a daemon in another process. */
const LATE_MS = 1_000;

/** Holds back events that only repeat the reply of the last command of the prompt. */
export class RepeatedEvents {
  readonly #now: () => number;
  /** Types that are still expected, each once. */
  #expected = new Set<string>();
  #until = Number.POSITIVE_INFINITY;
  #held: EventLine[] = [];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A command starts whose reply says the same as events of these types. */
  expect(types: readonly string[]): void {
    this.#expected = new Set(types);
    this.#until = Number.POSITIVE_INFINITY;
    this.#held = [];
  }

  /** @returns whether the event is held back */
  takes(event: EventLine): boolean {
    if (this.#now() > this.#until || !this.#expected.delete(event.entry.event.type)) return false;
    this.#held.push(event);
    return true;
  }

  /**
   * The command is done.
   * @param silent without a reply of its own
   * @returns the events to show after all
   */
  settle(silent: boolean): readonly EventLine[] {
    const held = silent ? this.#held : [];
    if (silent) this.#expected.clear();
    this.#until = this.#now() + LATE_MS;
    this.#held = [];
    return held;
  }
}
