import { join } from 'node:path';
import { entriesOf, linkOf, textOf, wordOf } from './reading.js';

export interface RunningProcess {
  readonly pid: number;
  /** As the kernel has it: at most 15 characters. */
  readonly name: string;
  /** With the name of the program in front. */
  readonly args: readonly string[];
}

export interface Processes {
  /** False where those of others are hidden (`hidepid` of /proc). */
  readonly visible: boolean;
  readonly running: readonly RunningProcess[];
}

export async function gatherProcesses(root: string): Promise<Processes> {
  const proc = join(root, 'proc');
  const pids = (await entriesOf(proc)).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<RunningProcess | null> => {
      const [name, line] = await Promise.all([
        wordOf(join(proc, pid, 'comm')),
        textOf(join(proc, pid, 'cmdline')),
      ]);
      // The kernel's own have no command line, nor has what has ended and waits for its parent.
      if (name === null || !line) return null;
      return { pid: Number(pid), name, args: line.replace(/\0$/, '').split('\0') };
    }),
  );
  return { visible: pids.includes('1'), running: found.filter((process) => process !== null) };
}

export function named({ running }: Processes, name: string): RunningProcess[] {
  return running.filter((process) => process.name === name).sort((a, b) => a.pid - b.pid);
}

/** The sockets that a process has open, by inode; none where they may not be looked at. */
export async function socketInodes(root: string, pid: number): Promise<string[]> {
  const folder = join(root, 'proc', String(pid), 'fd');
  const links = await Promise.all((await entriesOf(folder)).map((name) => linkOf(join(folder, name))));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1] ?? []);
}

/** Services in which what a person starts by hand can end up: not to be restarted for its sake. */
const NOT_ITS_OWN = /^(ssh|sshd|user|getty|serial-getty|cron|cronie|rc-local)\b/;

/** The unit of systemd that a process belongs to, without `.service`; null where there is none. */
export async function unitOf(root: string, pid: number): Promise<string | null> {
  const text = (await textOf(join(root, 'proc', String(pid), 'cgroup'))) ?? '';
  // Of version 2, or of version 1 with the hierarchy of systemd.
  const path = /^(?:0:|\d+:name=systemd):(\/system\.slice\/.*)$/m.exec(text)?.[1] ?? '';
  const unit = path
    .split('/')
    .find((part) => part.endsWith('.service'))
    ?.replace(/\.service$/, '');
  return unit === undefined || NOT_ITS_OWN.test(unit) ? null : unit;
}
