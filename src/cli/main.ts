import { EXIT } from '../daemon/exit.js';
import { endAtOnce, ignoreStraySignals } from '../daemon/signals.js';
import { HostP2pError } from '../system/errors.js';
import { stackOf } from '../system/stack.js';
import { type Arguments, parseArguments } from './arguments.js';
import { complain, watchOutputs } from './outputs.js';

/** Modes that run a session, or start the process of one. */
const HAS_SESSION: ReadonlySet<Arguments['mode']> = new Set(['foreground', 'daemon', 'prompt', 'batch']);

/** Modes that can run a session in this process, and write from the beginning. */
const RUNS_SESSION: ReadonlySet<Arguments['mode']> = new Set(['prompt', 'batch']);

/** Runs the program. The code of a mode is loaded on demand. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const args: Arguments = parseArguments(argv);
  if (HAS_SESSION.has(args.mode)) endAtOnce();
  else process.on('uncaughtException', crash);
  ignoreStraySignals();
  // Node.js loads much for the outputs, and a session in the foreground first needs wpa_supplicant.
  if (args.mode !== 'foreground') watchOutputs(RUNS_SESSION.has(args.mode) || isSetup(args));
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
      const code = reportFailure(new HostP2pError('USAGE', args.reason), args.json);
      process.stderr.write(`${args.hint}\n`);
      return code;
    }
    case 'foreground': {
      const { runForeground } = await import('./daemon-mode.js');
      return runForeground(args);
    }
    case 'daemon': {
      const { runDaemon } = await import('./daemon-mode.js');
      return runDaemon(args);
    }
    case 'terminate':
    case 'reload': {
      const { runSignal } = await import('./daemon-mode.js');
      return runSignal(args);
    }
    case 'prompt': {
      const { runPromptMode } = await import('./session-modes.js');
      return runPromptMode(args);
    }
    case 'batch': {
      const { runBatchMode } = await import('./session-modes.js');
      return runBatchMode(args);
    }
    case 'command': {
      const { runCommand } = await import('./command-mode.js');
      try {
        return await runCommand(args);
      } catch (error) {
        if (!(error instanceof HostP2pError)) throw error;
        return reportFailure(error, args.json);
      }
    }
    case 'complete': {
      const { answerCompletion } = await import('./completion.js');
      return answerCompletion(args.words);
    }
  }
}

/** It must not stop half way because the terminal has gone. */
function isSetup(args: Arguments): boolean {
  return args.mode === 'command' && args.name === 'setup';
}

/** An error in the program itself. Node.js would print a line of the bundle, and places in it. */
export function crash(error: unknown): never {
  complain(`internal error: ${stackOf(error)}`);
  process.exit(EXIT.failure);
}

/**
 * Reports on standard error and, with --json, for programs on standard output.
 * @returns the exit code
 */
function reportFailure({ code, message, retryable }: HostP2pError, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, retryable } }, null, 2)}\n`);
  complain(message);
  return code === 'USAGE' || code === 'COMMAND_INVALID' ? EXIT.usage : EXIT.failure;
}
