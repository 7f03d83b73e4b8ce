import { describe, isRecord, nearestName } from '../system/values.js';
import { rightPlaceOf } from './misplaced-key.js';
import { type ConfigProblem, unknownKey } from './problem.js';
import { isNothing } from './table.js';
import type { ParsedYaml } from './yaml.js';

/** The sections of a configuration. */

const SECTIONS: readonly string[] = ['hostp2pd', 'logging'];

interface Sections {
  readonly hostp2pd: unknown;
  /** How problems name the section; empty if its keys stand alone. */
  readonly hostp2pdPath: string;
  readonly logging: unknown;
  readonly problems: readonly ConfigProblem[];
}

/** A document has the two sections or, as in the manual of the Python program, only the keys of the first one. */
export function sectionsOf({ content, asWritten }: ParsedYaml): Sections {
  const document = isNothing(content) ? {} : content;
  if (!isRecord(document)) {
    const text = `expected a map of the sections ${SECTIONS.join(' and ')}, got ${describe(document, true)}`;
    const problems = [{ path: '(document)', text }];
    return { hostp2pd: {}, hostp2pdPath: 'hostp2pd', logging: {}, problems };
  }
  const names = Object.keys(document);
  const hasSections = names.some(
    (name) =>
      SECTIONS.includes(name) || (isRecord(document[name]) && nearestName(name, SECTIONS) !== undefined),
  );
  if (!hasSections) {
    const hostp2pd = withNumbersAsWritten(document, asWritten);
    return { hostp2pd, hostp2pdPath: '', logging: {}, problems: [] };
  }
  const problems = names
    .filter((name) => !SECTIONS.includes(name))
    .map((name) => unknownKey('section', '', name, SECTIONS, rightPlaceOf(name, null)));
  const raw = isRecord(asWritten) ? asWritten['hostp2pd'] : undefined;
  return {
    hostp2pd: withNumbersAsWritten(document['hostp2pd'], raw),
    hostp2pdPath: 'hostp2pd',
    logging: document['logging'],
    problems,
  };
}

/**
 * The values of config_parms are texts for wpa_supplicant and are taken as they are written. YAML would make the number
 * 1020300 of `os_version: 01020300`, and 3.1 of `model_number: 3.10`.
 */
function withNumbersAsWritten(section: unknown, raw: unknown): unknown {
  if (!isRecord(section) || !isRecord(raw)) return section;
  const parameters = section['config_parms'];
  const texts = raw['config_parms'];
  if (!isRecord(parameters) || !isRecord(texts)) return section;
  const config_parms = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'number' ? texts[name] : value,
    ]),
  );
  return { ...section, config_parms };
}
