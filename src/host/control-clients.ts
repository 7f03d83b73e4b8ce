import { readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '../system/clock.js';
import { printable } from '../system/names.js';
import { ClientFolder } from '../wpa/client-folder.js';
import { ATTACH, DETACH } from '../wpa/command.js';
import { Heartbeat, INFO } from '../wpa/heartbeat.js';
import { isOk } from '../wpa/reply.js';
import { openUnixDatagram } from '../wpa/unix-datagram.js';
import { ANSWER_LIMIT_MS, askingChannel } from './ask-control.js';

/** A program that has a socket connected to a control socket, as far as can be told. */
export interface ControlClient {
  /** Null where it could not be found. */
  readonly pid: number | null;
  readonly program: string | null;
  /** Stopped by a signal (Ctrl-Z) or a debugger, so it reads nothing. */
  readonly stopped: boolean;
  /** Where its socket is bound; an abstract name begins with `@`. */
  readonly path: string;
}

/**
 * Programs that can be attached to a control socket of wpa_supplicant and hold back its events by not reading: those with a
 * bound datagram socket that is connected. (What is sent to a socket that is not connected does not pile up: the kernel
 * refuses the eleventh.) /proc/net/unix does not say to which socket one is connected, so the list can hold strangers.
 * Never rejects.
 *
 * @param controlFolder wpa_supplicant's own sockets, which are not clients
 */
export async function controlClients(controlFolder: string, root = '/'): Promise<readonly ControlClient[]> {
  const table = await readFile(join(root, 'proc/net/unix'), 'utf8').catch(() => '');
  const sockets = connectedSockets(table).filter(({ path }) => dirname(path) !== controlFolder);
  if (sockets.length === 0) return [];
  const owners = await ownersOf(root, new Set(sockets.map(({ inode }) => inode)));
  const found = await Promise.all(
    sockets.map(async ({ inode, path }): Promise<ControlClient> => {
      // The client library names its sockets by the process (wpa_ctrl.c).
      const named = /\/wpa_ctrl_(\d+)-\d+$/.exec(path)?.[1];
      const pid = owners.get(inode) ?? (named === undefined ? null : Number(named));
      return { pid, path, ...(await processOf(root, pid)) };
    }),
  );
  const others = found.filter(({ pid }) => pid !== process.pid);
  return others.filter(
    ({ pid, path }, i) =>
      others.findIndex((one) => (pid === null ? one.path === path : one.pid === pid)) === i,
  );
}

/** Who does not read, as the middle of a sentence. */
export function suspects(clients: readonly ControlClient[]): string {
  const stopped = clients.filter((client) => client.stopped);
  const [first, ...more] = (stopped.length > 0 ? stopped : clients).map(labelOf);
  if (first === undefined) return 'another program is attached to it and does not read';
  if (more.length === 0) return `${first} is attached to it and does not read`;
  return `one of these is attached to it and does not read: ${[first, ...more].join(', ')}`;
}

/**
 * Attaches to an interface for a moment, without a session, and looks whether its events come.
 * @returns who can be holding them back by not reading, in words; null where they come, or that cannot be told
 */
export async function eventsHeldBack(controlFolder: string, name: string): Promise<string | null> {
  const deaf = await isDeaf(controlFolder, name).catch(() => false);
  if (!deaf) return null;
  const clients = await controlClients(controlFolder);
  // Without one it is a wpa_supplicant that was built without debug messages.
  return clients.length === 0 ? null : suspects(clients);
}

async function isDeaf(controlFolder: string, name: string): Promise<boolean> {
  const folder = ClientFolder.open();
  try {
    return await new Promise<boolean>((resolve) => {
      const parts = { open: openUnixDatagram, clock: systemClock, folder };
      const channel = askingChannel(controlFolder, name, parts, (text, level) => {
        if (level < INFO) heartbeat.debugMessage(text);
      });
      const end = (deaf: boolean) => {
        limit.cancel();
        channel.close();
        resolve(deaf);
      };
      const limit = systemClock.after(ANSWER_LIMIT_MS, () => end(false));
      const heartbeat = new Heartbeat(channel, (pulse) => {
        channel.request(DETACH, () => end(pulse !== null && !pulse.hears));
      });
      channel.request(ATTACH, (outcome) => {
        if ('reply' in outcome && isOk(outcome.reply)) heartbeat.beat();
        else end(false);
      });
    });
  } finally {
    folder.close();
  }
}

function labelOf({ pid, program, stopped, path }: ControlClient): string {
  // Chosen by others.
  const name = printable(program ?? path);
  return pid === null ? name : `${name} (pid ${pid}${stopped ? ', stopped' : ''})`;
}

const DATAGRAM = '0002';
/** SS_CONNECTED of the kernel. */
const CONNECTED = '03';

function connectedSockets(table: string): { readonly inode: string; readonly path: string }[] {
  return table.split('\n').flatMap((line) => {
    const [, , , , type, state, inode, path] = line.trim().split(/ +/);
    if (type !== DATAGRAM || state !== CONNECTED || inode === undefined || path === undefined) return [];
    // systemd's own have nothing to do with wpa_supplicant.
    return path.startsWith('/run/systemd/') ? [] : [{ inode, path }];
  });
}

/** Processes by the inodes of their sockets; of other users' processes only root sees them. */
async function ownersOf(root: string, inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const proc = join(root, 'proc');
  const pids = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const owners = new Map<string, number>();
  for (const pid of pids) {
    const folder = join(proc, pid, 'fd');
    const names = await readdir(folder).catch(() => []);
    const links = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')));
    for (const link of links) {
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (inode !== undefined && inodes.has(inode)) owners.set(inode, Number(pid));
    }
  }
  return owners;
}

async function processOf(
  root: string,
  pid: number | null,
): Promise<Pick<ControlClient, 'program' | 'stopped'>> {
  if (pid === null) return { program: null, stopped: false };
  const stat = await readFile(join(root, 'proc', String(pid), 'stat'), 'utf8').catch(() => '');
  // `pid (name) state …`; a name may hold parentheses.
  const [, program, state] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? [];
  return { program: program ?? null, stopped: state === 'T' || state === 't' };
}
