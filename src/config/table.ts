import { HostP2pError } from '../system/errors.js';
import { hasControlCharacter } from '../system/names.js';
import { describe, isRecord } from '../system/values.js';
import { type Findings, keyPath, type RightPlace, shownKey, unknownKey } from './problem.js';

/** Tables of settings: what a row says, the types that follow from a table, and how a section is read by it. */

/**
 * The text as the program uses it, with a warning if a part of it is not used; or what was expected instead.
 * `got`: the wrong part, if it may be shown.
 */
export type ParsedText =
  | { readonly text: string; readonly warning?: string }
  | { readonly expected: string; readonly got?: string };

interface About {
  /** For the manual: one or two sentences. */
  readonly meaning: string;
  /** Why the setting has no effect. It is accepted, with a warning if its value is not the default. */
  readonly ignoredBecause?: string;
  /** The value is, or may hold, a secret. */
  readonly secret?: true;
}

/** Every setting may be null. That means the default, unless `nullMeans` says otherwise. */
type Default<Value> =
  | { readonly default: Value; readonly nullMeans?: never }
  | { readonly default: Value | null; readonly nullMeans: string };

interface TextLimits {
  /** Longest text, in bytes of UTF-8. */
  readonly maxBytes?: number;
  readonly parse?: (text: string) => ParsedText;
  /** The text that `false` stands for: to write it for what can be switched off is natural. */
  readonly falseMeans?: string;
}

interface NumberLimits {
  readonly min: number;
  readonly max: number;
}

export type KeySpec =
  | (About & Default<string> & TextLimits & { readonly type: 'string' })
  | (About & Default<boolean> & { readonly type: 'boolean' })
  | (About & Default<number> & NumberLimits & { readonly type: 'integer' })
  | (About & Default<number> & NumberLimits & { readonly type: 'seconds' })
  | (About & Default<readonly string[]> & TextLimits & { readonly type: 'strings' })
  | (About & Default<Readonly<Record<string, string>>> & { readonly type: 'parameters' })
  | (About & Default<string> & { readonly type: 'choice'; readonly options: readonly string[] })
  | (About & { readonly type: 'object'; readonly keys: Table });

export type Table = { readonly [key: string]: KeySpec };

type Plain<Spec> = Spec extends { type: 'string' }
  ? string
  : Spec extends { type: 'boolean' }
    ? boolean
    : Spec extends { type: 'integer' | 'seconds' }
      ? number
      : Spec extends { type: 'strings' }
        ? readonly string[]
        : Spec extends { type: 'parameters' }
          ? Readonly<Record<string, string>>
          : Spec extends { type: 'choice'; options: readonly (infer Option)[] }
            ? Option
            : Spec extends { type: 'object'; keys: infer Keys }
              ? ValuesOf<Keys>
              : never;

/** The settings that a table describes. */
export type ValuesOf<T> = {
  readonly [Key in keyof T]: T[Key] extends { nullMeans: string } ? Plain<T[Key]> | null : Plain<T[Key]>;
};

/** Where a key belongs that the table does not have; undefined if that is not known. */
type FindPlace = (key: string) => RightPlace | undefined;

/**
 * Reads a section by its table. What is missing, null or wrong has its default in the result. Each wrong value is a
 * problem in `findings`; with any problem the result must not be used.
 */
export function readTable<T extends Table>(
  table: T,
  section: unknown,
  path: string,
  findings: Findings,
  findPlace: FindPlace = () => undefined,
): ValuesOf<T> {
  const values: unknown = readKeys(table, section, path, findings, findPlace);
  if (fitsTable(table, values)) return values;
  throw new HostP2pError('STATE', `the defaults of ${path} do not fit their own table`);
}

/** No value: YAML's null and `~`, and Python's `None`, which users of the Python program write. */
export function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === 'None';
}

