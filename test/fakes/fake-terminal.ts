import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** A terminal to write to that keeps what was written, write by write. */
export class FakeTerminal extends Writable {
  readonly writes: string[] = [];
  columns: number;
  rows: number;
  isTTY = true;
  /** It takes what is written next, and then no more until `release`. */
  stuck = false;
  #waiting: (() => void) | null = null;

  constructor(columns = 80, rows = 24) {
    super({ highWaterMark: 16, decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  get text(): string {
    return this.writes.join('');
  }

  /** What a person could have read so far, in whatever place. */
  get words(): string {
    return stripVTControlCharacters(this.text);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }

  release(): void {
    this.stuck = false;
    this.#waiting?.();
    this.#waiting = null;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push(chunk);
    if (this.stuck) this.#waiting = done;
    else done();
  }
}

/** A keyboard: `write` what is typed. */
export class FakeKeyboard extends PassThrough {
  readonly isTTY: boolean;
  raw = false;

  constructor(isTTY = true) {
    super();
    this.isTTY = isTTY;
  }

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }
}
