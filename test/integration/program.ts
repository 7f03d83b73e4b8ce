import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { HOSTP2PD } from '../shipped-program.js';
import { eventually } from './support.js';
import '../fakes/state-folder.js';

export interface ProgramOptions {
  /** Its whole standard input, by default empty; null leaves it open. */
  readonly input?: string | null;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  /** The package that has the program; default: this checkout. */
  readonly root?: string;
  /** What runs it: a Node.js, or an emulator with one; default: the Node.js of the test. */
  readonly node?: readonly string[];
  /** A shell script that runs first; `exec "$0" "$@"` in it starts the program. */
  readonly shell?: string;
  /** A file descriptor that is passed on to it as number 40. */
  readonly descriptor?: number;
}

/** The program as a process, with its output. */
export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  #ending: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | null = null;

  /** @param input its whole standard input; null leaves it open */
  constructor(
    t: TestContext,
    args: readonly string[],
    input: string | null = '',
    env: NodeJS.ProcessEnv = {},
    {
      cwd,
      uid,
      root,
      node = [process.execPath],
      shell,
      descriptor,
    }: Omit<ProgramOptions, 'input' | 'env'> = {},
  ) {
    const [command, ...words] = [
      ...(shell === undefined ? [] : ['sh', '-c', shell]),
      ...node,
      root === undefined ? HOSTP2PD : join(root, 'dist/hostp2pd.cjs'),
      ...args,
    ];
    this.child = spawn(command ?? '', words, {
      env: { ...process.env, ...env },
      stdio: [
        ...Array.from({ length: 3 }, () => 'pipe' as const),
        ...(descriptor === undefined
          ? []
          : [...Array.from({ length: 37 }, () => 'ignore' as const), descriptor]),
      ],
      cwd,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.child.stdin?.on('error', () => {});
    if (input !== null) this.child.stdin?.end(input);
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.child.on('close', (code, signal) => {
      this.#ending = { code, signal };
    });
    t.after(() => {
      if (!this.#ending) this.child.kill('SIGKILL');
    });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async wrote(pattern: RegExp): Promise<void> {
    await eventually(
      () => pattern.test(this.stdout + this.stderr),
      () => `${pattern} in:\n${this.stdout}${this.stderr}`,
    );
  }

  async ended(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    await eventually(
      () => this.#ending !== null,
      () => `the end of the program:\n${this.stdout}${this.stderr}`,
    );
    return this.#ending ?? { code: null, signal: null };
  }
}
