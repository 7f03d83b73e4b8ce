import { createServer, type Server } from 'node:net';

/**
 * Takes an abstract UNIX socket as a lock. The kernel gives its name to one process at a time, and takes it back when that process
 * ends in any way.
 */
export function bindLock(address: string): Promise<Server | { readonly problem: Error }> {
  // The lock has no conversation.
  const server = createServer((connection) => connection.destroy());
  return new Promise((resolve) => {
    // Later errors are connections that cannot be accepted, for want of descriptors: no reason to end.
    server.on('error', (problem) => resolve({ problem }));
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}
