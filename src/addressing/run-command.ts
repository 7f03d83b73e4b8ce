import { execFile } from 'node:child_process';

/** None of those that are run here takes a second. */
const LIMIT_MS = 10_000;
/** System programs are there, and not in everybody's PATH. */
const SYSTEM_PATHS = '/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin';

/** The environment for system programs: found, and speaking the language that we read. */
export function systemEnvironment(): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { ...process.env, PATH: PATH ? `${PATH}:${SYSTEM_PATHS}` : SYSTEM_PATHS, LC_ALL: 'C' };
}

/**
 * Runs a program to its end, without a shell.
 * @returns its standard output
 * @throws {Error} with what it has said, or that it is not installed
 */
export function runCommand(program: string, args: readonly string[], debianPackage: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: LIMIT_MS, env: systemEnvironment(), maxBuffer: 4_000_000 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (error.code === 'ENOENT')
        reject(new Error(notInstalled(program, debianPackage), { cause: error }));
      else {
        const said = stderr.trim().split('\n').at(-1) || `it ended with ${error.signal ?? error.code}`;
        reject(new Error(`${[program, ...args].join(' ')}: ${said}`, { cause: error }));
      }
    });
    child.stdin?.end();
  });
}

export function notInstalled(program: string, debianPackage: string): string {
  return `${program} is not installed (Debian: apt install ${debianPackage})`;
}
