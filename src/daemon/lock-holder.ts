import { HostP2pError } from '../system/errors.js';
import { readProcess } from '../system/processes.js';
import { listeningInode, socketHolder } from './listening-socket.js';
import { PROCESS_NAME, pidFoldersToSearch } from './paths.js';
import { readRunning } from './running.js';

/**
 * Any user can bind an abstract name. So whoever finds a lock taken is told by whom, as far as that can be known.
 * `stays` is false where it is free again.
 */
export function explainHeld(
  interfaceName: string,
  address: string,
  environment: NodeJS.ProcessEnv = process.env,
): { readonly error: HostP2pError; readonly stays: boolean } {
  const who = holder(interfaceName, address, environment);
  return {
    error: new HostP2pError('ALREADY_RUNNING', subject(interfaceName) + who),
    stays: listeningInode(address) !== null,
  };
}

/** `auto` is nobody's interface: there they wait who have not found theirs. */
function subject(interfaceName: string): string {
  return interfaceName === 'auto' ? 'auto (looking for an interface): ' : `${interfaceName}: `;
}

function holder(interfaceName: string, address: string, environment: NodeJS.ProcessEnv): string {
  for (const folder of pidFoldersToSearch(environment)) {
    const state = readRunning(folder, interfaceName);
    if (state.kind === 'running') return `already running, pid ${state.pid}`;
  }
  const pid = socketHolder(address);
  const name = pid === null ? null : readProcess(pid)?.name;
  if (name === PROCESS_NAME) return `already running, pid ${pid}`;
  const lock = address.slice(1).replace(/\/+$/, '');
  if (name) return `its lock is held by ${name}, pid ${pid}, which is no ${PROCESS_NAME}`;
  return `already running, or its lock is held by another program; as root, "ss -xlp" shows whose socket @${lock} is`;
}
