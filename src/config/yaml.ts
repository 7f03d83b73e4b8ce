import { HostP2pError } from '../errors.js';

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
    // The whole message of the parser quotes the lines around, which may hold the PIN.
    const known = cause instanceof YAMLException;
    const reason = known ? cause.reason : String(cause);
    const mark = known ? cause.mark : undefined;
    const where = mark === undefined ? '' : `, line ${mark.line + 1}, column ${mark.column + 1}`;
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}${where}: ${reason}`);
  }
  if (documents.length > 1) {
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}: more than one YAML document`);
  }
  return { content: documents[0] ?? null, asWritten: written[0] ?? null };
}
