import { randomBytes } from 'node:crypto';
import { HostP2pError, messageOf } from '../system/errors.js';
import { readPrivateFile, replacePrivateFile } from '../system/private-file.js';

const FORM = /^[\x21-\x7e]{16,256}$/;

/** A token that nobody can guess: 128 random bits. */
export function freshToken(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * The token in the file. A missing file is made, with a fresh one, readable by its owner only.
 * @throws {HostP2pError} USAGE
 */
export async function tokenInFile(path: string): Promise<string> {
  try {
    const token = readPrivateFile(path)?.text.trim();
    if (token === undefined) {
      const fresh = freshToken();
      await replacePrivateFile(path, `${fresh}\n`);
      return fresh;
    }
    if (!FORM.test(token))
      throw new Error('expected 16 to 256 letters, digits or other visible ASCII characters');
    return token;
  } catch (cause) {
    throw new HostP2pError('USAGE', `panel: ${path}: ${messageOf(cause)}`, { cause });
  }
}
