/** The part of unix-dgram 2.0 that is used here; the package ships no types. */
declare module 'unix-dgram' {
  import type { EventEmitter } from 'node:events';

  /** `code` and `errno` hold the negative errno number, not its name. */
  export interface UnixDgramError extends Error {
    readonly code: number;
  }

  export interface UnixDgramSocket extends EventEmitter {
    /** Emits `listening` or `error` before it returns. */
    bind(path: string): void;
    /** Calls back before it returns. */
    send(
      data: Buffer,
      offset: number,
      length: number,
      path: string,
      done: (error?: UnixDgramError) => void,
    ): void;
    close(): void;
  }

  export interface SenderInfo {
    readonly size: number;
    readonly path: string | null;
  }

  export interface UnixDgram {
    createSocket(type: 'unix_dgram', listener: (data: Buffer, sender: SenderInfo) => void): UnixDgramSocket;
  }
}
