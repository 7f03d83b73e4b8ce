import { createConnection } from 'node:net';

/** What is behind the path of a control socket. */
export type Presence =
  /** A process takes connections there. */
  | 'served'
  /** A socket that its process has left behind. */
  | 'left'
  | 'absent'
  /** This user may not connect. */
  | 'denied'
  /** No socket of this kind. */
  | 'other';

/** Connects, and hangs up. The kernel answers at once, whatever the other process does. */
export function probe(path: string): Promise<Presence> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const settle = (presence: Presence): void => {
      socket.destroy();
      resolve(presence);
    };
    socket.once('connect', () => settle('served'));
    // Stays: a socket may fail once more after the first answer.
    socket.on('error', (error) => settle(presenceOf(error)));
  });
}

/** What a failed connection tells, see connect(2) and unix(7). */
export function presenceOf(error: Error): Presence {
  switch ('code' in error ? error.code : undefined) {
    case 'ENOENT':
      return 'absent';
    case 'ECONNREFUSED':
      return 'left';
    case 'EACCES':
    case 'EPERM':
      return 'denied';
    // Its queue of new connections is full.
    case 'EAGAIN':
      return 'served';
    default:
      return 'other';
  }
}
