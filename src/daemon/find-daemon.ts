import { readdirSync } from 'node:fs';
import { interfaceOf, pidFileIn, pidFoldersToSearch } from './paths.js';
import { readRunning } from './running.js';

/** A daemon that is running, as its PID file proves. */
export interface RunningDaemon {
  readonly interface: string;
  readonly pidFile: string;
  readonly pid: number;
  readonly startTicks: number;
}

/** The daemon of an interface, or of any where `null` is given; or, in words, why it is not known which. */
export function findDaemon(
  interfaceName: string | null,
  environment: NodeJS.ProcessEnv = process.env,
): RunningDaemon | { readonly problem: string } {
  const folders = pidFoldersToSearch(environment);
  const seen = folders.flatMap((folder) =>
    names(folder, interfaceName).map((name) => {
      const pidFile = pidFileIn(folder, name);
      return { interface: name, pidFile, state: readRunning(folder, name) };
    }),
  );
  const running = seen.flatMap(({ state, ...place }) =>
    state.kind === 'running' ? [{ ...place, pid: state.pid, startTicks: state.startTicks }] : [],
  );
  const [first, ...others] = running;
  if (first && others.length === 0) return first;
  if (first) {
    const list = running.map(({ interface: name, pid }) => `${name} (pid ${pid})`).join(', ');
    return { problem: `several daemons are running: ${list}; say with -i which is meant` };
  }
  const whose = interfaceName === null ? '' : ` for ${interfaceName}`;
  const found = seen.flatMap(({ pidFile, state }) =>
    'reason' in state ? [`${pidFile} ${state.reason}`] : [],
  );
  const looked = found.length > 0 ? found.join('; ') : `no PID file in ${folders.join(' or ')}`;
  return { problem: `no daemon is running${whose}: ${looked}` };
}

function names(folder: string, interfaceName: string | null): string[] {
  if (interfaceName !== null) return [interfaceName];
  try {
    return readdirSync(folder)
      .flatMap((name) => interfaceOf(name) ?? [])
      .sort();
  } catch {
    return [];
  }
}
