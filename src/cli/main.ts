import { endAtOnce, ignoreStraySignals } from '../daemon/signals.js';
import { codeOf, messageOf } from '../system/errors.js';
import { type Arguments, type Mistyped, parseArguments } from './arguments.js';
import { EXIT, reportFailure } from './exit.js';

/** Modes that run a session, or start the process of one. */
const HAS_SESSION: ReadonlySet<Arguments['mode']> = new Set(['foreground', 'daemon', 'prompt', 'batch']);

/** Modes that run a session in this process. */
const RUNS_SESSION: ReadonlySet<Arguments['mode']> = new Set(['foreground', 'prompt', 'batch']);

/** Runs the program. Each mode's code is loaded only where it is wanted. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const args: Arguments = parseArguments(argv);
  if (HAS_SESSION.has(args.mode)) endAtOnce();
  ignoreStraySignals();
  watchOutputs(RUNS_SESSION.has(args.mode));
  switch (args.mode) {
    case 'help': {
      const { helpText } = await import('./help.js');
      process.stdout.write(`${await helpText()}\n`);
      return EXIT.ok;
    }
    case 'version': {
      const { version } = await import('../system/version.js');
      process.stdout.write(`hostp2pd ${version()}\n`);
      return EXIT.ok;
    }
    case 'unusable': {
      const meant = args.mistyped && (await nearest(args.mistyped));
      const hint = meant === undefined ? 'Try "hostp2pd --help".' : `Did you mean --${meant}?`;
      reportFailure({ code: 'USAGE', message: args.reason, retryable: false }, args.json);
      process.stderr.write(`${hint}\n`);
      return EXIT.usage;
    }
    case 'foreground': {
      const { runForeground } = await import('./foreground.js');
      return runForeground(args);
    }
    case 'daemon': {
      const { runDaemon } = await import('./daemon-mode.js');
      return runDaemon(args);
    }
    case 'terminate': {
      const { runTerminate } = await import('./daemon-mode.js');
      return runTerminate(args);
    }
    case 'reload': {
      const { runReload } = await import('./daemon-mode.js');
      return runReload(args);
    }
    case 'prompt': {
      const { runPromptMode } = await import('./own-session.js');
      return runPromptMode(args);
    }
    case 'batch': {
      const { runBatchMode } = await import('./own-session.js');
      return runBatchMode(args);
    }
    case 'command': {
      const { runCommand } = await import('./command-mode.js');
      return runCommand(args);
    }
    case 'complete': {
      const { answerCompletion } = await import('./completion.js');
      return answerCompletion(args.words);
    }
  }
}

/** Without a listener, a disk that is full or a reader that has gone ends the program with a stack. */
function watchOutputs(running: boolean): void {
  process.stdout.on('error', (error) => {
    // A reader that has gone, such as head(1), has seen enough. A session goes on without its output.
    if (codeOf(error) === 'EPIPE' || running) return;
    process.stderr.write(`hostp2pd: standard output: ${messageOf(error)}\n`);
    process.exit(EXIT.failure);
  });
  process.stderr.on('error', () => {});
}

async function nearest({ word, known }: Mistyped): Promise<string | undefined> {
  // A single letter is no misspelt name.
  if (word.length < 2) return undefined;
  const { nearestName } = await import('../system/values.js');
  return nearestName(word, known);
}
