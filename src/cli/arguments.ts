import { parseArgs } from 'node:util';
import { OPTIONS } from './options.js';

/** What the command line asks for. */
export type Arguments =
  | { readonly mode: 'help' }
  | { readonly mode: 'version' }
  | {
      readonly mode: 'foreground';
      readonly configFile: string | undefined;
      readonly interface: string | undefined;
      readonly runProgram: string | undefined;
      /** Log file of batch mode; `-` is standard output, undefined the terminal. */
      readonly batchFile: string | undefined;
      readonly console: 'info' | 'debug' | undefined;
    }
  | { readonly mode: 'unusable'; readonly reason: string };

/**
 * Parses with Node's own parser, which is loaded anyway: the process that stays must not carry a parser of 14 MB.
 * yargs comes in for what ends at once, the help.
 */
export function parseArguments(argv: readonly string[]): Arguments {
  const options = Object.fromEntries(
    Object.entries(OPTIONS).map(([name, spec]) => {
      const { type } = spec;
      const short = 'short' in spec ? { short: spec.short } : {};
      return [name, { type, multiple: true as const, ...short }];
    }),
  );
  let values: Readonly<Record<string, readonly (string | boolean)[] | undefined>>;
  try {
    ({ values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }));
  } catch (error) {
    return { mode: 'unusable', reason: error instanceof Error ? error.message : String(error) };
  }
  const has = (name: keyof typeof OPTIONS) => values[name] !== undefined;
  const text = (name: keyof typeof OPTIONS) => values[name]?.map(String).at(-1);
  if (has('help')) return { mode: 'help' };
  if (has('version')) return { mode: 'version' };
  const repeated = Object.entries(OPTIONS).find(
    ([name, spec]) => spec.type === 'string' && (values[name]?.length ?? 0) > 1,
  );
  if (repeated)
    return unusable(`--${repeated[0]} was given ${values[repeated[0]]?.length} times, wanted once`);
  for (const name of ['terminate', 'reload'] as const) {
    if (has(name)) return unusable(`--${name}: the daemon mode is not built yet; use -b FILE -d`);
  }
  if (has('daemon') !== has('batch')) {
    const found = has('daemon') ? '-d alone is the daemon mode' : '-b alone reads commands';
    return unusable(`${found}, which is not built yet; -b FILE and -d together run in the foreground`);
  }
  const debug = has('debug') || (values['verbosity']?.length ?? 0) > 1;
  return {
    mode: 'foreground',
    configFile: text('config'),
    interface: text('interface'),
    runProgram: text('run_program'),
    batchFile: text('batch'),
    console: debug ? 'debug' : has('verbosity') ? 'info' : undefined,
  };
}

function unusable(reason: string): Arguments {
  return { mode: 'unusable', reason };
}
