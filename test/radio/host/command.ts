import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** System tools are in sbin, which is not on an ordinary user's PATH in Debian. */
const SEARCH_PATH = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
].join(delimiter);

/** The full path of a command, or undefined if it is not installed. */
export function findCommand(name: string): string | undefined {
  return SEARCH_PATH.split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Runs a command to its end and returns its standard output.
 * Throws with the end of its standard error if it fails or does not end within `seconds`.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd?: string; input?: string; seconds?: number } = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, PATH: SEARCH_PATH, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: (options.seconds ?? 600) * 1000,
    });
    const stdout: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-2000);
    });
    // If a command ends before it has read everything, its exit status decides.
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(stdout));
      else reject(new Error(`${command} ${args.join(' ')}: ${signal ?? `exit ${code}`}\n${stderr.trim()}`));
    });
    child.stdin.end(options.input ?? '');
  });
}
