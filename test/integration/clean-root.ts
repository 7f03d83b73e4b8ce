import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A root directory that a test may change: an overlay on one that is not changed. Each command has its own namespaces,
 * so its mounts and processes end with it, and it has no network.
 */
export class CleanRoot {
  readonly #base: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hostp2pd-root-'));

  constructor(base: string) {
    this.#base = base;
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(this.#folder, name));
  }

  /** The next command sees files that are written below it. */
  get changes(): string {
    return join(this.#folder, 'upper');
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  run(command: string, args: readonly string[] = [], input = ''): Promise<Ended> {
    const mount = `set -e
      base=$1 folder=$2
      shift 2
      mount -t overlay overlay -o "lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
      mount -t proc proc "$folder/root/proc"
      exec chroot "$folder/root" "$@"`;
    const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts', '--fork', '--kill-child'];
    return new Promise((resolve, reject) => {
      const child = spawn(
        'unshare',
        [...namespaces, 'sh', '-c', mount, 'sh', this.#base, this.#folder, command, ...args],
        {
          env: {
            PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            LC_ALL: 'C.UTF-8',
            HOME: '/root',
            DEBIAN_FRONTEND: 'noninteractive',
          },
          timeout: 120_000,
          killSignal: 'SIGKILL',
        },
      );
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
