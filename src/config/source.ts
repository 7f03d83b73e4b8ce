import { constants, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { readAnyFile } from '../system/read-file.js';
import type { Problem } from './problem.js';

export type ConfigurationSource =
  /** `found`: nobody has named it; at each reload it must still be one that may be taken unasked. */
  | { readonly kind: 'file'; readonly path: string; readonly found?: true }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'defaults' };

/** Where to look, for tests and for programs that use the library. */
export interface Surroundings {
  /** The file that was asked for (`-c`); `-` is standard input. */
  readonly file?: string | undefined;
  /** The file was found at the start, and not named. */
  readonly found?: boolean;
  /** Default: that of the process. Read for HOSTP2PD_CFG. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: that of the process. */
  readonly cwd?: string;
  /** Where the file of the whole machine is. Default: /etc/hostp2pd.yaml */
  readonly systemFile?: string;
  /** Default: that of the process. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  /** Ends the wait for a text from a pipe. */
  readonly signal?: AbortSignal | undefined;
}

export interface SourceText {
  readonly source: ConfigurationSource;
  /** Undefined for the defaults. */
  readonly text: string | undefined;
  /** Permission bits and such of a file; undefined where others cannot reach the text. */
  readonly mode: number | undefined;
}

/** Names of standard input, which is read once and as long as it takes. */
const STANDARD_INPUT: ReadonlySet<string> = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);
const MAX_BYTES = 1_048_576;
const LOCAL_FILE = './hostp2pd.yaml';
const SYSTEM_FILE = '/etc/hostp2pd.yaml';
/** Where the configuration is looked for: the first that is there is read, and without any the defaults hold. */
export const SEARCH_ORDER: readonly string[] = ['-c', 'HOSTP2PD_CFG', LOCAL_FILE, SYSTEM_FILE];

/**
 * Reads the configuration, from where {@link SEARCH_ORDER} says.
 * @throws HostP2pError CONFIG_UNREADABLE
 */
export async function readSource(surroundings: Surroundings = {}): Promise<SourceText> {
  const { file, env = process.env, cwd = process.cwd(), stdin = process.stdin } = surroundings;
  const { systemFile = SYSTEM_FILE, found = false, signal } = surroundings;
  if (file !== undefined && STANDARD_INPUT.has(file)) {
    return {
      source: { kind: 'stdin' },
      text: decode(await collect(stdin), 'standard input'),
      mode: undefined,
    };
  }
  // An absolute name, for a daemon that reloads it from another working directory.
  const named = file || env['HOSTP2PD_CFG'];
  if (named) return readFile(resolve(cwd, named), found, signal);
  for (const implicit of [resolve(cwd, LOCAL_FILE), systemFile]) {
    try {
      return await readFile(implicit, true);
    } catch (error) {
      if (!(error instanceof HostP2pError && codeOf(error.cause) === 'ENOENT')) throw error;
    }
  }
  return { source: { kind: 'defaults' }, text: undefined, mode: undefined };
}

/** What others could do with the file, where that matters. */
export function permissionWarnings({ source, mode }: SourceText, holdsPin: boolean): Problem[] {
  if (source.kind !== 'file' || mode === undefined) return [];
  const { path } = source;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  const warnings: Problem[] = [];
  if (holdsPin && (mode & constants.S_IROTH) !== 0) {
    const wanted = `a file that others cannot read: chmod 600 ${path}`;
    warnings.push({ path, found: `a PIN in a file with mode ${octal}`, wanted });
  }
  if ((mode & constants.S_IWOTH) !== 0) {
    const wanted = `a file that others cannot change, for it names programs to run: chmod 600 ${path}`;
    warnings.push({ path, found: `mode ${octal}`, wanted });
  }
  return warnings;
}

/** @param found nobody has named it: it must be a regular file of a user that we trust */
async function readFile(path: string, found: boolean, signal?: AbortSignal): Promise<SourceText> {
  try {
    const { bytes, stats } = await readAnyFile(path, {
      maxBytes: MAX_BYTES,
      ...(found ? { check: (of) => refuseStrange(of, path) } : { pipe: { signal } }),
    });
    const source = { kind: 'file', path, ...(found ? { found } : {}) } as const;
    // The rights of a pipe or a device say nothing about who can read the text.
    return { source, text: decode(bytes, path), mode: stats.isFile() ? stats.mode : undefined };
  } catch (error) {
    if (error instanceof HostP2pError) throw error;
    const message = `configuration file ${path}: ${messageOf(error)}`;
    throw new HostP2pError('CONFIG_UNREADABLE', message, {
      cause: error instanceof Error ? (error.cause ?? error) : error,
    });
  }
}

/**
 * The file names programs to run: a daemon that root starts in a folder of another user would run theirs as root. A file
 * that was asked for by name is the choice of whoever asked.
 */
function refuseStrange({ uid, mode }: Stats, path: string): void {
  const known = uid === 0 || uid === process.geteuid?.();
  if (known && (mode & constants.S_IWOTH) === 0) return;
  const why = known ? 'may be changed by any user' : 'belongs to another user';
  throw new HostP2pError(
    'CONFIG_UNREADABLE',
    `configuration file ${path} ${why}; to use it all the same, name it: -c ${path}`,
  );
}

async function collect(chunks: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    const part = Buffer.from(chunk);
    parts.push(part);
    size += part.length;
    if (size > MAX_BYTES) break;
  }
  return Buffer.concat(parts);
}

function decode(bytes: Buffer, name: string): string {
  if (bytes.length > MAX_BYTES) {
    throw new HostP2pError(
      'CONFIG_UNREADABLE',
      `configuration ${name}: expected at most ${MAX_BYTES} bytes, got more`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}: not a text in UTF-8`, { cause });
  }
}
