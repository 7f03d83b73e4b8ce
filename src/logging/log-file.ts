import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { kindOf } from '../system/read-file.js';

/** Owner and group only: a log tells who was where and when. */
export const LOG_FILE_MODE = 0o640;

/** The names around a log file `/var/log/hostp2pd.log`. */
export interface LogFileNames {
  /** `/var/log/hostp2pd.log`: a link to the newest file. */
  readonly link: string;
  readonly linkName: string;
  readonly folder: string;
  /** `hostp2pd-%DATE%` and `.log`: the files are hostp2pd-2026-01-31.log, hostp2pd-2026-01-31.1.log, … */
  readonly pattern: string;
  readonly extension: string;
  /** `/var/log/.hostp2pd.log-audit.json`: where the rotation notes which files are its own. */
  readonly audit: string;
}

export function logFileNames(file: string): LogFileNames {
  const link = resolve(file);
  const folder = dirname(link);
  const extension = extname(link);
  return {
    link,
    linkName: basename(link),
    folder,
    pattern: `${basename(link, extension)}-%DATE%`,
    extension,
    audit: join(folder, `.${basename(link)}-audit.json`),
  };
}

/**
 * Makes the folder fit for a rotated log: it exists and can be written, and nothing of another kind stands in
 * the place of the link.
 * @returns what a person should know about it, one sentence each
 * @throws the error of the file system
 */
export function prepareLogFile(names: LogFileNames): string[] {
  mkdirSync(names.folder, { recursive: true, mode: 0o750 });
  accessSync(names.folder, constants.W_OK | constants.X_OK);
  const notes: string[] = [];
  const aside = clearTheWay(names);
  if (aside !== undefined) notes.push(`the former log file ${names.link} is now ${aside}`);
  writeAudit(names);
  return notes;
}

function clearTheWay(names: LogFileNames): string | undefined {
  const { link } = names;
  const former = lstatSync(link, { throwIfNoEntry: false });
  if (former === undefined || isOurLink(names, former)) return undefined;
  // Above all not /dev/null, a link to a device such as /dev/stdout, or a folder, which would be renamed as well.
  const target = former.isSymbolicLink() ? statSync(link, { throwIfNoEntry: false }) : former;
  if (target !== undefined && !target.isFile()) {
    throw new Error(`expected a regular file, got ${former === target ? '' : 'a link to '}${kindOf(target)}`);
  }
  let aside = `${link}.old`;
  for (let n = 1; lstatSync(aside, { throwIfNoEntry: false }) !== undefined; n += 1) {
    aside = `${link}.old.${n}`;
  }
  renameSync(link, aside);
  return aside;
}

function isOurLink(names: LogFileNames, former: Stats): boolean {
  return former.isSymbolicLink() && isRotated(names, readlinkSync(names.link));
}

function isRotated({ pattern, extension }: LogFileNames, name: string): boolean {
  const stem = pattern.replace('%DATE%', '');
  if (!name.startsWith(stem) || !name.endsWith(extension)) return false;
  return /^\d{4}-\d{2}-\d{2}(\.\d+)?$/.test(name.slice(stem.length, name.length - extension.length));
}

/** @throws Error where something else has the name of a log file: it would be written to, or removed, as one */
function rotatedFile(path: string): Stats {
  const stats = lstatSync(path);
  if (!stats.isFile()) throw new Error(`${path}: expected a regular file, got ${kindOf(stats)}`);
  return stats;
}

/**
 * Writes the audit file from what lies in the folder. The rotation deletes no file that is not listed in it, and
 * nothing at all if it is no JSON, as a power cut leaves it: the disk would fill. Files also drop out of it when
 * several rotations follow each other before the files exist. The form is that of file-stream-rotator 0.6
 * (addLogToAudit). A file that exists keeps its permissions when the rotation rewrites it.
 */
function writeAudit(names: LogFileNames): void {
  const files = readdirSync(names.folder)
    .filter((name) => isRotated(names, name))
    .map((name) => join(names.folder, name))
    .map((name) => ({ name, date: Math.floor(rotatedFile(name).mtimeMs) }))
    .sort((a, b) => a.date - b.date)
    .map(({ name, date }) => {
      const hash = createHash('sha256').update(`${name}LOG_FILE${date}`).digest('hex');
      return { date, name, hash };
    });
  const audit = { keep: { days: false, amount: 1 }, auditLog: names.audit, files, hashType: 'sha256' };
  rmSync(names.audit, { force: true });
  writeFileSync(names.audit, JSON.stringify(audit, null, 4), { mode: LOG_FILE_MODE, flag: 'wx' });
}
