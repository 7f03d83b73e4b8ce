import { dirname, join } from 'node:path';
import { parseSupplicantArguments, type SupplicantArguments } from '../../host/supplicant-arguments.js';
import { isMissing } from '../../system/missing.js';
import { commandLine, openSockets, processIds, readProcess } from '../../system/processes.js';
import type { StartedInterface, SupplicantFacts, SupplicantProcess } from '../facts.js';
import { fileText, findProgram, linkOf, statsOf, textOf } from './sources.js';
import { readySupplicantUnits } from './systemd-files.js';

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

/** Of Debian's scripts for ifupdown (functions.sh of wpasupplicant, WPA_SUP_PIDFILE). */
const PID_FILE_OF_IFUPDOWN = /^(?:\/var)?\/run\/wpa_supplicant\.[^/]+\.pid$/;

/** The running wpa_supplicants. @param clientFolder of our own sockets */
export async function gatherSupplicants(
  root: string,
  processes: Processes,
  clientFolder: string,
): Promise<SupplicantFacts> {
  const [bound, program, readyUnits] = await Promise.all([
    boundSockets(root),
    findProgram(root, 'wpa_supplicant'),
    readySupplicantUnits(root),
  ]);
  const supplicants = await Promise.all(
    named(processes, 'wpa_supplicant').map(async ({ pid, args }): Promise<SupplicantProcess> => {
      const parsed = parseSupplicantArguments(args.slice(1));
      const ofIfupdown = PID_FILE_OF_IFUPDOWN.test(parsed.pidFile ?? '');
      const [unit, started, seesClients] = await Promise.all([
        unitOf(root, pid),
        startedInterfaces(root, parsed),
        seesFolder(root, pid, clientFolder),
      ]);
      const inodes = openSockets(pid, join(root, 'proc'));
      const sockets = (bound && inodes?.flatMap((inode) => bound.get(inode) ?? [])) ?? null;
      return { pid, unit, ofIfupdown, started, sockets, seesClients };
    }),
  );
  return { visible: processes.visible, processes: supplicants, program, readyUnits };
}

async function startedInterfaces(
  root: string,
  { interfaces, deviceFile: path, override }: SupplicantArguments,
): Promise<StartedInterface[]> {
  const deviceText = path?.startsWith('/') ? await fileText(root, path) : null;
  const controlInterface = isMissing(deviceText) ? deviceText : lineOf(deviceText, 'ctrl_interface');
  const deviceFile = path === null ? null : { path, controlInterface, override };
  return Promise.all(
    interfaces.map(async (one) => {
      const text = await configText(root, one.configFile);
      const fromFile = one.controlInterface === null && one.configFile !== null;
      return {
        ...one,
        controlInterface: fromFile ? lineOf(text, 'ctrl_interface') : one.controlInterface,
        configUnreadable: fromFile && text === null,
        persistentAddress: lineOf(text, 'p2p_device_persistent_mac_addr'),
        networks: [...(text ?? '').matchAll(/^\s*ssid="(.*)"\s*$/gm)].map(([, ssid = '']) => ssid),
        deviceFile,
      };
    }),
  );
}

async function configText(root: string, path: string | null): Promise<string | null> {
  // A relative path starts from the working folder of wpa_supplicant, which is unknown.
  return path?.startsWith('/') ? textOf(root, path) : null;
}

function lineOf(text: string | null, key: string): string | null {
  return new RegExp(`^\\s*${key}=(.*?)\\s*$`, 'm').exec(text ?? '')?.[1] ?? null;
}

/** The paths of all UNIX sockets, by inode; null if the list cannot be read. */
async function boundSockets(root: string): Promise<ReadonlyMap<string, string> | null> {
  const table = await textOf(root, 'proc/net/unix');
  if (table === null) return null;
  const rows = [...table.matchAll(/^(?:\S+ +){6}(\d+) (\/.*)$/gm)];
  return new Map(rows.map(([, inode = '', path = '']) => [inode, path]));
}

/** Whether a process has the same folder at that path: with `PrivateTmp` its /tmp is another one. */
async function seesFolder(root: string, pid: number, folder: string): Promise<boolean | null> {
  const [ours, its] = await Promise.all(
    ['self', String(pid)].map((name) => linkOf(root, `proc/${name}/ns/mnt`)),
  );
  if (!ours || !its) return null;
  if (ours === its) return true;
  for (let path = folder; ; path = dirname(path)) {
    const here = await statsOf(root, path);
    if (here !== null) {
      const there = await statsOf(root, `proc/${pid}/root/${path}`);
      return there !== null && there.dev === here.dev && there.ino === here.ino;
    }
    if (path === '/') return null;
  }
}
