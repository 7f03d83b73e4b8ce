import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** A terminal that keeps what is written to it, one entry for each write. */
export class FakeTerminal extends Writable {
  readonly writes: string[] = [];
  columns: number;
  rows: number;
  isTTY = true;
  /** It accepts one more write and then none until `release`. */
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

  /** All text so far, without control sequences. */
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

/** A keyboard: `write` types. */
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
