import { parseArgs } from 'node:util';
import { messageOf } from '../system/errors.js';
import { inQuotes, nearestName } from '../system/values.js';
import { COMMAND_OPTIONS, OPTIONS, type OptionSpec } from './options.js';

/** For every mode that runs a session. */
export interface SessionArguments {
  readonly configFile: string | undefined;
  readonly interface: string | undefined;
  readonly runProgram: string | undefined;
  readonly record: string | undefined;
  readonly refuseDefaultPin: boolean;
  /** Lowest level that is printed to the terminal; undefined: as configured. */
  readonly console: 'info' | 'debug' | undefined;
}

export interface BatchArguments extends SessionArguments {
  /** Takes the log and the output of commands; `-` is standard output. */
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
  readonly follow: boolean;
  readonly all: boolean;
  readonly svg: string | undefined;
  readonly png: string | undefined;
  readonly as: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The given options that go with one command only. */
  readonly own: ReadonlyMap<string, string | true>;
}

/** What the command line asks for, by mode. */
export type Arguments =
  | { readonly mode: 'help' }
  | { readonly mode: 'version' }
  | ({ readonly mode: 'prompt' } & SessionArguments)
  | ({ readonly mode: 'batch' } & BatchArguments)
  /** Batch mode without commands. */
  | ({ readonly mode: 'foreground' } & BatchArguments)
  | ({ readonly mode: 'daemon' } & SessionArguments)
  | { readonly mode: 'terminate' | 'reload'; readonly configFile?: string; readonly interface?: string }
  | ({ readonly mode: 'command' } & CommandArguments)
  /** The shell asks for completions of the last word. */
  | { readonly mode: 'complete'; readonly words: readonly string[] }
  | {
      readonly mode: 'unusable';
      readonly reason: string;
      /** What to do about it. */
      readonly hint: string;
      /** The reason is to be printed as JSON as well. */
      readonly json: boolean;
    };

class UnknownOption extends Error {
  readonly nearest: string | undefined;

  constructor(option: string, known: readonly string[]) {
    super(`unknown option ${inQuotes(option)}`);
    const name = option.replace(/^-+/, '');
    // A single letter is no misspelt name.
    if (name.length > 1) this.nearest = nearestName(name, known);
  }
}

/** The completion script of yargs calls the program with this option, followed by the words typed so far. */
const COMPLETION_REQUEST = '--get-yargs-completions';

/** The command whose words are passed on without being parsed. */
const RAW_COMMAND = 'wpa';

/**
 * Parses with Node's own parser, because yargs would take 14 MB in a process that stays. yargs makes the help and the
 * completion script.
 */
export function parseArguments(argv: readonly string[]): Arguments {
  if (argv[0] === COMPLETION_REQUEST) return { mode: 'complete', words: argv.slice(1) };
  try {
    const command = commandAt(argv);
    const { values, positionals } = parse(argv.slice(0, command ?? argv.length), OPTIONS);
    const [number] = positionals;
    if (number !== undefined) throw new UnknownOption(number, Object.keys(OPTIONS));
    return command === null ? modeOf(values) : commandOf(values, argv.slice(command));
  } catch (error) {
    const nearest = error instanceof UnknownOption ? error.nearest : undefined;
    return {
      mode: 'unusable',
      reason: messageOf(error),
      hint: nearest === undefined ? 'Try "hostp2pd --help".' : `Did you mean --${nearest}?`,
      json: argv.includes('--json'),
    };
  }
}

type Values = Readonly<Record<string, readonly (string | boolean)[] | undefined>>;

/** Options that do not go with a daemon that runs. */
const RUNS = [
  'terminate',
  'reload',
  'daemon',
  'batch',
  'run_program',
  'record',
  'refuse-default-pin',
] as const satisfies readonly (keyof typeof OPTIONS)[];

function modeOf(values: Values): Arguments {
  const has = (name: keyof typeof OPTIONS) => values[name] !== undefined;
  if (has('json')) throw new Error('--json goes with a command, such as hostp2pd status --json');
  const configFile = text(values, 'config');
  const interfaceName = text(values, 'interface');
  if (has('help')) return { mode: 'help' };
  if (has('version')) return { mode: 'version' };
  for (const mode of ['terminate', 'reload'] as const) {
    if (!has(mode)) continue;
    const other = RUNS.find((name) => name !== mode && has(name));
    if (other) throw new Error(`--${mode} and --${other} do not go together`);
    return { mode, ...named('configFile', configFile), ...named('interface', interfaceName) };
  }
  const debug = has('debug') || (values['verbosity']?.length ?? 0) > 1;
  const session: SessionArguments = {
    configFile,
    interface: interfaceName,
    runProgram: text(values, 'run_program'),
    record: text(values, 'record'),
    refuseDefaultPin: has('refuse-default-pin'),
    console: debug ? 'debug' : has('verbosity') ? 'info' : undefined,
  };
  const batchFile = text(values, 'batch');
  if (configFile === '-' && batchFile !== undefined && !has('daemon')) {
    throw new Error('standard input can hold the configuration (-c -) or the commands (-b), not both');
  }
  if (batchFile !== undefined) return { mode: has('daemon') ? 'foreground' : 'batch', ...session, batchFile };
  return { mode: has('daemon') ? 'daemon' : 'prompt', ...session };
}

