import { parseArgs } from 'node:util';
import { COMMAND_OPTIONS, OPTIONS, type OptionSpec } from './options.js';

/** What every mode with a session of its own is told. */
export interface SessionArguments {
  readonly configFile: string | undefined;
  readonly interface: string | undefined;
  readonly runProgram: string | undefined;
  /** Least level that is printed to the terminal; undefined leaves it to the configuration. */
  readonly console: 'info' | 'debug' | undefined;
}

export interface BatchArguments extends SessionArguments {
  /** Where the log and what commands print goes; `-` is standard output. */
  readonly batchFile: string;
}

/** `hostp2pd <command>`: for a running daemon. */
export interface CommandArguments {
  readonly name: string;
  readonly words: readonly string[];
  readonly interface: string | undefined;
  readonly configFile: string | undefined;
  readonly help: boolean;
  readonly json: boolean;
  readonly svg: string | undefined;
  readonly png: string | undefined;
}

/** What the command line asks for. */
export type Arguments =
  | { readonly mode: 'help' }
  | { readonly mode: 'version' }
  | ({ readonly mode: 'prompt' } & SessionArguments)
  | ({ readonly mode: 'batch' } & BatchArguments)
  /** Batch mode light: no commands. */
  | ({ readonly mode: 'foreground' } & BatchArguments)
  | ({ readonly mode: 'daemon' } & SessionArguments)
  | { readonly mode: 'terminate' | 'reload'; readonly configFile?: string; readonly interface?: string }
  | ({ readonly mode: 'command' } & CommandArguments)
  /** TAB in the shell: the words that may stand in the last place. */
  | { readonly mode: 'complete'; readonly words: readonly string[] }
  | { readonly mode: 'unusable'; readonly reason: string };

/** What the script of yargs calls the program with, in front of the words typed so far. */
const COMPLETION_REQUEST = '--get-yargs-completions';

/** The one command whose words are not ours to look at. */
const RAW_COMMAND = 'wpa';

/**
 * Parses with Node's own parser, which is loaded anyway: the process that stays must not carry a parser of 14 MB.
 * yargs comes in for what ends at once: the help and the completion.
 */
export function parseArguments(argv: readonly string[]): Arguments {
  if (argv[0] === COMPLETION_REQUEST) return { mode: 'complete', words: argv.slice(1) };
  try {
    const command = commandAt(argv);
    const values = parse(argv.slice(0, command ?? argv.length), OPTIONS).values;
    return command === null ? modeOf(values) : commandOf(values, argv.slice(command));
  } catch (error) {
    return { mode: 'unusable', reason: error instanceof Error ? error.message : String(error) };
  }
}

type Values = Readonly<Record<string, readonly (string | boolean)[] | undefined>>;

function modeOf(values: Values): Arguments {
  const has = (name: keyof typeof OPTIONS) => values[name] !== undefined;
  const configFile = text(values, 'config');
  const interfaceName = text(values, 'interface');
  if (has('help')) return { mode: 'help' };
  if (has('version')) return { mode: 'version' };
  for (const mode of ['terminate', 'reload'] as const) {
    if (!has(mode)) continue;
    const other = (['terminate', 'reload', 'daemon', 'batch', 'run_program'] as const).find(
      (name) => name !== mode && has(name),
    );
    if (other) throw new Error(`--${mode} and --${other} do not go together`);
    return { mode, ...named('configFile', configFile), ...named('interface', interfaceName) };
  }
  const debug = has('debug') || (values['verbosity']?.length ?? 0) > 1;
  const session: SessionArguments = {
    configFile,
    interface: interfaceName,
    runProgram: text(values, 'run_program'),
    console: debug ? 'debug' : has('verbosity') ? 'info' : undefined,
  };
  const batchFile = text(values, 'batch');
  if (configFile === '-' && batchFile !== undefined && !has('daemon')) {
    throw new Error('standard input can hold the configuration (-c -) or the commands (-b), not both');
  }
  if (batchFile !== undefined) return { mode: has('daemon') ? 'foreground' : 'batch', ...session, batchFile };
  return { mode: has('daemon') ? 'daemon' : 'prompt', ...session };
}

function commandOf(before: Values, argv: readonly string[]): Arguments {
  const misplaced = Object.keys(before).find((name) => name !== 'interface' && name !== 'config');
  if (misplaced) throw new Error(`--${misplaced} does not go with a command`);
  const [name = '', ...rest] = argv;
  // What looks like an option behind the first word of a raw request belongs to the request.
  const raw = name === RAW_COMMAND ? rest.findIndex((word) => !word.startsWith('-')) : -1;
  const { values, positionals } = parse(raw < 0 ? rest : rest.slice(0, raw), COMMAND_OPTIONS);
  return {
    mode: 'command',
    name,
    words: raw < 0 ? positionals : rest.slice(raw),
    interface: text(values, 'interface') ?? text(before, 'interface'),
    configFile: text(values, 'config') ?? text(before, 'config'),
    help: values['help'] !== undefined,
    json: values['json'] !== undefined,
    svg: text(values, 'svg'),
    png: text(values, 'png'),
  };
}

/** Where the command stands: the first word that is no option and no option's value. */
function commandAt(argv: readonly string[]): number | null {
  const { tokens } = parseArgs({
    args: [...argv],
    options: parserOptions(OPTIONS),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.find(({ kind }) => kind === 'positional')?.index ?? null;
}

/** @throws Error with a reason for the user, for an unknown option, or one given twice that wants one value */
function parse(
  args: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
): { readonly values: Values; readonly positionals: readonly string[] } {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: parserOptions(specs),
    strict: true,
    allowPositionals: true,
  });
  for (const [name, { type }] of Object.entries(specs)) {
    const times = values[name]?.length ?? 0;
    if (type === 'string' && times > 1) throw new Error(`--${name} was given ${times} times, wanted once`);
  }
  return { values, positionals };
}

function parserOptions(
  specs: Readonly<Record<string, OptionSpec>>,
): Record<string, { type: 'boolean' | 'string'; multiple: true; short?: string }> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [
      name,
      { type, multiple: true as const, ...(short === undefined ? {} : { short }) },
    ]),
  );
}

function text(values: Values, name: string): string | undefined {
  return values[name]?.map(String).at(-1);
}

function named<K extends string>(key: K, value: string | undefined): { [key in K]?: string } {
  const part: { [key in K]?: string } = {};
  if (value !== undefined) part[key] = value;
  return part;
}
