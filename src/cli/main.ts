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
    case 'prompt':
    case 'batch':
    case 'command':
      process.stderr.write(`hostp2pd: ${args.mode}: under construction\n`);
      return EXIT.usage;
  }
}
