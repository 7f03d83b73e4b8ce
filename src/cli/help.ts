import yargs, { type Argv, type Options } from 'yargs';
import { type CommandSpec, usage } from '../commands/command.js';
import { COMMANDS } from '../commands/table.js';
import { COMMAND_OPTIONS, DESCRIPTION, OPTIONS, type OptionSpec } from './options.js';

/** The commands of `hostp2pd <command>`. */
export const SHELL_COMMANDS: readonly CommandSpec[] = COMMANDS.filter(({ frontends }) =>
  frontends.includes('shell'),
);

/** What yargs knows of the program: the help is laid out by it, and the completion scripts are its own. */
export function describeProgram(): Argv {
  const program = yargs([])
    .scriptName('hostp2pd')
    .usage(`Usage: $0 [options]\n       $0 [-i INTERFACE] <command> [--json]\n\n${DESCRIPTION}`)
    // Its own options of these names would take the place of those in the table.
    .help(false)
    .version(false)
    .options(yargsOptions(OPTIONS))
    .epilogue(
      'Without options: the prompt. Signals: SIGHUP reloads the configuration, SIGTERM and SIGINT end the program; ' +
        'the group stays up.',
    )
    .wrap(100);
  for (const command of SHELL_COMMANDS) program.command(usage(command), command.summary);
  return program;
}

/** The text of `--help`. */
export async function helpText(): Promise<string> {
  return describeProgram().getHelp();
}

/** The text of `hostp2pd <command> --help`. */
export async function commandHelpText(command: CommandSpec): Promise<string> {
  const { details } = command;
  return yargs([])
    .scriptName('hostp2pd')
    .usage(
      `Usage: $0 ${usage(command)} [options]\n\n${sentence(command.summary)}${details ? `\n${details}` : ''}`,
    )
    .help(false)
    .version(false)
    .options(yargsOptions(COMMAND_OPTIONS))
    .wrap(100)
    .getHelp();
}

/** `print the version` → `Print the version.` */
export function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function yargsOptions(specs: Readonly<Record<string, OptionSpec>>): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { help, type, short }]) => [
      name,
      {
        describe: help,
        type,
        requiresArg: type === 'string',
        ...(short === undefined ? {} : { alias: short }),
      },
    ]),
  );
}