function readKeys(
  table: Table,
  section: unknown,
  path: string,
  findings: Findings,
  findPlace: FindPlace,
): unknown {
  const given = isNothing(section) ? {} : section;
  if (!isRecord(given)) {
    findings.problems.push({ path, text: `expected a map of keys and values, got ${describe(given, true)}` });
    return readKeys(table, {}, path, findings, findPlace);
  }
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(table, key)) continue;
    findings.problems.push(unknownKey('setting', path, key, Object.keys(table), findPlace(key)));
  }
  return Object.fromEntries(
    Object.entries(table).map(([key, spec]) => {
      const value = Object.hasOwn(given, key) ? given[key] : undefined;
      return [key, readKey(spec, value, keyPath(path, key), findings, findPlace)];
    }),
  );
}

function readKey(
  spec: KeySpec,
  value: unknown,
  path: string,
  findings: Findings,
  findPlace: FindPlace,
): unknown {
  if (spec.type === 'object') return readKeys(spec.keys, value, path, findings, findPlace);
  // A missing key has its default; null may mean something else.
  if (value === undefined) return spec.default;
  if (isNothing(value)) return spec.nullMeans === undefined ? spec.default : null;
  return readValue(spec, value, new Report(spec, path, findings)) ?? spec.default;
}

function fitsTable<T extends Table>(table: T, values: unknown): values is ValuesOf<T> {
  return isRecord(values) && Object.entries(table).every(([key, spec]) => fits(spec, values[key]));
}

function fits(spec: KeySpec, value: unknown): boolean {
  if (spec.type === 'object') return fitsTable(spec.keys, value);
  if (value === null) return spec.nullMeans !== undefined;
  if (spec.type === 'boolean') return typeof value === 'boolean';
  if (spec.type === 'integer' || spec.type === 'seconds') return typeof value === 'number';
  if (spec.type === 'strings') return Array.isArray(value);
  if (spec.type === 'choice') return spec.options.some((option) => option === value);
  return spec.type === 'parameters' ? isRecord(value) : typeof value === 'string';
}

type ValueSpec = Exclude<KeySpec, { type: 'object' }>;
type SpecOf<Type extends KeySpec['type']> = Extract<KeySpec, { type: Type }>;

/** Reports what is wrong with the value of one key. */
class Report {
  readonly #spec: ValueSpec;
  readonly #path: string;
  readonly #findings: Findings;

  constructor(spec: ValueSpec, path: string, findings: Findings) {
    this.#spec = spec;
    this.#path = path;
    this.#findings = findings;
  }

  /**
   * @param hidden nothing of the value is shown
   * @returns undefined, for the caller to return
   */
  expected(expected: string, value: unknown, hidden = this.#spec.secret ?? false): undefined {
    const { type } = this.#spec;
    // YAML reads digits without quotes as a number. Where no number belongs, they may be a PIN.
    const numeric = type === 'integer' || type === 'seconds';
    const mayBePin = !numeric && typeof value === 'number' && Math.abs(value) >= 1000;
    return this.unfit({ expected, got: describe(value, hidden || mayBePin) });
  }

  unfit({ expected, got }: { readonly expected: string; readonly got: string }): undefined {
    this.#findings.problems.push({ path: this.#path, text: `expected ${expected}, got ${got}` });
  }

  warn(text: string): void {
    this.#findings.warnings.push({ path: this.#path, text });
  }

