import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf, HostP2pError, messageOf } from '../errors.js';
import type { Problem } from './problem.js';

export type ConfigurationSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'defaults' };

/** Where to look, for tests and for programs that use the library. */
export interface Surroundings {
  /** The file that was asked for (`-c`); `-` is standard input. */
  readonly file?: string | undefined;
  /** Default: that of the process. Read for HOSTP2PD_CFG. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: that of the process. */
  readonly cwd?: string;
  /** Default: that of the process. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
}

export interface SourceText {
  readonly source: ConfigurationSource;
  /** Undefined for the defaults. */
  readonly text: string | undefined;
  /** Permission bits and such of a file; undefined where others cannot reach the text. */
  readonly mode: number | undefined;
}

const MAX_BYTES = 1_048_576;
const IMPLICIT_NAME = 'hostp2pd.yaml';

/**
 * Reads the configuration from the file asked for, else the one named by HOSTP2PD_CFG, else hostp2pd.yaml in
 * the working directory, else from nowhere: the defaults.
 * @throws HostP2pError CONFIG_UNREADABLE
 */
export async function readSource(surroundings: Surroundings = {}): Promise<SourceText> {
  const { file, env = process.env, cwd = process.cwd(), stdin = process.stdin } = surroundings;
  if (file === '-') {
    return {
      source: { kind: 'stdin' },
      text: decode(await collect(stdin), 'standard input'),
      mode: undefined,
    };
  }
  // An absolute name, for a daemon that reloads it from another working directory.
  const named = file || env['HOSTP2PD_CFG'];
  if (named) return readFile(resolve(cwd, named));
  const implicit = resolve(cwd, IMPLICIT_NAME);
  try {
    return await readFile(implicit, refuseForeign);
  } catch (error) {
    if (error instanceof HostP2pError && codeOf(error.cause) === 'ENOENT') {
      return { source: { kind: 'defaults' }, text: undefined, mode: undefined };
    }
    throw error;
  }
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

async function readFile(path: string, check?: (owner: number, path: string) => void): Promise<SourceText> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { mode, uid } = await handle.stat();
    check?.(uid, path);
    // The size that stat tells is 0 for pipes, which `-c <(…)` of a shell is.
    const bytes = await collect(handle.createReadStream({ end: MAX_BYTES, autoClose: false }));
    return { source: { kind: 'file', path }, text: decode(bytes, path), mode };
  } catch (error) {
    if (error instanceof HostP2pError) throw error;
    const reason = messageOf(error);
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration file ${path}: ${reason}`, { cause: error });
  } finally {
    await handle?.close();
  }
}

/**
 * A daemon that root starts in a folder of another user would otherwise run, as root, the programs that this
 * user names. A file that is asked for by name is the asker's choice.
 */
function refuseForeign(owner: number, path: string): void {
  if (owner === 0 || owner === process.geteuid?.()) return;
  throw new HostP2pError(
    'CONFIG_UNREADABLE',
    `configuration file ${path} belongs to another user; to use it all the same, name it: -c ${path}`,
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
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}: larger than ${MAX_BYTES} bytes`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HostP2pError('CONFIG_UNREADABLE', `configuration ${name}: not a text in UTF-8`, { cause });
  }
}
