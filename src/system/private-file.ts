import { chmodSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readOwnFile, replaceFile } from './files.js';

/** Small files for this program alone: some hold a passphrase. */

const OWNER_ONLY = 0o600;
const MAX_BYTES = 65_536;

interface PrivateText {
  readonly text: string;
  /** The permissions that were found, if they give other users access; else null. */
  readonly exposed: number | null;
  /** Whether other users have no access now. */
  readonly closed: boolean;
}

/**
 * Reads the file, and removes permissions that give other users access. A symbolic link is not followed.
 * @returns null if there is no such file
 * @throws Error with the reason in words
 */
export function readPrivateFile(path: string): PrivateText | null {
  // A user who may write it could choose the passphrase of the group.
  const content = readOwnFile(path, { maxBytes: MAX_BYTES, owner: 'us or root' });
  if (content === null) return null;
  const mode = content.stats.mode & 0o777;
  const exposed = (mode & 0o077) === 0 ? null : mode;
  return { exposed, closed: exposed === null || close(path), text: decode(content.bytes) };
}

/** False on a file system that is mounted read-only, or if the file is root's and we are not root. */
function close(path: string): boolean {
  try {
    chmodSync(path, OWNER_ONLY);
    return true;
  } catch {
    return false;
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('expected a text in UTF-8, got other bytes', { cause });
  }
}

/**
 * Replaces the file, durably; see {@link replaceFile}. Makes the folder if it is missing.
 * @throws the error of the file system; then there is still the former file, or the new one
 */
export async function replacePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, text, { mode: OWNER_ONLY, durable: true });
}
