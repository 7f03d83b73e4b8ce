import { chmodSync, unlinkSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { codeOf } from '../system/errors.js';
import { loadAddon } from './native-addon.js';

/**
 * UNIX datagram sockets, which Node.js does not have. This is the only file that uses the native addon; it deals with the
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
  const socket = new AddonSocket(address, (data, from) => {
    if (open) listener(data, from);
  });
  unlinkIfThere(address);
  bind(socket, address);
  return {
    address,
    send: (text, to) => socket.send(text, to),
    close() {
      if (!open) return;
      open = false;
      socket.close();
      unlinkIfThere(address);
    },
  };
};

/**
 * A socket for notifications that need no answer. It keeps the event loop alive until it is closed.
 * @throws {DatagramError}
 */
export function openUnixSender(): DatagramSender {
  return new AddonSocket('(unbound)', () => {});
}

/**
 * Up to Node.js 24 (module version 137), promises that a listener settles continue when it returns. In Node.js 26 they wait
 * for the next callback of Node.js itself, so one is made: it comes in the same turn of the event loop.
 */
const PROMISES_WAIT = Number(process.versions.modules) > 137;

/** A socket of the addon, not bound yet. */
class AddonSocket implements DatagramSender {
  readonly #addon = loadAddon();
  /** -1 after it has been closed. */
  #fd: number;
  /** The path that was sent to last, which need not be checked again. */
  #lastTo = '';

  constructor(address: string, listener: DatagramListener) {
    const { socket, AF_UNIX, SOCK_DGRAM } = this.#addon;
    const received = (_status: number, data: Buffer | null, from: string | null) => {
      if (PROMISES_WAIT) setImmediate(() => {});
      // No data: recvmsg() has failed.
      if (data !== null) listener(data, from || null);
    };
    this.#fd = socket(AF_UNIX, SOCK_DGRAM, 0, received, () => {});
    if (this.#fd < 0) throw new DatagramError('socket', getSystemErrorName(this.#fd), address);
  }

  bind(address: string): void {
    const status = this.#addon.bind(this.#fd, address);
    if (status < 0) throw new DatagramError('bind', getSystemErrorName(status), address);
  }

  send(text: string, to: string): void {
    if (to !== this.#lastTo) checkLength('send', to);
    this.#lastTo = to;
    const data = Buffer.from(text);
    const status = this.#addon.sendto(this.#fd, data, 0, data.length, to);
    if (status < 0) throw new DatagramError('send', getSystemErrorName(status), to);
  }

  close(): void {
    if (this.#fd >= 0) this.#addon.close(this.#fd);
    this.#fd = -1;
  }
}

/** The addon cuts a longer path without an error, and then uses another file. */
function checkLength(call: 'bind' | 'send', path: string): void {
  if (Buffer.byteLength(path) > MAX_ADDRESS_BYTES) throw new DatagramError(call, 'ENAMETOOLONG', path);
}

/** Binds the socket, or closes it. */
function bind(socket: AddonSocket, address: string): void {
  try {
    socket.bind(address);
    // wpa_supplicant answers by sending to this file, so it needs write permission on it.
    chmodSync(address, 0o660);
  } catch (cause) {
    socket.close();
    if (cause instanceof DatagramError) throw cause;
    throw new DatagramError('bind', codeOf(cause) ?? 'UNKNOWN', address, { cause });
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there, or the folder has gone: either way the name is free, or bind will say why not.
  }
}
