import type { Argv, Options } from 'yargs';
import { type CommandSpec, type Frontend, usage } from '../commands/command.js';
import { COMMANDS } from '../commands/table.js';
import { wrap } from '../system/wrap.js';
import { COMMAND_OPTIONS, DESCRIPTION, goesWith, OPTIONS, type OptionSpec } from './options.js';

/** The help, from the tables of commands and options: of the shell, laid out by yargs, and of the prompt. */

/** In the order of the tables. */
export function commandsOf(frontend: Frontend): readonly CommandSpec[] {
  return COMMANDS.filter(({ frontends }) => frontends.includes(frontend));
}

/** Where the command can be given, in words. */
export function placesOf({ name, frontends }: CommandSpec): readonly string[] {
  const places: Readonly<Record<Frontend, string>> = {
    prompt: 'at the prompt',
    batch: 'in batch mode',
    shell: `as hostp2pd ${name}`,
    socket: 'over the control socket',
  };
  return frontends.map((frontend) => places[frontend]);
}

/** The program as yargs describes it: for the help and the completion script. */
export async function describeProgram(): Promise<Argv> {
  const program = await describe(
    `[options]\n       $0 [-i INTERFACE] <command> [--json]\n\n${DESCRIPTION}`,
    OPTIONS,
  );
  program.epilogue(
    'Without options: the prompt. Signals: SIGHUP reloads the configuration, SIGTERM and SIGINT end the program; ' +
      'the group stays up.',
  );
  for (const command of commandsOf('shell')) program.command(usage(command), command.summary);
  return program;
}

/** The text of `hostp2pd --help`, or of `hostp2pd <command> --help`. */
export async function helpText(command?: CommandSpec): Promise<string> {
  if (command === undefined) return (await describeProgram()).getHelp();
  const details = command.details === undefined ? '' : `\n${command.details}`;
  const text = `${usage(command)} [options]\n\n${sentence(command.summary)}${details}`;
  return (await describe(text, optionsFor(command.name))).getHelp();
}

/** The options that can stand behind a command. */
export function optionsFor(command: string): Readonly<Record<string, OptionSpec>> {
  const specs = Object.entries<OptionSpec>(COMMAND_OPTIONS);
  return Object.fromEntries(specs.filter(([, spec]) => goesWith(spec, command)));
}

async function describe(text: string, specs: Readonly<Record<string, OptionSpec>>): Promise<Argv> {
  // Only loaded for what ends at once: it takes 14 MB.
  const { default: yargs } = await import('yargs');
  const options = Object.entries(specs).map(([name, { help, type, short }]): [string, Options] => [
    name,
    {
      describe: help,
      type,
      requiresArg: type === 'string',
      ...(short === undefined ? {} : { alias: short }),
    },
  ]);
  return (
    yargs([])
      .scriptName('hostp2pd')
      .usage(`Usage: $0 ${text}`)
      // yargs' own options of these names would replace those of the table.
      .help(false)
      .version(false)
      .options(Object.fromEntries(options))
      .wrap(100)
  );
}

/** `print the version` → `Print the version.` */
export function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** The output of `help`: the commands, with the summaries beside them. */
export function helpList(commands: readonly CommandSpec[], columns: number): string {
  const usages = commands.map(usage);
  const indent = Math.max(...usages.map(({ length }) => length)) + 4;
  return commands
    .map(({ summary }, place) => {
      const [first = '', ...others] = wrap(summary, columns - indent);
      const start = `  ${usages[place]}`.padEnd(indent);
      return [start + first, ...others.map((line) => ' '.repeat(indent) + line)].join('\n');
    })
    .join('\n');
}

/** The output of `help <command>`. */
export function helpFor(command: CommandSpec, columns: number): string {
  const { summary, details } = command;
  const lines = [summary, ...(details === undefined ? [] : [details])].flatMap((text) => wrap(text, columns));
  return [`usage: ${usage(command)}`, ...lines].join('\n');
}
