import type { Paint } from '../system/colours.js';
import { type Commands, typedCommands } from '../system/commands.js';
import { printable } from '../system/names.js';
import { fillLines } from '../system/wrap.js';

/** From good to bad. `unknown`: what the check needs is not available, which is no error. */
const LEVELS = ['ok', 'unknown', 'warning', 'error'] as const;

export type Level = (typeof LEVELS)[number];

const WORST_FIRST: readonly Level[] = [...LEVELS].reverse();

/** Message and fix are one line each; a warning and an error always have a fix. */
type Verdict =
  | {
      readonly level: 'ok';
      readonly message: string;
      readonly fix?: undefined;
      readonly commands?: undefined;
    }
  | {
      readonly level: 'unknown';
      readonly message: string;
      readonly fix?: undefined;
      readonly commands?: undefined;
      /** It cannot be known because of an error that another check reports. */
      readonly follows?: true;
    }
  | {
      readonly level: 'warning' | 'error';
      readonly message: string;
      readonly fix: string;
      /** The fix, where `doctor --fix` may carry it out. */
      readonly commands?: Commands | undefined;
      /** It installs packages, so a person must agree first. */
      readonly installs?: true;
    };

/**
 * Words, or commands that are safe: they cut no connection, delete nothing that a user wrote, and are harmless or can be undone.
 * Or Debian packages to install, and safe commands after that.
 */
export type Fix =
  | string
  | { readonly safe: Commands }
  | { readonly install: readonly string[]; readonly after?: Commands };

/** What one check returns: at least one verdict, so that the user sees what was looked at. */
export type Verdicts = readonly Verdict[];

/** A verdict with the id of its check, which never changes. */
export type Finding = Verdict & { readonly check: string };

export function ok(message: string): Verdicts {
  return [{ level: 'ok', message }];
}

export function unknown(message: string): Verdicts {
  return [{ level: 'unknown', message }];
}

/** What cannot be known while another check has an error. */
export function blocked(message: string): Verdicts {
  return [{ level: 'unknown', message, follows: true }];
}

export function warning(message: string, fix: Fix): Verdicts {
  return [{ level: 'warning', message, ...fixOf(fix) }];
}

export function error(message: string, fix: Fix): Verdicts {
  return [{ level: 'error', message, ...fixOf(fix) }];
}

function fixOf(fix: Fix): Pick<Extract<Verdict, { fix: string }>, 'fix' | 'commands' | 'installs'> {
  if (typeof fix === 'string') return { fix };
  if ('safe' in fix) return { fix: typedCommands(fix.safe), commands: fix.safe };
  const commands = [['apt-get', 'install', '-y', ...fix.install], ...(fix.after ?? [])];
  return { fix: typedCommands(commands), commands, installs: true };
}

/** The verdicts, or `ok` if there are none. */
export function orOk(verdicts: Verdicts, message: string): Verdicts {
  return verdicts.length > 0 ? verdicts : ok(message);
}

export interface Report {
  /** The configuration that was examined, in words. */
  readonly examined: string;
  /** The worst come first. */
  readonly findings: readonly Finding[];
  readonly worst: Level;
}

export function reportOf(findings: readonly Finding[], examined: string): Report {
  const ordered = WORST_FIRST.flatMap((wanted) => findings.filter(({ level }) => level === wanted));
  return { examined, findings: ordered, worst: ordered[0]?.level ?? 'ok' };
}

export function exitCodeOf({ worst }: Report): 0 | 1 | 2 {
  if (worst === 'error') return 2;
  return worst === 'warning' ? 1 : 0;
}

/** What `--json` prints. Programs read `fault` and `cure`, so these words stay. */
export function reportJson({ examined, findings, worst }: Report): object {
  const word = (level: Level) => (level === 'error' ? 'fault' : level);
  return {
    examined,
    findings: findings.map(({ check, level, message, fix: cure, commands }) => {
      return { check, level: word(level), message, cure, ...(commands && { commands }) };
    }),
    worst: word(worst),
  };
}

/** How the report is printed. */
export interface ReportFormat {
  /** Also lists the checks that are ok, and each that is unknown with its reason. */
  readonly all?: boolean | undefined;
  /** Width of the terminal; undefined where the text does not go to one. */
  readonly columns?: number | undefined;
  /** Colours a word; undefined: no colours. */
  readonly paint?: Paint | undefined;
}

/** A line of the report. */
interface Row {
  readonly level: Level;
  /** The id of a check, or how many checks. */
  readonly name: string;
  readonly message: string;
  readonly fix?: string | undefined;
}

