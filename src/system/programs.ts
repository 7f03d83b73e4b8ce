import { execFile } from 'node:child_process';
import { isRecord } from './values.js';

/** The system's own programs, such as ip, iw and nmcli. Loaded only where one is needed: it starts processes. */

/** The folders of system programs are not in everybody's PATH. */
const SYSTEM_PATHS = '/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin';
/** `iw list` writes some 20 kB for each radio. */
const MAX_OUTPUT_BYTES = 4_194_304;
/** None of the programs that are run here takes a second. */
export const USUAL_LIMIT_MS = 10_000;

/** The environment for system programs: they are found, and answer in English. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { ...process.env, PATH: PATH ? `${PATH}:${SYSTEM_PATHS}` : SYSTEM_PATHS, LC_ALL: 'C' };
}

export interface RunOptions {
  /** Named in the error where the program is not installed. */
  readonly debianPackage?: string;
  /** Longest run time; then it is killed. */
  readonly limitMs?: number;
  /** For its standard input. */
  readonly input?: string;
}

/**
 * Runs a program to its end, without a shell.
 * @returns its standard output
 * @throws {Error} with the last line of its standard error, or why it has none
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { debianPackage, limitMs = USUAL_LIMIT_MS, input }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env: programEnvironment(),
      timeout: limitMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
    } as const;
    const child = execFile(program, args, options, (cause, stdout, stderr) => {
      if (!cause) return resolve(stdout);
      const fail = (message: string) => reject(new Error(message, { cause }));
      if (cause.code === 'ENOENT') return fail(notInstalled(program, debianPackage));
      if (cause.killed) return fail(`${program} did not end within ${limitMs / 1000} s`);
      const reason = stderr.trim().split('\n').at(-1) || `it ended with ${cause.signal ?? cause.code}`;
      return fail(`${[program, ...args].join(' ')}: ${reason}`);
    });
    // It may end without reading its input; the callback has the reason.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Whether the error of {@link runProgram} is that the program did not end in time. */
export function wasKilled(error: unknown): boolean {
  return error instanceof Error && isRecord(error.cause) && error.cause['killed'] === true;
}

export function notInstalled(program: string, debianPackage?: string): string {
  const fix = debianPackage === undefined ? '' : ` (Debian: apt install ${debianPackage})`;
  return `${program} is not installed${fix}`;
}
