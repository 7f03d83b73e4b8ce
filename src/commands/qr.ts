import { lstat } from 'node:fs/promises';
import { codeOf, failureWithFix, HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { kindOf } from '../system/read-file.js';
import { replaceFile } from '../system/replace-file.js';
import { EVERYWHERE, type JsonValue, type SessionCommand } from './command.js';
import { facts, output } from './output.js';

/** The group as a QR code. What draws it is loaded only then. */

export interface QrValue {
  readonly ssid: string;
  readonly passphrase: string;
  /** What stands in the code. */
  readonly text: string;
}

export type QrFileKind = 'svg' | 'png';

export const qr: SessionCommand = {
  name: 'qr',
  arguments: [
    { name: '--svg|--png', optional: true, words: ['--svg', '--png'] },
    { name: 'file', optional: true, completes: 'file' },
  ],
  summary: 'the group as a QR code, by which any phone joins it with its camera',
  details:
    'Whoever sees the code, or the passphrase below it, can join. With --svg or --png it goes into that file, which only its owner may read. Without colours the code is right on a dark terminal and in negative on a light one.',
  faces: EVERYWHERE,
  async run({ host }, words) {
    // The file belongs to whoever asks, not to the daemon: see splitQrWords.
    if (words.length > 0) throw new HostP2pError('USAGE', 'qr: the file is written by the program that asks');
    const passphrase = await host.passphrase();
    const ssid = host.status.group?.ssid ?? null;
    if (ssid === null) throw new HostP2pError('STATE', 'qr: the name of the group is not known');
    if (ssid.includes('\ufffd')) {
      throw new HostP2pError('STATE', 'qr: the name of the group is no UTF-8, which a code cannot say');
    }
    const { wifiText } = await import('./qr-code.js');
    const value: QrValue = { ssid, passphrase, text: wifiText(ssid, passphrase) };
    return output(value, await qrText(value, false));
  },
};

/**
 * The output of `qr` for a person; each face knows for itself what its terminal is like.
 * @param columns how many the terminal has: a code whose lines are broken is none
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

/** The value of `qr` as it came over the socket; null where it is something else. */
export function qrValueOf(value: JsonValue): QrValue | null {
  if (typeof value !== 'object' || value === null || !('text' in value)) return null;
  const { ssid, passphrase, text } = value;
  return typeof ssid === 'string' && typeof passphrase === 'string' && typeof text === 'string'
    ? { ssid, passphrase, text }
    : null;
}

export interface QrFile {
  readonly kind: QrFileKind;
  readonly file: string;
}

/**
 * Takes `--svg FILE`, `--png FILE`, `--svg=FILE` and `--png=FILE` out of the words behind `qr`.
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
    if (!file) throw new HostP2pError('USAGE', `qr: found ${word} without a file, wanted ${word} FILE`);
    // Here there is no standard output that holds nothing else.
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
 * Writes the code into a file that only its owner may read, for it holds the passphrase. A file that is there is
 * replaced, in one step; a symbolic link and whatever else is no regular file is refused.
 * @throws {HostP2pError} USAGE, with the reason in words
 */
export async function saveQr(value: QrValue, kind: QrFileKind, file: string): Promise<void> {
  const content = await qrContent(value, kind);
  try {
    // Neither is a link followed below: one that is put there after this look is replaced, not written through.
    const former = await lstat(file).catch(absent);
    if (former && !former.isFile()) throw new Error(`expected a regular file, got ${kindOf(former)}`);
    await replaceFile(file, content, { mode: 0o600 });
  } catch (cause) {
    throw new HostP2pError('USAGE', `${file}: cannot be written: ${reasonOf(cause)}`, { cause });
  }
}

function absent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

/** Where the file is new it is its folder that is not there. */
function reasonOf(error: unknown): string {
  return codeOf(error) === 'ENOENT' ? 'its folder does not exist' : failureWithFix(error);
}
