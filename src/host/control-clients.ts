import { dirname } from 'node:path';
import { systemClock } from '../system/clock.js';
import { messageOf } from '../system/errors.js';
import { isMissing, type Missing } from '../system/missing.js';
import { printable } from '../system/names.js';
import { openSockets, processIds, readProcess, unixSockets } from '../system/processes.js';
import { ClientFolder } from '../wpa/client-folder.js';
import { ATTACH, DETACH } from '../wpa/command.js';
import { Heartbeat, INFO } from '../wpa/heartbeat.js';
import { isOk } from '../wpa/reply.js';
import { openUnixDatagram } from '../wpa/unix-datagram.js';
import { askingChannel, PATIENT_LIMIT_MS } from './ask-control.js';

/** A program that may be attached to a control socket. */
interface ControlClient {
  /** Null if it could not be found. */
  readonly pid: number | null;
  readonly program: string | null;
  /** Stopped by a signal (Ctrl-Z) or a debugger, so that it reads nothing. */
  readonly stopped: boolean;
  /** Where its socket is bound; an abstract name begins with `@`. */
  readonly path: string;
}

const DATAGRAM = '0002';
/** SS_CONNECTED of the kernel. */
const CONNECTED = '03';

/**
 * Programs that may be attached to a control socket of wpa_supplicant and hold back its events by not reading: those with
 * a bound datagram socket that is connected. (Datagrams to a socket that is not connected do not pile up: the kernel
 * refuses the eleventh.) /proc/net/unix does not show which socket one is connected to, so the list may hold programs that
 * have nothing to do with wpa_supplicant. Reads all of /proc at once; empty if that is impossible.
 *
 * @param controlFolder wpa_supplicant's own sockets, which are no clients
 * @param proc for tests
 */
export function controlClients(controlFolder: string, proc = '/proc'): readonly ControlClient[] {
  const sockets = (unixSockets(proc) ?? []).filter(
    ({ type, state, path }) =>
      type === DATAGRAM &&
      state === CONNECTED &&
      path !== '' &&
      dirname(path) !== controlFolder &&
      // systemd's own have nothing to do with wpa_supplicant.
      !path.startsWith('/run/systemd/'),
  );
  if (sockets.length === 0) return [];
  const owners = ownersOf(new Set(sockets.map(({ inode }) => inode)), proc);
  const clients = new Map<number | string, ControlClient>();
  for (const { inode, path } of sockets) {
    // The client library names its sockets by the process (wpa_ctrl.c).
    const named = /\/wpa_ctrl_(\d+)-\d+$/.exec(path)?.[1];
    const pid = owners.get(inode) ?? (named === undefined ? null : Number(named));
    const facts = pid === null ? null : readProcess(pid, proc);
    const client = { pid, program: facts?.name ?? null, stopped: facts?.stopped ?? false, path };
    if (pid !== process.pid && !clients.has(pid ?? path)) clients.set(pid ?? path, client);
  }
  return [...clients.values()];
}

/** Which of them does not read, as the middle of a sentence. */
export function suspects(clients: readonly ControlClient[]): string {
  const stopped = clients.filter((client) => client.stopped);
  const [first, ...more] = (stopped.length > 0 ? stopped : clients).map(labelOf);
  if (first === undefined) return 'another program is attached to it and does not read';
  if (more.length === 0) return `${first} is attached to it and does not read`;
  return `one of these is attached to it and does not read: ${[first, ...more].join(', ')}`;
}

function labelOf({ pid, program, stopped, path }: ControlClient): string {
  // Other programs choose these names.
  const name = printable(program ?? path);
  return pid === null ? name : `${name} (pid ${pid}${stopped ? ', stopped' : ''})`;
}

/**
 * Attaches to an interface for a moment, without a session, and tests whether its events come.
 * @returns the programs that may hold them back by not reading, in words; null if the events come
 */
export async function eventsHeldBack(controlFolder: string, name: string): Promise<string | null | Missing> {
  const heldBack = await holdsBackEvents(controlFolder, name).catch((cause: unknown) => {
    return { missing: messageOf(cause) };
  });
  if (isMissing(heldBack)) return heldBack;
  if (!heldBack) return null;
  const clients = controlClients(controlFolder);
  // Without one it is a wpa_supplicant that was built without debug messages.
  return clients.length === 0 ? null : suspects(clients);
}

const REFUSED: Missing = { missing: 'wpa_supplicant does not let another program attach' };

async function holdsBackEvents(controlFolder: string, name: string): Promise<boolean | Missing> {
  const folder = ClientFolder.open();
  try {
    return await new Promise<boolean | Missing>((resolve) => {
      const parts = { open: openUnixDatagram, clock: systemClock, folder };
      const channel = askingChannel(controlFolder, name, parts, (text, level) => {
        if (level < INFO) heartbeat.debugMessage(text);
      });
      const end = (heldBack: boolean | Missing) => {
        limit.cancel();
        channel.close();
        resolve(heldBack);
      };
      const limit = systemClock.after(PATIENT_LIMIT_MS, () =>
        end({ missing: 'wpa_supplicant does not reply' }),
      );
      const heartbeat = new Heartbeat(channel, (result) => {
        channel.request(DETACH, () => end(result === null ? REFUSED : !result.hears));
      });
      channel.request(ATTACH, (outcome) => {
        if ('reply' in outcome && isOk(outcome.reply)) heartbeat.beat();
        else end(REFUSED);
      });
    });
  } finally {
    folder.close();
  }
}

/** Pids by the inodes of their sockets; only root sees those of other users. */
function ownersOf(inodes: ReadonlySet<string>, proc: string): ReadonlyMap<string, number> {
  const owners = new Map<string, number>();
  for (const pid of processIds(proc)) {
    for (const inode of openSockets(pid, proc) ?? []) if (inodes.has(inode)) owners.set(inode, pid);
  }
  return owners;
}