/** Options that are allowed before a command as well as after it. */
const BEFORE_A_COMMAND = new Set(['interface', 'config', 'json']);

function commandOf(before: Values, argv: readonly string[]): Arguments {
  const misplaced = Object.keys(before).find((name) => !BEFORE_A_COMMAND.has(name));
  if (misplaced) throw new Error(`--${misplaced} does not go with a command`);
  const [name = '', ...rest] = argv;
  const raw = name === RAW_COMMAND ? rest.findIndex((word) => !word.startsWith('-')) : -1;
  const request = raw < 0 ? null : rawRequest(rest.slice(raw));
  const { values, positionals } = parse(raw < 0 ? rest : rest.slice(0, raw), COMMAND_OPTIONS);
  return {
    mode: 'command',
    name,
    words: request?.words ?? positionals,
    interface: text(values, 'interface') ?? text(before, 'interface'),
    configFile: text(values, 'config') ?? text(before, 'config'),
    help: values['help'] !== undefined,
    json: values['json'] !== undefined || before['json'] !== undefined || (request?.json ?? false),
    follow: values['follow'] !== undefined,
    all: values['all'] !== undefined,
    svg: text(values, 'svg'),
    png: text(values, 'png'),
    as: text(values, 'as'),
    from: text(values, 'from'),
    to: text(values, 'to'),
    own: ownOptions(values),
  };
}

function ownOptions(values: Values): ReadonlyMap<string, string | true> {
  const specs = Object.entries<OptionSpec>(COMMAND_OPTIONS).filter(
    ([, { command }]) => command !== undefined,
  );
  return new Map(
    specs.flatMap(([name, { type }]) => {
      if (values[name] === undefined) return [];
      return [[name, type === 'boolean' ? true : (text(values, name) ?? '')] as const];
    }),
  );
}

/**
 * After the first word of a raw request, words like options belong to the request, such as `-1` in `SET x -1`; but no
 * request has a word `--json`. Everything after `--` belongs to the request.
 */
function rawRequest(words: readonly string[]): { readonly words: readonly string[]; readonly json: boolean } {
  const end = words.indexOf('--');
  const ours = end < 0 ? words : words.slice(0, end);
  const kept = ours.filter((word) => word !== '--json');
  return { words: [...kept, ...(end < 0 ? [] : words.slice(end + 1))], json: kept.length < ours.length };
}

/** The index of the command: the first word that is neither an option nor the value of one. */
function commandAt(argv: readonly string[]): number | null {
  return tokensOf(argv, OPTIONS).find(({ kind }) => kind === 'positional')?.index ?? null;
}

type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Node's parser runs in its lenient mode, so that the errors are ours. */
function tokensOf(args: readonly string[], specs: OptionSpecs) {
  const options = Object.entries(specs).map(([name, { type, short }]) => {
    return [name, { type, multiple: true as const, ...(short === undefined ? {} : { short }) }] as const;
  });
  return parseArgs({
    args: [...args],
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

/** @throws Error with a reason for the user */
function parse(
  args: readonly string[],
  specs: OptionSpecs,
): { readonly values: Values; readonly positionals: readonly string[] } {
  const values: Record<string, (string | boolean)[]> = Object.create(null);
  const positionals: string[] = [];
  let number: number | undefined;
  for (const token of tokensOf(args, specs)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    // A negative number is a word, which the command refuses with a reason. The parser makes an option of each digit.
    const whole = args[token.index] ?? '';
    if (/^-\d/.test(whole)) {
      if (token.index !== number) positionals.push(whole);
      number = token.index;
      continue;
    }
    const { name, rawName, value } = token;
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) throw new UnknownOption(rawName, Object.keys(specs));
    checkValue(rawName, spec, value, token.inlineValue ?? false);
    const all = values[name] ?? [];
    all.push(value ?? true);
    values[name] = all;
    if (spec.type === 'string' && all.length > 1) {
      throw new Error(`expected --${name} once, got it ${all.length} times`);
    }
  }
  return { values, positionals };
}

function checkValue(option: string, spec: OptionSpec, value: string | undefined, inline: boolean): void {
  if (spec.type === 'boolean') {
    if (value !== undefined) throw new Error(`${option} takes no value, got ${inQuotes(value)}`);
    return;
  }
  const expected = spec.value ?? 'a value';
  if (value === undefined || value === '') throw new Error(`${option}: expected ${expected}, got nothing`);
  // Without this check a forgotten value would swallow the next option.
  if (!inline && value !== '-' && value.startsWith('-')) {
    throw new Error(`${option}: expected ${expected}, got the option ${inQuotes(value)}`);
  }
}

function text(values: Values, name: string): string | undefined {
  return values[name]?.map(String).at(-1);
}

function named<K extends string>(key: K, value: string | undefined): { [key in K]?: string } {
  const part: { [key in K]?: string } = {};
  if (value !== undefined) part[key] = value;
  return part;
}
