import { join } from 'node:path';
import { commandLine, processIds, readProcess } from '../../system/processes.js';
import { textOf } from './sources.js';

export interface RunningProcess {
  readonly pid: number;
  /** As the kernel has it: at most 15 characters. */
  readonly name: string;
  /** The program and its arguments. */
  readonly args: readonly string[];
}

export interface Processes {
  /** False: processes of other users are hidden (`hidepid` of /proc). */
  readonly visible: boolean;
  readonly running: readonly RunningProcess[];
}

export function gatherProcesses(root: string): Processes {
  const proc = join(root, 'proc');
  const pids = processIds(proc);
  const running = pids.flatMap((pid): RunningProcess[] => {
    const args = commandLine(pid, proc);
    const name = readProcess(pid, proc)?.name;
    // Threads of the kernel and zombies have no command line.
    return args.length === 0 || name === undefined ? [] : [{ pid, name, args }];
  });
  return { visible: pids.includes(1), running };
}

export function named({ running }: Processes, name: string): RunningProcess[] {
  return running.filter((process) => process.name === name).sort((a, b) => a.pid - b.pid);
}

/** Services in which programs that a user starts by hand can run: restarting them would not restart the program. */
const LOGIN_SERVICES = /^(ssh|sshd|user|getty|serial-getty|cron|cronie|rc-local)\b/;

/** The systemd unit of a process, without `.service`; null if it has none. */
export async function unitOf(root: string, pid: number): Promise<string | null> {
  const text = (await textOf(root, `proc/${pid}/cgroup`)) ?? '';
  // Of cgroup version 2, or of version 1 with systemd's hierarchy.
  const path = /^(?:0:|\d+:name=systemd):(\/system\.slice\/.*)$/m.exec(text)?.[1] ?? '';
  const service = path.split('/').find((part) => part.endsWith('.service'));
  const unit = service?.replace(/\.service$/, '');
  return unit === undefined || LOGIN_SERVICES.test(unit) ? null : unit;
}
