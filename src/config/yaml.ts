import { CORE_SCHEMA, FAILSAFE_SCHEMA, loadAll, YAMLException } from 'js-yaml';
import { HostP2pError } from '../system/errors.js';

/**
 * The YAML document of a configuration. Loaded only if there is a file, because the parser takes a tenth of the time of the
 * start. The build lets the program forget it afterwards.
 */

export interface ParsedYaml {
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
export function parseYaml(text: string, name: string): ParsedYaml {
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
  [/^deficient indentation/, 'a quote or bracket that was opened before is not closed'],
  [/indentation/, 'wrong indentation, or a text that needs quotes'],
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
