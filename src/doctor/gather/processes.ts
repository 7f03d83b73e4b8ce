import { join } from 'node:path';
import { entriesOf, textOf, wordOf } from './reading.js';

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
