import { constants, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { typedCommands } from '../system/commands.js';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { readAnyFile } from '../system/files.js';
import { quoted } from '../system/values.js';
import type { ConfigProblem } from './problem.js';

export type ConfigurationSource =
  /** `found`: no option named it. It is checked at each reload whether it may still be used. */
  | { readonly kind: 'file'; readonly path: string; readonly found?: true }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'defaults' };

/** Where to look, for tests and for programs that use the library. */
export interface SourceOptions {
  /** The file that the user named (`-c`); `-` is standard input. */
  readonly file?: string | undefined;
  /** The file was found at the start, and not named. */
  readonly found?: boolean;
  /** Default: that of the process. HOSTP2PD_CFG is read from it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: that of the process. */
  readonly cwd?: string;
  /** Default: /etc/hostp2pd.yaml */
  readonly systemFile?: string;
  /** Default: that of the process. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  /** Stops waiting for the text from a pipe. */
  readonly signal?: AbortSignal | undefined;
}

interface SourceText {
  readonly source: ConfigurationSource;
  /** Undefined for the defaults. */
  readonly text: string | undefined;
  /** Mode bits of a file; undefined if other users cannot reach the text. */
  readonly mode: number | undefined;
}

/** Names of standard input. It is read once, however long that takes. */
const STANDARD_INPUT: ReadonlySet<string> = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);
const MAX_BYTES = 1_048_576;
const LOCAL_FILE = './hostp2pd.yaml';
const SYSTEM_FILE = '/etc/hostp2pd.yaml';
/** Where the configuration is looked for. The first one that exists is used; without any, the defaults are used. */
export const SEARCH_ORDER: readonly string[] = ['-c', 'HOSTP2PD_CFG', LOCAL_FILE, SYSTEM_FILE];

/**
 * Reads the configuration from the place that {@link SEARCH_ORDER} leads to.
 * @throws HostP2pError CONFIG_UNREADABLE
 */
export async function readSource(options: SourceOptions = {}): Promise<SourceText> {
  const { file, env = process.env, cwd = process.cwd(), stdin = process.stdin } = options;
  const { systemFile = SYSTEM_FILE, found = false, signal } = options;
  if (file !== undefined && STANDARD_INPUT.has(file)) {
    const text = decode(await collect(stdin), 'standard input');
    return { source: { kind: 'stdin' }, text, mode: undefined };
  }
  // An absolute path, because a daemon reloads it from another working directory.
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

/**
 * Warns if all users can read a secret in the file, or change the file. Access for its group is left to the administrator, who must
 * have granted it on purpose.
 * @param secret the settings that hold a secret
 */
export function permissionWarnings({ source, mode }: SourceText, secret: readonly string[]): ConfigProblem[] {
  if (source.kind !== 'file' || mode === undefined) return [];
  const { path } = source;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  const commands = [['chmod', '600', path]];
  const repair = { fix: typedCommands(commands), commands };
  const warnings: ConfigProblem[] = [];
  if (secret.length > 0 && (mode & constants.S_IROTH) !== 0)
    warnings.push({
      path,
      text: `any user can read the secrets in it: ${secret.join(', ')} (mode ${octal})`,
      ...repair,
    });
  if ((mode & constants.S_IWOTH) !== 0)
    warnings.push({
      path,
      text: `any user can change it, and it names programs to run (mode ${octal})`,
      ...repair,
    });
  return warnings;
}

/** @param found no option named it: it must be a regular file of a trusted user */
async function readFile(path: string, found: boolean, signal?: AbortSignal): Promise<SourceText> {
  try {
    const { bytes, stats } = await readAnyFile(path, {
      maxBytes: MAX_BYTES,
      ...(found ? { check: (of) => expectTrusted(of, path) } : { pipe: { signal } }),
    });
    const source = { kind: 'file', path, ...(found ? { found } : {}) } as const;
    // The mode of a pipe or a device says nothing about who can read the text.
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
 * The file names programs to run: a daemon that root starts in the folder of another user would run that user's programs
 * as root. A file that the user named is the user's own choice.
 */
function expectTrusted({ uid, mode }: Stats, path: string): void {
  const known = uid === 0 || uid === process.geteuid?.();
  if (known && (mode & constants.S_IWOTH) === 0) return;
  const reason = known ? 'can be changed by any user' : 'belongs to another user';
  throw new HostP2pError(
    'CONFIG_UNREADABLE',
    `configuration file ${path} ${reason}; to use it anyway, name it: -c ${quoted(path)}`,
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
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}: expected text in UTF-8`, { cause });
  }
}
