import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readProcess } from '#src/system/processes.js';
import { DEVICE } from './fake-supplicant.js';
import { Program, type ProgramOptions } from './program.js';
import { temporaryFolder } from './support.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Why users other than its owner cannot run this checkout; false if they can. */
export function hiddenFromOthers(): string | false {
  for (let folder = ROOT; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0)
      return `${folder} is shut to other users, who are to run the program`;
    if (folder === '/') return false;
  }
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder for daemons, which end with the test. */
export class Place {
  readonly folder: string;
  readonly #t: TestContext;

  constructor(t: TestContext) {
    this.#t = t;
    // Their PID files are in it, so it must not go before they do.
    this.folder = temporaryFolder();
    t.after(() => {
      for (const pid of this.pids()) if (readProcess(pid)?.name === 'hostp2pd') process.kill(pid, 'SIGKILL');
    });
  }

  start(args: readonly string[], options: ProgramOptions = {}): Program {
    const env = { HOSTP2PD_RUNTIME_DIR: this.folder, ...options.env };
    const { input = '' } = options;
    return new Program(this.#t, args, input, env, options);
  }

  async run(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
    const program = this.start(args, options);
    const { code } = await program.ended();
    return { code, stdout: program.stdout, stderr: program.stderr };
  }

  /** Starts a daemon that must come up. @returns its pid */
  async daemon(args: readonly string[], options: ProgramOptions = {}): Promise<number> {
    const { code, stdout, stderr } = await this.run(['-d', ...args], options);
    assert.equal(code, 0, stderr);
    return Number(/^hostp2pd: daemon started, pid (\d+), /.exec(stdout)?.[1]);
  }

  pidFile(name: string = DEVICE): string {
    return join(this.folder, `hostp2pd-${name}.pid`);
  }

  files(): string[] {
    return readdirSync(this.folder).sort();
  }

  /** The control socket appears a little later. */
  pidFiles(): string[] {
    return this.files().filter((name) => name.endsWith('.pid'));
  }

  pids(): number[] {
    return this.pidFiles()
      .filter((name) => lstatSync(join(this.folder, name)).isFile())
      .map((name) => Number.parseInt(readFileSync(join(this.folder, name), 'utf8'), 10));
  }
}

/** A configuration file for this fake wpa_supplicant, without a log file unless one is named. */
export function configuration(
  t: TestContext,
  fake: { readonly folder: string },
  lines: readonly string[] = [],
): string {
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  writeConfiguration(file, fake, lines);
  return file;
}

/** Lines of the section hostp2pd, and the path of the log file. */
export function writeConfiguration(
  file: string,
  fake: { readonly folder: string },
  lines: readonly string[],
): void {
  const log = lines.find((line) => line.startsWith('file:')) ?? 'file: null';
  const own = lines.filter((line) => line !== log).map((line) => `  ${line}\n`);
  const text = `logging:\n  ${log}\nhostp2pd:\n  ctrl_interface: ${fake.folder}\n${own.join('')}`;
  writeFileSync(file, text, { mode: 0o600 });
}
