import { hasControlCharacter } from '../system/names.js';
import { describe, type Findings, type Problem, unknownKeyText } from './problem.js';
import type { KeySpec, ParsedText } from './table.js';

type SpecOf<Type extends KeySpec['type']> = Extract<KeySpec, { type: Type }>;

/** Reports what should have stood there; returns undefined for the caller to return. */
type Wrong = (wanted: string, path?: string, found?: unknown) => undefined;

/** Warns of a text of which a part is not used: what should stand there. */
type Remark = (wanted: string) => void;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** No value: YAML's null and `~`, and Python's `None`, which users of the original write. */
export function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === 'None';
}

/** The path of a key that is known, or of one that {@link unknownKeyText} lets be shown. */
export function keyPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Digits without quotes are a number to YAML: where no number belongs, they may be a PIN. */
function mayBePin(spec: KeySpec, value: unknown): boolean {
  const numeric = spec.type === 'integer' || spec.type === 'seconds';
  return !numeric && typeof value === 'number' && Math.abs(value) >= 1000;
}

/** The value as the program uses it; undefined after adding to the problems. */
export function parseValue(
  spec: Exclude<KeySpec, { type: 'object' }>,
  value: unknown,
  path: string,
  { problems, warnings }: Findings,
): unknown {
  const wrong: Wrong = (wanted, where = path, found = value) => {
    problems.push({ path: where, found: describe(found, spec.secret || mayBePin(spec, found)), wanted });
    return undefined;
  };
  const remark: Remark = (wanted) => warnings.push({ path, found: describe(value, spec.secret), wanted });
  switch (spec.type) {
    case 'string':
      return parseText(spec, value, wrong, remark);
    case 'strings': {
      if (!Array.isArray(value)) {
        problems.push({ path, found: describe(value, true), wanted: 'a list of texts' });
        return undefined;
      }
      const items: readonly unknown[] = value;
      return items.map((item, index) => {
        return parseText(spec, item, (wanted) => wrong(wanted, `${path}[${index}]`, item), remark) ?? '';
      });
    }
    case 'boolean':
      return parseBoolean(value, wrong);
    case 'integer':
    case 'seconds':
      return parseNumber(spec, value, wrong);
    case 'choice':
      return parseChoice(spec.options, value, wrong);
    case 'parameters':
      return parseParameters(value, wrong, path, warnings);
  }
}

function parseText(
  spec: SpecOf<'string' | 'strings'>,
  value: unknown,
  wrong: Wrong,
  remark: Remark,
): string | undefined {
  if (typeof value === 'number') {
    // For the sake of `pin: 00000000`, whose zeros are lost before anyone here sees them.
    return wrong('a text in quotes: YAML reads digits without quotes as a number (00000000 becomes 0)');
  }
  if (typeof value !== 'string') return wrong('a text');
  // Neither a control command nor a path of a file can carry them.
  if (hasControlCharacter(value)) {
    return wrong('a text without control characters or line ends');
  }
  if (spec.maxBytes !== undefined && Buffer.byteLength(value) > spec.maxBytes) {
    return wrong(`at most ${spec.maxBytes} bytes`);
  }
  const parsed: ParsedText = spec.parse?.(value) ?? { text: value };
  if ('wanted' in parsed) return wrong(parsed.wanted);
  if (parsed.remark !== undefined) remark(parsed.remark);
  return parsed.text;
}

/** YAML 1.2 knows only true and false; the original's users write what YAML 1.1 knew. */
function parseBoolean(value: unknown, wrong: Wrong): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (/^(true|yes|on)$/i.test(value)) return true;
    if (/^(false|no|off)$/i.test(value)) return false;
  }
  return wrong('true or false');
}

function parseNumber(spec: SpecOf<'integer' | 'seconds'>, value: unknown, wrong: Wrong): number | undefined {
  const { type, min, max } = spec;
  const right =
    typeof value === 'number' &&
    value >= min &&
    value <= max &&
    (type === 'seconds' || Number.isInteger(value));
  return right ? value : wrong(`${type === 'seconds' ? 'seconds' : 'a whole number'} from ${min} to ${max}`);
}

function parseChoice(options: readonly string[], value: unknown, wrong: Wrong): string | undefined {
  const lower = typeof value === 'string' ? value.toLowerCase() : undefined;
  return options.find((option) => option === lower) ?? wrong(`one of ${options.join(', ')}`);
}

/** A name that is not in a table here, such as that of a parameter; what does not look like one may be anything. */
export function freeName(name: string): string {
  return /^[a-z]\w*$/i.test(name) && !/\d{4}/.test(name) ? name : unknownKeyText(name, []);
}

/** What the Python program's example has where a value of one's own belongs: `<country ID>`. */
const PLACEHOLDER = /^<[\w ]+>$/;

function parseParameters(
  value: unknown,
  wrong: Wrong,
  path: string,
  warnings: Problem[],
): Record<string, string> | undefined {
  if (!isRecord(value)) return wrong('a map of names and values');
  const parameters: [name: string, text: string][] = [];
  for (const [name, given] of Object.entries(value)) {
    const where = keyPath(path, freeName(name));
    const text = typeof given === 'number' && Number.isFinite(given) ? String(given) : given;
    if (!/^\w+$/.test(name)) wrong('the name of a parameter of wpa_supplicant', where, given);
    // wpa_supplicant reads the text "true" as the number 0: the opposite of what is meant.
    else if (typeof text !== 'string') wrong('a text or a number (1 for yes, 0 for no)', where, given);
    else if (hasControlCharacter(text)) wrong('a text without control characters or line ends', where, given);
    else if (PLACEHOLDER.test(text)) {
      warnings.push({ path: where, found: 'a placeholder', wanted: 'a value in its place (it is not sent)' });
    } else parameters.push([name, text]);
  }
  return Object.fromEntries(parameters);
}
