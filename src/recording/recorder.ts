import type { Settings } from '../config/schema.js';
import { type FileKind, logFileNames, openRotatingOutput, type RotatingOutput } from '../logging/log-file.js';
import type { Logger } from '../logging/logger.js';
import type { World } from '../session/messages.js';
import type { StoredGroup } from '../session/model.js';
import { codeOf, messageOf } from '../system/errors.js';
import { fileLockAddress } from '../system/lock-address.js';
import { bindLock } from '../system/lock-socket.js';
import type { ReportProblem } from '../system/problems.js';
import { listenerOf } from '../system/processes.js';
import { version } from '../system/version.js';
import { shownEvent } from '../wpa/shown-text.js';
import { type Position, plainHead, plainStep, type Readings, type Step, watched } from './format.js';
import { SecretMask } from './secret-mask.js';

const RECORDING: FileKind = { what: 'recording', output: 'recording', setting: 'record', mode: 0o600 };
/** The last 16 MB are kept, at most of eight days: each day begins a new file, too. */
const FILE_BYTES = 2_000_000;
const OLD_FILES = 7;
/** Limits the memory that lines take while the disk does not keep up. */
const MAX_QUEUED_BYTES = 1_000_000;
const MAX_LINES = 4_000;
/** Loading the rotation blocks the event loop for longer than forming a group takes. Until then the lines wait. */
const OPEN_AFTER_MS = 3_000;

interface RecorderOptions {
  /** A link with this name always leads to the newest file. */
  readonly file: string;
  readonly logger: Logger;
  readonly onProblem?: ReportProblem;
  /** What the machine has now, between two steps. */
  readonly position: () => Position;
}

/**
 * Records the steps of a session. It writes after the effects of a step have been carried out, and waits for nothing. What it
 * could not write is replaced by a head, which has the state of the machine after it.
 */
export class Recorder {
  readonly file: string;
  readonly #options: RecorderOptions;
  readonly #mask = new SecretMask();
  readonly #version = version();
  readonly #timer: NodeJS.Timeout;
  #opening: Promise<void> | undefined;
  #output: RotatingOutput | undefined;
  #stream: NodeJS.WritableStream | undefined;
  /** Lines that are written when the event loop comes round. */
  #lines: string[] = [];
  /** Steps are missing: the next line is a head. */
  #gap = false;
  #missing = 0;
  /** The file is a new one: its head follows the lines that began it. */
  #fresh = false;
  #queued = 0;
  #readings: Readings = {};
  /** As last written. */
  #deviceInterface = '';
  #settings: Settings | undefined;
  #stored: StoredGroup | null = null;
  #broken = false;
  #unlock: () => void = () => {};

  /** Begins to take steps. The file is opened a little later. */
  constructor(options: RecorderOptions) {
    this.#options = options;
    this.file = options.file;
    // The last line of the file may be cut off.
    this.#lines = ['', this.#head()];
    this.#timer = setTimeout(() => void this.open(), OPEN_AFTER_MS).unref();
  }

