import { constants, createWriteStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { LOG_FILE_MODE } from './log-file.js';

/** An output stream of the process, or one that a test puts in its place. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** The longest queue; a pipe holds another 64 KiB. */
const MAX_QUEUED_BYTES = 1_048_576;

/**
 * Writes lines to an output whose reader may have stopped: a pipe, a terminal after Ctrl-S, the journal. Lines that do not
 * fit into a bounded queue are dropped; their number is written once there is room again. The caller never waits.
 */
export class BoundedOutput {
  readonly #stream: OutputStream;
  readonly #lostLine: (lines: number) => string;
  #dropped = 0;

  /** @param lostLine the line that says how many are missing */
  constructor(stream: OutputStream, lostLine: (lines: number) => string) {
    this.#stream = stream;
    this.#lostLine = lostLine;
    writeWithoutWaiting(stream);
    // If the reader of a pipe has gone, only the records of this output are lost; the program goes on.
    surviveBrokenPipe(stream);
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  write(line: string): void {
    if (this.#dropped === 0 && queuedBytes(this.#stream) <= MAX_QUEUED_BYTES) {
      this.#stream.write(line);
      return;
    }
    if (this.#dropped === 0) this.#stream.once('drain', () => this.#reportLost());
    this.#dropped += 1;
  }

  /** This output as a stream, for winston. */
  asStream(): Writable {
    return new Writable({
      decodeStrings: false,
      write: (line: string, _encoding, done) => {
        this.write(line);
        done();
      },
    });
  }

  #reportLost(): void {
    const lines = this.#dropped;
    this.#dropped = 0;
    this.#stream.write(this.#lostLine(lines));
  }
}

function queuedBytes(stream: OutputStream): number {
  return 'writableLength' in stream && typeof stream.writableLength === 'number' ? stream.writableLength : 0;
}

/**
 * Node writes to a terminal with a blocking call, so a stopped terminal would stop the session. libuv can write without
 * blocking, but Node has no public way to ask for it. Without this internal handle nothing changes.
 */
function writeWithoutWaiting(stream: OutputStream): void {
  const handle: unknown = stream.isTTY ? Reflect.get(stream, '_handle') : null;
  if (typeof handle !== 'object' || handle === null || !('setBlocking' in handle)) return;
  if (typeof handle.setBlocking === 'function') Reflect.apply(handle.setBlocking, handle, [false]);
}

/** Output streams live as long as the process: each needs one listener, however many outputs use it. */
const guarded = new WeakSet<OutputStream>();

function surviveBrokenPipe(stream: OutputStream): void {
  if (guarded.has(stream)) return;
  guarded.add(stream);
  stream.on('error', () => {});
}

/**
 * Opens a file, or a FIFO, to append to it.
 * @throws the error of the file system; ENXIO for a FIFO without a reader, which would otherwise block for ever
 */
export function openAppending(path: string): Writable {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, LOG_FILE_MODE);
  if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: false, writable: true });
  return createWriteStream(path, { fd });
}
