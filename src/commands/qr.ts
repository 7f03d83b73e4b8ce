import { lstat } from 'node:fs/promises';
import { codeOf, failureWithFix, HostP2pError } from '../system/errors.js';
import { kindOf, replaceFile } from '../system/files.js';
import { printable } from '../system/names.js';
import { EVERYWHERE, type JsonValue, output, type SessionCommand } from './command.js';
import { type Network, networkOf } from './handover.js';
import { facts } from './text-table.js';

/** The group as a QR code. The code that draws it is loaded on demand. */

export interface QrValue extends Network {
  /** The content of the code. */
  readonly text: string;
}

type QrFileKind = 'svg' | 'png';

export const qr: SessionCommand = {
  name: 'qr',
  arguments: [
    { name: '--svg|--png', optional: true, words: ['--svg', '--png'] },
    { name: 'file', optional: true, completes: 'file' },
  ],
  summary: 'show the group as a QR code, with which any phone joins by its camera',
  details:
    'Anyone who sees the code, or the passphrase below it, can join. With --svg or --png it is written to that file, which only its owner may read. Without colours the code is right on a dark terminal and inverted on a light one.',
  frontends: EVERYWHERE,
  async run({ host }, words) {
    // A file belongs to the user who asks, not to the daemon: frontends take these words out with splitQrWords.
    if (words.length > 0) throw new HostP2pError('USAGE', 'qr: the file is written by the program that asks');
    const value = await qrValue(await networkOf(host));
    return output(value, await qrText(value, false));
  },
};

export async function qrValue({ ssid, passphrase }: Network): Promise<QrValue> {
  const { wifiText } = await import('./qr-code.js');
  return { ssid, passphrase, text: wifiText(ssid, passphrase) };
}

/**
 * The output of `qr` for a person. Each frontend knows its own terminal.
 * @param columns of the terminal: a code whose lines are wrapped cannot be read
 */
export async function qrText(
  value: QrValue,
  colour: boolean,
  columns = Number.POSITIVE_INFINITY,
): Promise<string> {
  const { toTerminal } = await import('./qr-code.js');
  const width = toTerminal(value.text, false).indexOf('\n');
  const code =
    width <= columns
      ? toTerminal(value.text, colour)
      : `The code needs ${width} columns, the terminal has ${columns}; --svg FILE and --png FILE need none.`;
  const lines = facts([
    ['SSID', printable(value.ssid)],
    ['passphrase', printable(value.passphrase)],
  ]);
  return `${code}\n${lines}`;
}

/** The value of `qr` as received over the socket; null where it is something else. */
export function qrValueOf(value: JsonValue): QrValue | null {
  if (typeof value !== 'object' || value === null || !('text' in value)) return null;
  const { ssid, passphrase, text } = value;
  return typeof ssid === 'string' && typeof passphrase === 'string' && typeof text === 'string'
    ? { ssid, passphrase, text }
    : null;
}

interface QrFile {
  readonly kind: QrFileKind;
  readonly file: string;
}

/**
 * Separates `--svg FILE`, `--png FILE`, `--svg=FILE` and `--png=FILE` from the other words after `qr`.
 * @throws {HostP2pError} USAGE where a file is missing
 */
export function splitQrWords(words: readonly string[]): {
  readonly files: readonly QrFile[];
  readonly rest: readonly string[];
} {
  const files: QrFile[] = [];
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const option = /^--(svg|png)(?:=(.*))?$/s.exec(word);
    if (!option) {
      rest.push(word);
      continue;
    }
    const file = option[2] ?? words[++i];
    if (!file) throw new HostP2pError('USAGE', `qr: expected a file after ${word}, got nothing`);
    // The standard output of the prompt and of batch mode holds other text as well.
    if (file === '-')
      throw new HostP2pError('USAGE', `qr: expected a file, got -; in a shell: hostp2pd qr ${word} -`);
    files.push({ kind: option[1] === 'svg' ? 'svg' : 'png', file });
  }
  return { files, rest };
}

/** The bytes of an SVG or PNG file. */
export async function qrContent({ text }: QrValue, kind: QrFileKind): Promise<string | Buffer> {
  const { toPng, toSvg } = await import('./qr-code.js');
  return kind === 'svg' ? toSvg(text) : toPng(text);
}

/**
 * Writes the code into a file that only its owner may read, because it holds the passphrase. An existing file is
 * replaced atomically; a symbolic link, and anything else that is not a regular file, is refused.
 * @throws {HostP2pError} USAGE with the reason
 */
export async function saveQr(value: QrValue, kind: QrFileKind, file: string): Promise<void> {
  const content = await qrContent(value, kind);
  try {
    // A link that appears after this check is replaced, not followed.
    const former = await lstat(file).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    if (former && !former.isFile()) throw new Error(`expected a regular file, got ${kindOf(former)}`);
    await replaceFile(file, content, { mode: 0o600 });
  } catch (cause) {
    throw new HostP2pError('USAGE', `cannot write ${file}: ${reasonOf(cause)}`, { cause });
  }
}

/** The file itself may be missing: then its folder is. */
function reasonOf(error: unknown): string {
  return codeOf(error) === 'ENOENT' ? 'its folder does not exist' : failureWithFix(error);
}
