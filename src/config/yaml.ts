import { HostP2pError } from '../system/errors.js';

export interface ParsedYaml {
  /** Null for a text that holds no document. */
  readonly content: unknown;
  /** The same with every plain value as the text that stands in the file. */
  readonly asWritten: unknown;
}

/**
 * Parses one YAML document.
 * @param name of the file, for messages
 * @throws HostP2pError CONFIG_UNREADABLE with reason, line and column
 */
export async function parseYaml(text: string, name: string): Promise<ParsedYaml> {
  // Loading the parser takes a tenth of the start of the program: not without a file to be parsed.
  const { loadAll, CORE_SCHEMA, FAILSAFE_SCHEMA, YAMLException } = await import('js-yaml');
  const options = { filename: name, maxAliases: 100, maxDepth: 20 };
  let documents: unknown[];
  let written: unknown[];
  try {
    // loadAll, since load throws on an empty text.
    documents = loadAll(text, { ...options, schema: CORE_SCHEMA });
    written = loadAll(text, { ...options, schema: FAILSAFE_SCHEMA });
  } catch (cause) {
    const known = cause instanceof YAMLException;
    const mark = known ? cause.mark : undefined;
    const where = mark === undefined ? '' : `, line ${mark.line + 1}, column ${mark.column + 1}`;
    throw new HostP2pError(
      'CONFIG_UNREADABLE',
      `configuration ${name}${where}: ${known ? inWords(cause.reason) : OTHERWISE}`,
    );
  }
  if (documents.length > 1) {
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}: more than one YAML document`);
  }
  return { content: documents[0] ?? null, asWritten: written[0] ?? null };
}

/**
 * What js-yaml says, in words for a person. Its own words are never shown: they quote the lines around, and names of
 * aliases and tags, any of which may be the PIN.
 */
const REASONS: readonly [theirs: RegExp, ours: string][] = [
  [/\balias\b/, 'a value that begins with * is an alias in YAML; put it in quotes'],
  [/\btag\b/, 'a value that begins with ! is a tag in YAML; put it in quotes'],
  [/\banchor\b/, 'a value that begins with & is an anchor in YAML; put it in quotes'],
  [/^duplicated mapping key/, 'the same key stands twice in one section'],
  [/^tab characters/, 'found a tab in the indentation, wanted spaces'],
  [/indentation/, 'wrong indentation'],
  [/after a mapping key|multiline key/, 'found a line that is no "key: value"; is a colon missing?'],
  [/key-value separator/, 'found no space behind a colon, wanted one'],
  [/quoted scalar/, 'found a quote that does not end'],
  [/flow collection|node content/, 'found a list in [ ] or a map in { } that is not complete'],
  [
    /escape sequence|hexadecimal/,
    'found an unknown escape in double quotes; write \\\\ for a backslash, or use single quotes',
  ],
  [/maxDepth|maxAliases|maxTotalMergeKeys|merge/, 'nested, or merged, more than a configuration can be'],
  [/non-printable|valid JSON character/, 'found a control character'],
  [/document|stream/, 'found more behind the end of the document'],
];
const OTHERWISE = 'this is no valid YAML';

export function inWords(reason: string): string {
  return REASONS.find(([theirs]) => theirs.test(reason))?.[1] ?? OTHERWISE;
}