  /** Opens the file now. Never rejects: one that cannot be written is a warning, and is tried again. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => this.#fail(error));
    return this.#opening;
  }

  /** The world of the next step, with everything noted that the machine reads from it. */
  watch(world: World): World {
    this.#readings = {};
    return watched(world, this.#readings);
  }

  /** Takes the step that was made in this world. */
  note(step: Step, world: World): void {
    if (this.#broken) return;
    try {
      this.#note(step, world);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Settles when all lines are in the files. */
  async close(): Promise<void> {
    await this.open();
    this.#flush();
    this.#broken = true;
    await this.#output?.end();
    this.#unlock();
  }

  /** What happens is recorded: the file is open, is opened soon, or is tried again. */
  get active(): boolean {
    return !this.#broken;
  }

  /** A bug here, or a part of the program that was removed, must not end the session. */
  #fail(error: unknown): void {
    this.#broken = true;
    this.#lines = [];
    const reason = messageOf(error);
    this.#options.logger.log('error', `nothing is recorded: ${reason}`);
    this.#options.onProblem?.({
      reason,
      waitsFor: 'another record in a reload, or a restart',
      nextTryAt: null,
    });
  }

  async #open(): Promise<void> {
    clearTimeout(this.#timer);
    const { file, logger, onProblem } = this.#options;
    await this.#lock(file);
    this.#output = await openRotatingOutput({
      kind: RECORDING,
      names: logFileNames(file),
      maxSize: FILE_BYTES,
      maxFiles: OLD_FILES,
      attach: ({ logStream }) => this.#attach(logStream),
      detach: () => {
        this.#stream = undefined;
        this.#gap = true;
      },
      onWritten: (bytes) => {
        this.#queued = Math.max(0, this.#queued - bytes);
      },
      report: (_level, message) => logger.log('warning', message),
      onProblem,
    });
    this.#flush();
  }

  /** @throws {Error} if another session records into the file: their lines could not be told apart */
  async #lock(file: string): Promise<void> {
    const address = fileLockAddress(file);
    const bound = await bindLock(address);
    if (!('problem' in bound)) {
      this.#unlock = () => void bound.close();
      return;
    }
    const { problem } = bound;
    if (codeOf(problem) !== 'EADDRINUSE') throw problem;
    const pid = listenerOf(address);
    const holder = `another hostp2pd${pid === null ? '' : `, pid ${pid},`}`;
    throw new Error(`${holder} records into ${file}; set record to another file for one of them`);
  }

  #attach(stream: NodeJS.WritableStream): void {
    this.#stream = stream;
    this.#queued = 0;
    stream.on('rotate', () => {
      this.#fresh = true;
    });
  }

  #note(step: Step, { deviceInterface, settings, stored }: World): void {
    const readings = this.#readings;
    if (deviceInterface !== this.#deviceInterface) readings.deviceInterface = deviceInterface;
    if (settings !== this.#settings) readings.settings = settings;
    if (stored !== this.#stored) readings.stored = stored;
    [this.#deviceInterface, this.#settings, this.#stored] = [deviceInterface, settings, stored];
    const world = Object.keys(readings).length > 0 ? { world: readings } : {};
    if (this.#lines.length === 0) setImmediate(() => this.#flush());
    const line = this.#mask.json(plainStep({ ...step, ...world, text: textOf(step) }));
    if (this.#lines.length < MAX_LINES) this.#lines.push(line);
    else this.#gap = true;
  }

  #flush(): void {
    if (this.#output === undefined || this.#broken) return;
    const lines = this.#lines;
    this.#lines = [];
    try {
      this.#output.ready();
      this.#put(lines);
    } catch (error) {
      this.#fail(error);
    }
  }

  #put(lines: readonly string[]): void {
    if (this.#stream === undefined || this.#queued > MAX_QUEUED_BYTES) {
      this.#gap = true;
      if (this.#stream !== undefined) this.#missing += lines.length;
      return;
    }
    if (this.#gap) {
      this.#gap = false;
      this.#fresh = false;
      // The line before may be cut off.
      this.#write(['', this.#head()]);
      if (this.#missing > 0)
        this.#options.logger.log(
          'warning',
          `${this.#missing} steps are missing in the recording: the disk did not keep up`,
        );
      this.#missing = 0;
      return;
    }
    if (lines.length > 0) this.#write(lines);
    if (!this.#fresh) return;
    this.#fresh = false;
    this.#write([this.#head()]);
  }

  #head(): string {
    const position = this.#options.position();
    // In a step, only what differs from these is written.
    this.#deviceInterface = position.deviceInterface;
    this.#settings = position.settings;
    this.#stored = position.stored;
    return this.#mask.json(plainHead({ ...position, version: this.#version, time: new Date() }));
  }

  #write(lines: readonly string[]): void {
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    this.#queued += bytes.length;
    this.#stream?.write(bytes);
  }
}

/** The machine reads nothing of an event without a parser. */
function textOf({ input, text }: Step): string | undefined {
  return input.type === 'event' && text !== undefined ? shownEvent(text) : text;
}