  /** For a part of the value. */
  at(path: (own: string) => string): Report {
    return new Report(this.#spec, path(this.#path), this.#findings);
  }
}

/** The value as the program uses it; undefined if it is wrong, which has been reported. */
function readValue(spec: ValueSpec, value: unknown, report: Report): unknown {
  switch (spec.type) {
    case 'string':
      return readText(spec, value, report);
    case 'strings': {
      if (!Array.isArray(value)) return report.expected('a list of texts', value, true);
      const items: readonly unknown[] = value;
      return items.map((item, index) => {
        return (
          readText(
            spec,
            item,
            report.at((path) => `${path}[${index}]`),
          ) ?? ''
        );
      });
    }
    case 'boolean':
      return readBoolean(value, report);
    case 'integer':
    case 'seconds':
      return readNumber(spec, value, report);
    case 'choice': {
      const lower = typeof value === 'string' ? value.toLowerCase() : undefined;
      const option = spec.options.find((one) => one === lower);
      return option ?? report.expected(`one of ${spec.options.join(', ')}`, value);
    }
    case 'parameters':
      return readParameters(value, report);
  }
}

const NO_CONTROL_CHARACTERS = 'a text without control characters or line breaks';

function readText(spec: SpecOf<'string' | 'strings'>, value: unknown, report: Report): string | undefined {
  if (typeof value === 'number') {
    // Above all for `pin: 00000000`, whose zeros YAML drops.
    const reason = 'YAML reads digits without quotes as a number (00000000 becomes 0)';
    return report.expected(`a text in quotes (${reason})`, value);
  }
  if (value === false && spec.falseMeans !== undefined) return spec.falseMeans;
  if (typeof value !== 'string') return report.expected('a text', value);
  // Neither a control command nor the path of a file can carry them.
  if (hasControlCharacter(value)) return report.expected(NO_CONTROL_CHARACTERS, value);
  if (spec.maxBytes !== undefined && Buffer.byteLength(value) > spec.maxBytes) {
    return report.expected(`at most ${spec.maxBytes} bytes`, value);
  }
  const parsed: ParsedText = spec.parse?.(value) ?? { text: value };
  if ('expected' in parsed) {
    const { expected, got } = parsed;
    return got === undefined ? report.expected(expected, value) : report.unfit({ expected, got });
  }
  if (parsed.warning !== undefined) report.warn(parsed.warning);
  return parsed.text;
}

/** YAML 1.2 has only true and false; users of the Python program write the other words of YAML 1.1. */
function readBoolean(value: unknown, report: Report): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (/^(true|yes|on)$/i.test(value)) return true;
    if (/^(false|no|off)$/i.test(value)) return false;
  }
  return report.expected('true or false', value);
}

function readNumber(
  { type, min, max }: SpecOf<'integer' | 'seconds'>,
  value: unknown,
  report: Report,
): number | undefined {
  const right =
    typeof value === 'number' &&
    value >= min &&
    value <= max &&
    (type === 'seconds' || Number.isInteger(value));
  const kind = type === 'seconds' ? 'seconds' : 'a whole number';
  return right ? value : report.expected(`${kind} from ${min} to ${max}`, value);
}

/** A name that is in no table of ours; what does not look like a name may be anything. */
export function shownName(name: string): string {
  return /^[a-z]\w*$/i.test(name) && !/\d{4}/.test(name) ? name : shownKey(name, []);
}

/** The example file of the Python program has these where the user's own value belongs: `<country ID>`. */
const PLACEHOLDER = /^<[\w ]+>$/;

function readParameters(value: unknown, report: Report): Record<string, string> | undefined {
  if (!isRecord(value)) return report.expected('a map of names and values', value);
  const parameters: [name: string, text: string][] = [];
  for (const [name, given] of Object.entries(value)) {
    const own = report.at((path) => keyPath(path, shownName(name)));
    const text = typeof given === 'number' && Number.isFinite(given) ? String(given) : given;
    if (!/^\w+$/.test(name)) own.expected('the name of a parameter of wpa_supplicant', given);
    // wpa_supplicant reads the text "true" as the number 0, the opposite of what is meant.
    else if (typeof text !== 'string') own.expected('a text or a number (1 for yes, 0 for no)', given);
    else if (hasControlCharacter(text)) own.expected(NO_CONTROL_CHARACTERS, given);
    else if (PLACEHOLDER.test(text)) own.warn('this placeholder is not sent; replace it by a value');
    else parameters.push([name, text]);
  }
  return Object.fromEntries(parameters);
}
