import { readFileSync } from 'node:fs';

/** What the kernel tells of a process. */
export interface ProcessFacts {
  /** At most 15 bytes; for us what `process.title` was set to. */
  readonly name: string;
  /** When it started: ticks since the machine did. With the pid it names one process for good. */
  readonly startTicks: number;
}

/** Null where there is no such process, or only what is left of one that nobody has waited for. */
export function readProcess(pid: number, proc = '/proc'): ProcessFacts | null {
  let text: string;
  try {
    text = readFileSync(`${proc}/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name stands in brackets and may hold brackets and spaces itself (proc_pid_stat(5)).
  const opening = text.indexOf('(');
  const closing = text.lastIndexOf(')');
  const fields = text.slice(closing + 2).split(' ');
  const startTicks = Number(fields[22 - 3]);
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  if (opening < 0 || dead || !Number.isSafeInteger(startTicks)) return null;
  // A program calls itself what it likes; a terminal must not be told what to do by it.
  const name = text.slice(opening + 1, closing).replace(/[\u0000-\u001f\u007f-\u009f]/g, '_');
  return { name, startTicks };
}
