import yargs, { type Options } from 'yargs';
import { DESCRIPTION, OPTIONS, type OptionSpec } from './options.js';

/** The text of `--help`, laid out by yargs from the table of options. */
export async function helpText(): Promise<string> {
  const options = Object.entries(OPTIONS).map(([name, spec]: [string, OptionSpec]): [string, Options] => {
    return [
      name,
      { describe: spec.help, type: spec.type, requiresArg: spec.type === 'string', ...alias(spec) },
    ];
  });
  return (
    yargs()
      .scriptName('hostp2pd')
      .usage(`Usage: $0 [options]\n\n${DESCRIPTION}`)
      // Its own options of these names would take the place of those in the table.
      .help(false)
      .version(false)
      .options(Object.fromEntries(options))
      .epilogue(
        'Signals: SIGHUP reloads the configuration, SIGTERM and SIGINT end the program; the group stays up.',
      )
      .wrap(100)
      .getHelp()
  );
}

function alias({ short }: OptionSpec): { alias?: string } {
  return short === undefined ? {} : { alias: short };
}
