import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CHECKOUT_INSIDE, SHARE } from '../protocol.js';
import { findCommand } from './command.js';
import type { BootFiles } from './kernel.js';

export interface MachineOptions {
  readonly boot: BootFiles;
  /** The folder with what the program inside needs; in the machine it is {@link CHECKOUT_INSIDE}. */
  readonly checkout: string;
  /** The JavaScript program to run inside, with this node: its path in the checkout. */
  readonly program: string;
  /** The root directory, if not this machine's. */
  readonly root?: string | undefined;
  /** True: process 1 is the root's systemd, which starts the lab as a service. */
  readonly systemd: boolean;
  /** The root directory with the wpa_supplicant of the phones, if not the same. */
  readonly phones?: string | undefined;
  /** Wall-clock limit for the whole life of the machine. */
  readonly timeoutSeconds: number;
  onLine(line: string): void;
}

/** How a machine ended. */
export interface MachineEnd {
  /** The program's exit status; undefined if the machine did not report it. */
  readonly status: number | undefined;
  /** Why there is no status. */
  readonly reason?: string;
}

/** The folder that this machine and the virtual one (as /lab/results) both read and write. */
export class Share {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<Share> {
    return new Share(await mkdtemp(join(tmpdir(), 'hostp2pd-lab-')));
  }

  /** A folder in it, for one of several machines. */
  async part(name: string): Promise<Share> {
    const path = join(this.path, name);
    await mkdir(path);
    return new Share(path);
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.path, name), text);
  }

  /** The text of a file in it; undefined if it does not exist. */
  read(...name: string[]): Promise<string | undefined> {
    return readFile(join(this.path, ...name), 'utf8').catch(() => undefined);
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** Boots the virtual machine, runs the program in it and waits until both have ended. */
export async function runMachine(share: Share, options: MachineOptions): Promise<MachineEnd> {
  const { checkout, program, root = '', systemd, phones = '' } = options;
  const lines = [checkout, process.execPath, join(CHECKOUT_INSIDE, program)];
  lines.push(root, systemd ? 'systemd' : 'lab', phones);
  await share.write(SHARE.conf, `${lines.join('\n')}\n`);
  const qemu = findCommand('qemu-system-x86_64');
  if (qemu === undefined) throw new Error('qemu-system-x86_64 is not installed');
  const child = spawn(qemu, qemuArguments(options.boot, share.path), { stdio: ['ignore', 'pipe', 'pipe'] });
  let errorOutput = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errorOutput = (errorOutput + chunk.toString()).slice(-1000);
  });
  createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', options.onLine);
  // A run that ends early must not leave a virtual machine that still writes when the share is removed. (run.ts turns
  // signals into an exit.)
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.prependListener('exit', kill);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutSeconds * 1000);
  try {
    const ending = await new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signal) => resolve(signal ?? `exit ${code}`));
    });
    const status = (await share.read(SHARE.exitStatus))?.trim();
    if (status) return { status: Number(status) };
    if (timedOut) return { status: undefined, reason: `did not end within ${options.timeoutSeconds} s` };
    return { status: undefined, reason: `QEMU ended early (${ending}) ${errorOutput.trim()}`.trim() };
  } finally {
    clearTimeout(timer);
    process.off('exit', kill);
  }
}

function qemuArguments(boot: BootFiles, share: string): string[] {
  return [
    // Plain emulation: many machines have a /dev/kvm that does not work, and the lab has to run everywhere in the same way.
    // One CPU: emulated ones wait for each other, and two machines with two each run at half the speed.
    ...['-machine', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '1', '-m', '2048'],
    ...['-nodefaults', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ...['-kernel', boot.kernel, '-initrd', boot.initramfs],
    // no_timer_check: at its start the kernel tests whether its timer ticks, and panics if a busy machine gives it no time to.
    ...['-append', 'console=ttyS0 quiet loglevel=3 panic=-1 no_timer_check'],
    ...sharedFolder('machine', '/', ',readonly=on'),
    ...sharedFolder('results', share, ''),
  ];
}

function sharedFolder(tag: string, path: string, options: string): string[] {
  // A comma inside a value is written twice in QEMU's option syntax.
  const escaped = path.replaceAll(',', ',,');
  return [
    '-fsdev',
    `local,id=${tag},path=${escaped},security_model=none,multidevs=remap${options}`,
    '-device',
    `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ];
}
