import { chmodSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import { HostP2pError, messageOf } from '../system/errors.js';
import { packageFolder } from '../system/version.js';

/**
 * UNIX datagram sockets, which Node.js does not have. This is the only file that loads the native addon; it deals with the
 * addon's traps, which native-notes/unix-dgram.md describes. The sockets stay unconnected on purpose: the addon aborts the
 * process on a poll error, which only a connected datagram socket can have, and another client's stuck socket makes
 * wpa_supplicant re-create its own, which disconnects connected clients (ctrl_iface_unix.c).
 */

/** A socket that only sends. It is bound to nothing, so nothing can come back. */
export interface DatagramSender {
  /**
   * Sends one datagram.
   * @throws {DatagramError} with the errno name; `EAGAIN` means that the receiver's queue is full at the moment
   */
  send(text: string, to: string): void;
  /** Safe to call twice. Removes the socket's file, if it has one; nothing is delivered afterwards. */
  close(): void;
}

export interface DatagramSocket extends DatagramSender {
  /** The path that the socket is bound to: where the other side's replies go. */
  readonly address: string;
}

/** `from` is the sender's bound path, or null if it has none (unbound or abstract). */
export type DatagramListener = (data: Buffer, from: string | null) => void;

/**
 * Binds a datagram socket to `address`; a stale file of that name is replaced.
 * @throws {DatagramError} when it cannot be bound
 */
export type OpenDatagram = (address: string, listener: DatagramListener) => DatagramSocket;

/** Longest path that fits `sockaddr_un.sun_path` with its terminating NUL (Linux: 108 bytes). */
export const MAX_ADDRESS_BYTES = 107;

/** A failed socket call, with the kernel's name for the reason (`ENOENT`, `ECONNREFUSED`, `EACCES` …). */
export class DatagramError extends Error {
  override readonly name = 'DatagramError';
  readonly path: string;
  /** As Node's own errors have them. */
  readonly code: string;
  readonly syscall: string;

  constructor(call: 'bind' | 'send' | 'socket', errno: string, path: string, options?: { cause?: unknown }) {
    super(`${call} ${path}: ${errno}`, options);
    this.path = path;
    this.code = errno;
    this.syscall = call;
  }
}

export const openUnixDatagram: OpenDatagram = (address, listener) => {
  checkLength('bind', address);
  let open = true;
  const socket = create(address, (data, sender) => {
    if (open) listener(data, sender.path || null);
  });
  unlinkIfThere(address);
  bind(socket, address);
  const { send, close } = sender(socket);
  return {
    address,
    send,
    close() {
      if (!open) return;
      open = false;
      close();
      unlinkIfThere(address);
    },
  };
};

/**
 * A socket for notifications that need no answer. It keeps the event loop alive until it is closed.
 * @throws {DatagramError}
 */
export function openUnixSender(): DatagramSender {
  return sender(create('(unbound)', () => {}));
}

function sender(socket: AddonSocket): DatagramSender {
  let open = true;
  return {
    send(text, to) {
      checkLength('send', to);
      const data = Buffer.from(text);
      let failure: unknown;
      socket.send(data, 0, data.length, to, (error) => {
        failure = error;
      });
      if (failure) throw new DatagramError('send', errnoName(failure), to, { cause: failure });
    },
    close() {
      if (open) socket.close();
      open = false;
    },
  };
}

/** The part of unix-dgram 2.0 that is used here; the package ships no types. */
interface Addon {
  createSocket(
    type: 'unix_dgram',
    listener: (data: Buffer, sender: { readonly path: string | null }) => void,
  ): AddonSocket;
}

interface AddonSocket {
  /** Emits `listening` or `error` before it returns. */
  bind(path: string): void;
  once(event: 'error', listener: (error: unknown) => void): void;
  /** Calls back before it returns. */
  send(data: Buffer, offset: number, length: number, path: string, done: (error?: unknown) => void): void;
  close(): void;
}

let addon: Addon | undefined;

/**
 * Loads the native addon, at its first use: what needs no socket works without it.
 * @throws {HostP2pError} ADDON, in one line, with what to do
 */
export function loadAddon(): Addon {
  try {
    const loaded: Addon = addon ?? createRequire(import.meta.url)('unix-dgram');
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
    return `it is not installed; run "npm install" in ${packageFolder()}, or install hostp2pd again`;
  }
  const fix = `run "npm rebuild unix-dgram" in ${root}, or install hostp2pd again`;
  if (built !== undefined && wanted !== undefined)
    return `expected it compiled for Node.js ${process.version} (module version ${wanted}), got module version ${built}; ${fix}, with this Node.js`;
  // The package "bindings" lists every place where it has looked.
  if (/^Could not locate the bindings file/.test(text)) return `it has not been compiled; ${fix}`;
  return `${text.split('\n')[0]}; ${fix}`;
}

/** The folder whose node_modules holds a package; null if there is none. */
function folderOf(name: string): string | null {
  try {
    const file = createRequire(import.meta.url).resolve(name);
    return file.slice(0, file.lastIndexOf(`/node_modules/${name}/`)) || '/';
  } catch {
    return null;
  }
}

/** The addon cuts a longer path without an error, and then uses another file. */
function checkLength(call: 'bind' | 'send', path: string): void {
  if (Buffer.byteLength(path) > MAX_ADDRESS_BYTES) throw new DatagramError(call, 'ENAMETOOLONG', path);
}

function create(address: string, listener: Parameters<Addon['createSocket']>[1]): AddonSocket {
  try {
    return loadAddon().createSocket('unix_dgram', listener);
  } catch (cause) {
    if (cause instanceof HostP2pError) throw cause;
    throw new DatagramError('socket', errnoName(cause), address, { cause });
  }
}

function bind(socket: AddonSocket, address: string): void {
  let failure: unknown;
  socket.once('error', (error) => {
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
    // Not there, or the folder has gone: either way the name is free, or bind will say why not.
  }
}

/** The addon gives negative errno numbers as `code`; Node's own file errors give names. */
function errnoName(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return 'UNKNOWN';
  if (typeof error.code === 'number' && error.code < 0) return getSystemErrorName(error.code);
  return typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
