import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { HostP2pError, messageOf } from '../system/errors.js';
import { makeLastFolder } from '../system/files.js';
import { readPrivateFile, replacePrivateFile } from '../system/private-file.js';

const FORM = /^[\x21-\x7e]{16,256}$/;

/** A token that nobody can guess: 128 random bits. */
export function freshToken(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * The token in the file. A missing file is made, with a fresh one, readable by its owner only.
 * @param complain is called with a sentence for the user if others could read the file
 * @throws {HostP2pError} USAGE
 */
export async function tokenInFile(path: string, complain: (text: string) => void): Promise<string> {
  try {
    const file = readPrivateFile(path);
    const token = file?.text.trim();
    if (file !== null && file.exposed !== null) complain(exposedText(path, file.exposed, file.closed));
    if (token === undefined) {
      const fresh = freshToken();
      makeLastFolder(dirname(path), 0o700);
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

/** The token goes on to be used: operators have stored it, and it may not be ours to replace. */
function exposedText(path: string, mode: number, closed: boolean): string {
  const found = `${path}: expected mode 0600, got ${mode.toString(8).padStart(4, '0')}`;
  const now = closed ? '; set to 0600' : '';
  return `${found}: others could read the token in it${now}. For a new token, remove the file and start the panel again`;
}
