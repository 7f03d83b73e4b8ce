/** A UNIX datagram socket as this program needs it: bound, unconnected, told of every datagram at once. */
export interface DatagramSocket {
  /** The path that the socket is bound to: where the other side's replies go. */
  readonly address: string;
  /**
   * Sends one datagram.
   * @throws {DatagramError} with the errno name; `EAGAIN` means that the receiver's queue is full just now.
   */
  send(text: string, to: string): void;
  /** Closes the socket and removes its file. Nothing is delivered afterwards. Safe to call twice. */
  close(): void;
}

/** A UNIX datagram socket that only sends: it is bound to nothing, so nothing can come back. */
export interface DatagramSender {
  /**
   * Sends one datagram.
   * @throws {DatagramError} with the errno name; `EAGAIN` means that the receiver's queue is full just now.
   */
  send(text: string, to: string): void;
  /** Safe to call twice. */
  close(): void;
}

/** `from` is the sender's bound path, or null where it has none (unbound or abstract). */
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
  readonly errno: string;
  readonly path: string;
  /** As errors of Node have them. */
  readonly code: string;
  readonly syscall: string;

  constructor(call: 'bind' | 'send' | 'socket', errno: string, path: string, options?: { cause?: unknown }) {
    super(`${call} ${path}: ${errno}`, options);
    this.path = path;
    this.code = errno;
    this.syscall = call;
    this.errno = errno;
  }
}
