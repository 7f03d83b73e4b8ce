import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const TERM_MS = 2_000;
const POLL_MS = 20;

/**
 * Ends the processes of a program that have this argument on their command line: those that a former instance of
 * ours, which was killed, has left behind.
 */
export async function endLeftOver(program: string, argument: string): Promise<void> {
  const left = () => withArgument(program, argument);
  for (const pid of left()) signal(pid, 'SIGTERM');
  const until = performance.now() + TERM_MS;
  while (left().length > 0 && performance.now() < until) await pause(POLL_MS);
  for (const pid of left()) signal(pid, 'SIGKILL');
}

function withArgument(program: string, argument: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [path = '', ...args] = commandLine(pid);
      return path.split('/').at(-1) === program && args.includes(argument);
    });
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}
