import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type Output, output } from '../commands/command.js';
import type { ExamineOptions } from '../doctor/gather/configuration-in-use.js';
import { systemSources } from '../doctor/gather/sources.js';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { runProgram } from '../system/programs.js';
import { type Contents, gatherContents, type Part } from './contents.js';

/** `hostp2pd report`: writes one archive for an issue report. */

const EXPLAINED =
  'PINs, passphrases and keys are hidden. MAC addresses, UUIDs and link-local IPv6 addresses are replaced, the same by the same.\n' +
  'Names of phones, networks, users and this host stay in it, and other IP addresses.';

/**
 * @param file default: a name with the time, in this folder
 * @param announce gets the list of contents before anything is written
 * @throws {HostP2pError} USAGE where the file exists; COMMAND_REFUSED where it cannot be written
 */
export async function report(
  file: string | undefined,
  options: ExamineOptions,
  announce: (text: string) => void,
): Promise<Output> {
  const name = `hostp2pd-report-${timeOfNow()}`;
  const path = resolve(file ?? `${name}.tar.gz`);
  const existing = await lstat(path).catch(() => null);
  if (existing !== null) throw alreadyThere(path);
  const contents = await gatherContents(options, systemSources());
  announce(`${listing(contents, path)}\n\n${EXPLAINED}\n`);
  await writeArchive(path, name, contents);
  const { parts, missing } = contents;
  const value = { file: path, contents: parts.map(({ name: part }) => part), missing };
  const look = `tar -xzf ${path}`;
  return output(value, `written: ${path}\nLook through it before you pass it on: ${look}`);
}

function alreadyThere(path: string): HostP2pError {
  return new HostP2pError('USAGE', `report: expected a name for a new file, got one that exists: ${path}`);
}

/** `2026-11-29-161500`, in local time. */
function timeOfNow(now = new Date()): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return local.slice(0, 19).replace('T', '-').replaceAll(':', '');
}

function listing({ parts, missing }: Contents, path: string): string {
  const width = Math.max(0, ...parts.map(({ name }) => name.length));
  return [
    `In the report ${path}:`,
    ...parts.map((part) => `  ${part.name.padEnd(width)}  ${sizeOf(part).padStart(8)}  ${part.what}`),
    ...(missing.length === 0 ? [] : ['Not in the report:', ...missing.map((text) => `  ${text}`)]),
  ].join('\n');
}

function sizeOf({ text }: Part): string {
  return `${(Buffer.byteLength(text) / 1000).toFixed(1)} kB`;
}

/** By tar, in a folder for this user alone: the name of the archive appears with the whole archive behind it, or not at all. */
async function writeArchive(path: string, name: string, contents: Contents): Promise<void> {
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), 'hostp2pd-report-'));
    const files = [
      { name: 'contents.txt', text: `${listing(contents, basename(path))}\n\n${EXPLAINED}\n` },
      ...contents.parts.map(({ name: part, text }) => ({ name: part, text })),
    ];
    for (const { name: part, text } of files) {
      const place = join(folder, name, part);
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, text, { mode: 0o600, flag: 'wx' });
    }
    const archive = join(folder, 'archive');
    await runProgram('tar', ['-czf', archive, '-C', folder, name], { debianPackage: 'tar' });
    await chmod(archive, 0o600);
    await copyFile(archive, path, constants.COPYFILE_EXCL);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw alreadyThere(path);
    throw new HostP2pError('COMMAND_REFUSED', `report: ${path} cannot be written: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
