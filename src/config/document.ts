import { HostP2pError } from '../system/errors.js';
import { describe, isRecord, nearestName } from '../system/values.js';
import { rightPlaceOf } from './misplaced-key.js';
import { type Problem, unknownKey } from './problem.js';
import { isNothing } from './table.js';

/** The YAML document of a configuration, and its sections. */

interface ParsedYaml {
  /** Null for a text without a document. */
  readonly content: unknown;
  /** The same, with every plain value as the text that stands in the file. */
  readonly asWritten: unknown;
}

/**
 * Parses one YAML document.
 * @param name of the file, for messages
 * @throws HostP2pError CONFIG_UNREADABLE with reason, line and column
 */
export async function parseYaml(text: string, name: string): Promise<ParsedYaml> {
  // Loading the parser takes a tenth of the time that the program takes to start: only if there is a file.
  const { loadAll, CORE_SCHEMA, FAILSAFE_SCHEMA, YAMLException } = await import('js-yaml');
  const options = { filename: name, maxAliases: 100, maxDepth: 20 };
  let documents: unknown[];
  let written: unknown[];
  try {
    // `load` throws on an empty text.
    documents = loadAll(text, { ...options, schema: CORE_SCHEMA });
    written = loadAll(text, { ...options, schema: FAILSAFE_SCHEMA });
  } catch (cause) {
    const known = cause instanceof YAMLException;
    const mark = known ? cause.mark : undefined;
    const where = mark === undefined ? '' : `, line ${mark.line + 1}, column ${mark.column + 1}`;
    const reason = known ? inWords(cause.reason) : NOT_YAML;
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}${where}: ${reason}`);
  }
  if (documents.length > 1) {
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}: more than one YAML document`);
  }
  return { content: documents[0] ?? null, asWritten: written[0] ?? null };
}

/**
 * The reasons of js-yaml in words for a person. Its own messages are never shown: they quote the lines around, and names
 * of aliases and tags, any of which may be the PIN.
 */
const REASONS: readonly [theirs: RegExp, ours: string][] = [
  [/\balias\b/, 'a value that begins with * is an alias in YAML; put it in quotes'],
  [/\btag\b/, 'a value that begins with ! is a tag in YAML; put it in quotes'],
  [/\banchor\b/, 'a value that begins with & is an anchor in YAML; put it in quotes'],
  [/^duplicated mapping key/, 'the same key stands twice in one section'],
  [/^tab characters/, 'expected spaces in the indentation, got a tab'],
  [/indentation/, 'wrong indentation'],
  [/after a mapping key|multiline key/, 'expected "key: value"; is a colon missing?'],
  [/key-value separator/, 'expected a space after the colon'],
  [/quoted scalar/, 'the closing quote is missing'],
  [/flow collection|node content/, 'a list in [ ] or a map in { } is not complete'],
  [
    /escape sequence|hexadecimal/,
    'unknown escape in double quotes; write \\\\ for a backslash, or use single quotes',
  ],
  [/maxDepth|maxAliases|maxTotalMergeKeys|merge/, 'nested or merged too deeply'],
  [/non-printable|valid JSON character/, 'control characters are not allowed'],
  [/document|stream/, 'there is more after the end of the document'],
];
const NOT_YAML = 'not valid YAML';

export function inWords(reason: string): string {
  return REASONS.find(([theirs]) => theirs.test(reason))?.[1] ?? NOT_YAML;
}

const SECTIONS: readonly string[] = ['hostp2pd', 'logging'];

interface Sections {
  readonly hostp2pd: unknown;
  /** How problems name the section; empty if its keys stand alone. */
  readonly hostp2pdPath: string;
  readonly logging: unknown;
  readonly problems: readonly Problem[];
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