const GAP = '  ';
const LEVEL_WIDTH = Math.max(...LEVELS.map((level) => level.length));
/** With less room beside the names, the texts stand below them. */
const LEAST_ROOM = 40;

/** The report for a person: errors, warnings, what is unknown, and how many checks are ok. */
export function reportText({ findings, examined }: Report, format: ReportFormat = {}): string {
  const rows = format.all ? findings : rowsOf(findings);
  const checks = new Set(findings.map(({ check }) => check));
  for (const { check, level } of findings) if (level !== 'ok') checks.delete(check);
  const more = format.all ? '' : ' (--all lists them)';
  const last = `${count(checks.size, 'check')} ok${checks.size === 0 ? '' : more}`;
  const shown: Row[] = rows.map((row) => ('check' in row ? { ...row, name: row.check } : row));
  return [
    ...wrap(printable(`configuration: ${examined}`), format.columns).map((line) =>
      paint(format, 'unknown', line),
    ),
    '',
    ...shown.flatMap((row) => linesOf(row, Math.max(...shown.map(({ name }) => name.length)), format)),
    ...(shown.length === 0 ? [] : ['']),
    paint(format, 'ok', last),
  ].join('\n');
}

/** Without those that are ok, and one row for all that are unknown for the same reason. */
function rowsOf(findings: readonly Finding[]): readonly (Finding | Row)[] {
  const hasError = findings.some(({ level }) => level === 'error');
  const reasons = new Map<string, string[]>();
  for (const finding of findings) {
    if (finding.level !== 'unknown') continue;
    const reason =
      hasError && finding.follows ? 'cannot be known before the errors are fixed' : finding.message;
    reasons.set(reason, [...(reasons.get(reason) ?? []), finding.check]);
  }
  const unknowns = [...reasons].map(([reason, checks]): Row => {
    const [only = '', ...others] = checks;
    if (others.length === 0) return { level: 'unknown', name: only, message: reason };
    return {
      level: 'unknown',
      name: count(checks.length, 'check'),
      message: `${reason}: ${checks.join(', ')}`,
    };
  });
  return [...findings.filter(({ level }) => level === 'error' || level === 'warning'), ...unknowns];
}

function linesOf({ level, name, message, fix }: Row, nameWidth: number, format: ReportFormat): string[] {
  const head = level.padEnd(LEVEL_WIDTH);
  const beside = LEVEL_WIDTH + nameWidth + 2 * GAP.length;
  const isBeside = format.columns === undefined || format.columns - beside >= LEAST_ROOM;
  const indent = ' '.repeat(isBeside ? beside : GAP.length);
  const room = format.columns === undefined ? undefined : format.columns - indent.length;
  const texts = wrap(printable(message), room);
  const fixes = fix === undefined ? [] : wrap(printable(`fix: ${fix}`), room);
  const [first = '', ...others] = isBeside ? texts : ['', ...texts];
  return [
    `${paint(format, level, head)}${GAP}${isBeside ? name.padEnd(nameWidth) + GAP + first : name}`,
    ...[...others, ...fixes].map((line) => indent + line),
  ];
}

const STYLES = { error: 'error', warning: 'warning', ok: 'good', unknown: 'label' } as const;

function paint({ paint: style }: ReportFormat, level: Level, text: string): string {
  return style === undefined ? text : style(STYLES[level], text);
}

/** A command up to the next `; `: broken into lines it could not be copied. */
const COMMAND = /(?:sudo|printf|echo|kill|wpa_cli|docker|podman|hostp2pd) (?:'[^']*'|(?!; |\. [A-Z])[^'])*/y;

/** Lines of whole words; a command stays in one line, and the terminal breaks it. */
function wrap(text: string, columns: number | undefined): string[] {
  return columns === undefined ? [text] : fillLines(partsOf(text), columns);
}

/** The words, and whole commands at the beginning of the text, after a colon, a semicolon, `or` or `then`. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let place = 0; place < text.length; ) {
    COMMAND.lastIndex = place;
    const canBegin = /^$|(?:[:;.]|\bor|\bthen) $/.test(text.slice(Math.max(0, place - 6), place));
    const command = canBegin ? COMMAND.exec(text)?.[0] : undefined;
    const end = text.indexOf(' ', place + (command?.length ?? 0));
    const part = text.slice(place, end < 0 ? text.length : end);
    if (part !== '') parts.push(part);
    place += part.length + 1;
  }
  return parts;
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
