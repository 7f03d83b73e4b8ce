import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** Starts a wpa_supplicant for "lo" in a root: without radios there is no Wi-Fi Direct, so a daemon waits. */
export const START_SUPPLICANT = `printf 'ctrl_interface=/run/wpa_supplicant\\nap_scan=0\\n' > /wpa_supplicant.conf
      wpa_supplicant -B -Dwired -ilo -c /wpa_supplicant.conf`;

/** The report of that daemon. The answer about "lo" came through the addon. */
export const DAEMON_WAITS = /^hostp2pd: daemon started, pid \d+, waits: .*\(lo has no Wi-Fi Direct: /m;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the kernel learns which program runs a foreign binary. */
export const BINFMT = '/proc/sys/fs/binfmt_misc';

/** Foreign binaries, and the emulator that runs them. */
interface Emulation {
  /** As the kernel reads it (binfmt-misc.rst): magic bytes, mask, and the emulator, which is opened at once. */
  readonly rule: string;
}

/**
 * A root directory that a test may change: an overlay on one that is not changed. Each command has its own namespaces,
 * so its mounts and processes end with it, and it has no network.
 */
export class CleanRoot {
  readonly #base: string;
  readonly #folder = temporaryFolder();

  readonly #emulation: Emulation | null;

  /** @param emulation for a root of another processor */
  constructor(base: string, emulation: Emulation | null = null) {
    this.#base = base;
    this.#emulation = emulation;
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(this.#folder, name));
  }

  /** The next command sees files that are written below it. */
  get changes(): string {
    return join(this.#folder, 'upper');
  }

  run(command: string, args: readonly string[] = [], input = ''): Promise<Ended> {
    const mount = `set -e
      base=$1 folder=$2 rule=$3
      shift 3
      options=lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work
      # A user namespace may not set the attributes that an overlay otherwise needs.
      [ -z "$rule" ] || options=$options,userxattr
      mount -t overlay overlay -o "$options" "$folder/root"
      mount -t proc proc "$folder/root/proc"
      if [ -n "$rule" ]; then
        # Device files cannot be opened on a file system that a user namespace has mounted.
        mount --rbind /dev "$folder/root/dev"
        mount -t binfmt_misc none ${BINFMT}
        printf %s "$rule" > ${BINFMT}/register
      fi
      exec chroot "$folder/root" "$@"`;
    const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts', '--fork', '--kill-child'];
    const rule = this.#emulation?.rule ?? '';
    const inside = [...namespaces, 'sh', '-c', mount, 'sh', this.#base, this.#folder, rule, command, ...args];
    // A user namespace has rules of its own, and the machine keeps its. It is entered first, and the rest waits for the map.
    const wait = `until grep -q ${USERS} /proc/self/uid_map && grep -q ${USERS} /proc/self/gid_map; do sleep 0.05; done
      exec unshare "$@"`;
    const words = rule === '' ? inside : ['--user', 'sh', '-c', wait, 'sh', ...inside];
    return new Promise((resolve, reject) => {
      const child = spawn('unshare', words, {
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          LC_ALL: 'C.UTF-8',
          HOME: '/root',
          DEBIAN_FRONTEND: 'noninteractive',
        },
        timeout: rule === '' ? 120_000 : 300_000,
        killSignal: 'SIGKILL',
      });
      if (rule !== '') mapUsers(child).catch(reject);
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
      });
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** Standard output of a command that must succeed. */
  async output(command: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, args);
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Standard output of a script that must succeed. */
  shell(script: string, ...args: readonly string[]): Promise<string> {
    return this.output('sh', '-euc', script, 'sh', ...args);
  }
}

/** All users and groups, as they are. */
const USERS = 4_294_967_295;

/** Gives a process that enters a user namespace its users: root there is root here. */
async function mapUsers({ pid, exitCode }: ChildProcess): Promise<void> {
  for (const name of ['uid_map', 'gid_map']) {
    const deadline = Date.now() + 10_000;
    // Refused until it is in the namespace.
    for (;;) {
      try {
        writeFileSync(`/proc/${pid}/${name}`, `0 0 ${USERS}`);
        break;
      } catch (error) {
        if (exitCode !== null || Date.now() > deadline) throw error;
        await setTimeout(20);
      }
    }
  }
}
