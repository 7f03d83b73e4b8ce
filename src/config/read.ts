import { HostP2pError } from '../system/errors.js';
import { describe, type Findings, nearestName, unknownKeyText } from './problem.js';
import type { KeySpec, Table, ValuesOf } from './table.js';
import { isNothing, isRecord, keyPath, parseValue } from './value.js';

/** Where a key belongs that the table does not have, in words. */
export type RightPlace = (key: string) => string | undefined;

/**
 * Reads a section by its table. Whatever is missing, null or wrong has its default in the result; each wrong
 * thing is a problem in `findings`, and where there is one the result is not fit for use.
 */
export function readTable<T extends Table>(
  table: T,
  section: unknown,
  path: string,
  findings: Findings,
  rightPlaceOf: RightPlace = () => undefined,
): ValuesOf<T> {
  const values: unknown = readKeys(table, section, path, findings, rightPlaceOf);
  if (holds(table, values)) return values;
  throw new HostP2pError('STATE', `the defaults of ${path} do not fit their own table`);
}

function readKeys(
  table: Table,
  section: unknown,
  path: string,
  findings: Findings,
  rightPlaceOf: RightPlace,
): unknown {
  const given = isNothing(section) ? {} : section;
  if (!isRecord(given)) {
    findings.problems.push({ path, found: describe(given, true), wanted: 'a map of keys and values' });
    return readKeys(table, {}, path, { problems: [], warnings: [] }, rightPlaceOf);
  }
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(table, key)) continue;
    const place = rightPlaceOf(key);
    const nearest = place === undefined ? nearestName(key, Object.keys(table)) : undefined;
    // Where it is known to belong elsewhere, it is a known word.
    const shown = place === undefined ? unknownKeyText(key, Object.keys(table)) : key;
    findings.problems.push({
      path: keyPath(path, shown),
      key,
      found: 'an unknown key',
      wanted: place ?? 'a known one',
      ...(nearest === undefined ? {} : { nearest }),
    });
  }
  return Object.fromEntries(
    Object.entries(table).map(([key, spec]) => {
      const value = Object.hasOwn(given, key) ? given[key] : undefined;
      return [key, readValue(spec, value, keyPath(path, key), findings, rightPlaceOf)];
    }),
  );
}

function readValue(
  spec: KeySpec,
  value: unknown,
  path: string,
  findings: Findings,
  rightPlaceOf: RightPlace,
): unknown {
  if (spec.type === 'object') return readKeys(spec.keys, value, path, findings, rightPlaceOf);
  // A key that is absent has its default; one that is null may mean something else.
  if (value === undefined) return spec.default;
  if (isNothing(value)) return spec.nullMeans === undefined ? spec.default : null;
  return parseValue(spec, value, path, findings) ?? spec.default;
}

function holds<T extends Table>(table: T, values: unknown): values is ValuesOf<T> {
  return isRecord(values) && Object.entries(table).every(([key, spec]) => fits(spec, values[key]));
}

function fits(spec: KeySpec, value: unknown): boolean {
  if (spec.type === 'object') return holds(spec.keys, value);
  if (value === null) return spec.nullMeans !== undefined;
  if (spec.type === 'boolean') return typeof value === 'boolean';
  if (spec.type === 'integer' || spec.type === 'seconds') return typeof value === 'number';
  if (spec.type === 'strings') return Array.isArray(value);
  if (spec.type === 'choice') return spec.options.some((option) => option === value);
  return spec.type === 'parameters' ? isRecord(value) : typeof value === 'string';
}
