import { type Arguments, parseArguments } from './arguments.js';
import { EXIT } from './exit.js';

/** Runs the program. Each mode's code is loaded only where it is wanted. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const args: Arguments = parseArguments(argv);
  switch (args.mode) {
    case 'help': {
      const { helpText } = await import('./help.js');
      process.stdout.write(`${await helpText()}\n`);
      return EXIT.ok;
    }
    case 'version': {
      const { version } = await import('../index.js');
      process.stdout.write(`hostp2pd ${version()}\n`);
      return EXIT.ok;
    }
    case 'unusable':
      process.stderr.write(`hostp2pd: ${args.reason}\nTry "hostp2pd --help".\n`);
      return EXIT.usage;
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
