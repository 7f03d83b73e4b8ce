import { constants, createWriteStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { LOG_FILE_MODE } from './log-file.js';

/** An output stream of the process, or one that a test puts in its place. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What may wait for a reader; a pipe holds another 64 KiB. */
const MOST_WAITING_BYTES = 1_048_576;

/**
 * Writes lines to an output that somebody may have stopped reading: a pipe, a terminal after Ctrl-S, the journal. What
 * does not fit into a bounded queue is dropped, and told as a number once there is room again. Nothing ever waits for it.
 */
export class BoundedOutput {
  readonly #stream: OutputStream;
  readonly #lost: (lines: number) => string;
  #dropped = 0;

  /** @param lost the line that tells how many are missing */
  constructor(stream: OutputStream, lost: (lines: number) => string) {
    this.#stream = stream;
    this.#lost = lost;
    writeWithoutWaiting(stream);
    // A pipe whose reader has gone is no reason to end: the records of this output are lost, the others are not.
    surviveBrokenPipe(stream);
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  write(line: string): void {
    if (this.#dropped === 0 && waiting(this.#stream) <= MOST_WAITING_BYTES) {
      this.#stream.write(line);
      return;
    }
    if (this.#dropped === 0) this.#stream.once('drain', () => this.#tellLost());
    this.#dropped += 1;
  }

  /** The same as a stream, for winston. */
  asStream(): Writable {
    return new Writable({
      decodeStrings: false,
      write: (line: string, _encoding, done) => {
        this.write(line);
        done();
      },
    });
  }

  #tellLost(): void {
    const lines = this.#dropped;
    this.#dropped = 0;
    this.#stream.write(this.#lost(lines));
  }
}

function waiting(stream: OutputStream): number {
  return 'writableLength' in stream && typeof stream.writableLength === 'number' ? stream.writableLength : 0;
}

/**
 * Node writes to a terminal with a call that waits: a terminal that is stopped would stop the session. libuv can do
 * without, and Node has no other way to ask it. Without that handle nothing changes.
 */
function writeWithoutWaiting(stream: OutputStream): void {
  const handle: unknown = stream.isTTY ? Reflect.get(stream, '_handle') : null;
  if (typeof handle !== 'object' || handle === null || !('setBlocking' in handle)) return;
  if (typeof handle.setBlocking === 'function') Reflect.apply(handle.setBlocking, handle, [false]);
}

/** Output streams live as long as the process; one listener each is enough. */
const guarded = new WeakSet<OutputStream>();

function surviveBrokenPipe(stream: OutputStream): void {
  if (guarded.has(stream)) return;
  guarded.add(stream);
  stream.on('error', () => {});
}

/**
 * Opens a file to be written at its end; it may be a FIFO.
 * @throws the error of the file system; ENXIO for a FIFO that nobody reads, whose opening would wait for ever
 */
export function openAppending(path: string): Writable {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, LOG_FILE_MODE);
  if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: false, writable: true });
  return createWriteStream(path, { fd });
}
