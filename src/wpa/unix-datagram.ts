import { chmodSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { getSystemErrorName } from 'node:util';
import type { UnixDgram, UnixDgramError, UnixDgramSocket } from 'unix-dgram';
import { HostP2pError, messageOf } from '../system/errors.js';
import {
  DatagramError,
  type DatagramListener,
  type DatagramSender,
  type DatagramSocket,
  MAX_ADDRESS_BYTES,
} from './datagram.js';

/**
 * The only importer of the native addon; its traps are dealt with here and told in native-notes/unix-dgram.md.
 * The sockets stay unconnected on purpose: the addon aborts the process on a poll error, which only a connected
 * datagram socket can have, and another client's stuck socket makes wpa_supplicant re-create its own, which
 * throws connected clients off (ctrl_iface_unix.c).
 */
export function openUnixDatagram(address: string, listener: DatagramListener): DatagramSocket {
  checkLength('bind', address);
  let open = true;
  const socket = create(address, (data, sender) => {
    if (open) listener(data, sender.path || null);
  });
  unlinkIfThere(address);
  bind(socket, address);

  return {
    address,
    send: (text, to) => send(socket, text, to),
    close() {
      if (!open) return;
      open = false;
      socket.close();
      unlinkIfThere(address);
    },
  };
}

/**
 * A socket for notifications, which nobody answers. Unbound, it leaves no file behind. It keeps the event loop alive
 * until it is closed.
 * @throws {DatagramError} when there can be none
 */
export function openUnixSender(): DatagramSender {
  const socket = create('(unbound)', () => {});
  let open = true;
  return {
    send: (text, to) => send(socket, text, to),
    close() {
      if (!open) return;
      open = false;
      socket.close();
    },
  };
}

let addon: UnixDgram | undefined;

/**
 * Loads the native addon, at its first use: what needs no socket works without it.
 * @throws {HostP2pError} ADDON, in one line, with what to do
 */
export function loadAddon(): void {
  unixDgram();
}

/** The package ships no types, so ours must not appear in what this file exports. */
function unixDgram(): UnixDgram {
  try {
    const loaded: UnixDgram = addon ?? createRequire(import.meta.url)('unix-dgram');
    addon = loaded;
    return loaded;
  } catch (cause) {
    throw new HostP2pError('ADDON', `the native module unix-dgram cannot be loaded: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function reasonOf(error: unknown): string {
  const text = messageOf(error);
  const [built, wanted] = [...text.matchAll(/NODE_MODULE_VERSION (\d+)/g)].map(([, version]) => version);
  const root = folderOf('unix-dgram');
  if (root === null) {
    const own = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
    return `it is not installed; run "npm install" in ${own}, or install hostp2pd again`;
  }
  const cure = `run "npm rebuild unix-dgram" in ${root}, or install hostp2pd again`;
  if (built !== undefined && wanted !== undefined)
    return `expected it compiled for Node.js ${process.version} (module version ${wanted}), got module version ${built}; ${cure}, with this Node.js`;
  // "bindings" lists every place where it has looked.
  if (/^Could not locate the bindings file/.test(text)) return `it has not been compiled; ${cure}`;
  return `${text.split('\n')[0]}; ${cure}`;
}

/** The folder whose node_modules holds a package; null where there is none. */
function folderOf(name: string): string | null {
  try {
    const file = createRequire(import.meta.url).resolve(name);
    return file.slice(0, file.lastIndexOf(`/node_modules/${name}/`)) || '/';
  } catch {
    return null;
  }
}

function send(socket: UnixDgramSocket, text: string, to: string): void {
  checkLength('send', to);
  const data = Buffer.from(text);
  let failure: UnixDgramError | undefined;
  socket.send(data, 0, data.length, to, (error) => {
    failure = error;
  });
  if (failure) throw new DatagramError('send', errnoName(failure), to, { cause: failure });
}

/** The addon cuts a longer path without a word, and then takes some other file. */
function checkLength(call: 'bind' | 'send', path: string): void {
  if (Buffer.byteLength(path) > MAX_ADDRESS_BYTES) throw new DatagramError(call, 'ENAMETOOLONG', path);
}

function create(
  address: string,
  listener: (data: Buffer, sender: { path: string | null }) => void,
): UnixDgramSocket {
  try {
    return unixDgram().createSocket('unix_dgram', listener);
  } catch (cause) {
    if (cause instanceof HostP2pError) throw cause;
    throw new DatagramError('socket', errnoName(cause), address, { cause });
  }
}

function bind(socket: UnixDgramSocket, address: string): void {
  let failure: unknown;
  socket.once('error', (error: unknown) => {
    failure = error;
  });
  socket.bind(address);
  if (failure === undefined) {
    try {
      // wpa_supplicant answers by sending to this file, so it needs write permission on it.
      chmodSync(address, 0o660);
      return;
    } catch (error) {
      failure = error;
    }
  }
  socket.close();
  throw new DatagramError('bind', errnoName(failure), address, { cause: failure });
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there, or the folder went away: either way the name is free or bind will say why not.
  }
}

/** The addon gives negative errno numbers as `code`; Node's own file errors give names. */
function errnoName(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return 'UNKNOWN';
  if (typeof error.code === 'number' && error.code < 0) return getSystemErrorName(error.code);
  return typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
