import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { HostP2pError } from '../index.js';
import { givenFolder } from './paths.js';

/** Size of a socket address's path (sockaddr_un). */
const ADDRESS_BYTES = 108;

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
    // Nobody has anything to say here.
    const server = createServer((connection) => connection.destroy());
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(address, resolve);
      });
    } catch (cause) {
      const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
      if (taken) {
        const { explainHeld } = await import('./lock-holder.js');
        throw explainHeld(interfaceName, address, environment);
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new HostP2pError('STATE', `${interfaceName}: the lock cannot be taken: ${reason}`, { cause });
    }
    // A connection that cannot be accepted, for want of descriptors, is no reason to end.
    server.on('error', () => {});
    server.unref();
    return new InstanceLock(server);
  }

  /** Settles when another may have it. */
  release(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/**
 * The name of the lock. It is filled up with NUL bytes: Node 20 binds abstract names at that length, later versions at
 * the length given, and the two would be different names.
 */
export function lockAddress(interfaceName: string, environment: NodeJS.ProcessEnv = process.env): string {
  const folder = givenFolder(environment);
  const apart = folder === null ? '' : `@${digest(folder).slice(0, 16)}`;
  const readable = `\0hostp2pd/${interfaceName}${apart}`;
  const name = Buffer.byteLength(readable) <= ADDRESS_BYTES ? readable : `\0hostp2pd/${digest(readable)}`;
  return name + '\0'.repeat(ADDRESS_BYTES - Buffer.byteLength(name));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
