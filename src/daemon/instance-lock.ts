import { createServer, type Server } from 'node:net';
import { HostP2pError, messageOf } from '../system/errors.js';
import { lockAddress } from './paths.js';

/** For a holder that is gone by the time that it is looked for: one that has lost another lock, for instance. */
const MOST_ATTEMPTS = 5;

/**
 * The right to serve an interface: an abstract UNIX socket. The kernel gives its name to one process at a time, and
 * takes it back when that process ends, however it ends. Abstract names belong to the network namespace, as interfaces
 * do, and to no user: root's instance and another's exclude each other.
 */
export class InstanceLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws {HostP2pError} ALREADY_RUNNING, with the holder as far as it can be known */
  static async take(
    interfaceName: string,
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<InstanceLock> {
    const address = lockAddress(interfaceName, environment);
    for (let attempt = 1; ; attempt += 1) {
      const bound = await bind(address);
      if (!('problem' in bound)) return new InstanceLock(bound);
      const { problem } = bound;
      if (!('code' in problem && problem.code === 'EADDRINUSE')) {
        const reason = `the lock cannot be taken: ${messageOf(problem)}`;
        throw new HostP2pError('STATE', `${interfaceName}: ${reason}`, { cause: problem });
      }
      const { explainHeld } = await import('./lock-holder.js');
      const held = explainHeld(interfaceName, address, environment);
      if (held.stays || attempt === MOST_ATTEMPTS) throw held.error;
    }
  }

  /** Settles when another may have it. */
  release(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function bind(address: string): Promise<Server | { readonly problem: Error }> {
  // Nobody has anything to say here.
  const server = createServer((connection) => connection.destroy());
  return new Promise((resolve) => {
    // Later on it is a connection that cannot be accepted, for want of descriptors: no reason to end.
    server.on('error', (problem) => resolve({ problem }));
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}
