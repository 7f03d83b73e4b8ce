import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { JsonValue, Output, RunOptions } from '../commands/command.js';
import type { DeviceArgument } from '../commands/devices.js';
import type { EventLine } from '../commands/journal.js';
import { JOURNAL_ENTRIES } from '../commands/journal.js';
import type { CommandTarget } from '../commands/target.js';
import { ERROR_CODES, type ErrorCode, HostP2pError } from '../system/errors.js';
import { accessDenied } from './find-socket.js';
import { remoteView } from './remote-views.js';
import { presenceOf } from './socket-file.js';

/** How long, and how often, it is tried to get a place beside many other clients. */
const CROWDED_MS = 5_000;
const CROWDED_STEP_MS = 10;
const QUERY_LIMIT_MS = 15_000;
/** The longest search takes two minutes. */
const COMMAND_LIMIT_MS = 300_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_LINE_CHARACTERS = 1024 * 1024;

/** The session of another process, through its control socket. */
export class RemoteTarget implements CommandTarget {
  readonly context = null;
  readonly path: string;
  /** Resolves when followed events end, with the reason: the daemon has ended, or has closed the connection. */
  readonly ended: Promise<HostP2pError>;
  #end: (reason: HostP2pError) => void = () => {};

  /** @param path of the socket; see {@link findControlSocket} */
  constructor(path: string) {
    this.path = path;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * The same, once hostp2pd has answered there.
   * @throws {HostP2pError} NOT_RUNNING; CONTROL_DENIED with the users who may; CONTROL_TIMEOUT, CONTROL_CLOSED, BUSY
   */
  static async connect(path: string): Promise<RemoteTarget> {
    const target = new RemoteTarget(path);
    const status = await target.get('/v1/status');
    if (typeof fieldOf(status, 'version') !== 'string') throw notHostP2pD(path);
    return target;
  }

  /**
   * The answer at a path of the API, such as `/v1/status`.
   * @throws {HostP2pError}
   */
  get(path: string, signal?: AbortSignal): Promise<JsonValue> {
    return ask(this.path, { path, signal, limitMs: QUERY_LIMIT_MS });
  }

  async execute(name: string, words: readonly string[], options: RunOptions = {}): Promise<Output> {
    const { signal, columns } = options;
    const view = words.length === 0 ? remoteView(name) : undefined;
    if (view) return view((path) => this.get(path, signal), options);
    const answer = await ask(this.path, {
      path: `/v1/commands/${encodeURIComponent(name)}`,
      body: { arguments: words, ...(columns === undefined ? {} : { columns }) },
      signal,
      limitMs: COMMAND_LIMIT_MS,
    });
    const result = fieldOf(answer, 'result');
    const text = fieldOf(answer, 'text');
    if (result === undefined || typeof text !== 'string') throw notHostP2pD(this.path);
    return { value: result, text };
  }

  async events(count: number): Promise<readonly EventLine[]> {
    const lines: EventLine[] = [];
    await this.#readEvents(`follow=false&last=${withinJournal(count)}`, undefined, (line) =>
      lines.push(line),
    );
    return lines;
  }

  follow(listener: (line: EventLine) => void, last = 0): () => void {
    const stop = new AbortController();
    void this.#follow(listener, withinJournal(last), stop.signal);
    return () => stop.abort();
  }

  async complete(what: DeviceArgument): Promise<readonly string[]> {
    const words = await this.get(`/v1/completions/${what}`);
    return Array.isArray(words) ? words.filter((word) => typeof word === 'string') : [];
  }

  async #follow(listener: (line: EventLine) => void, last: number, signal: AbortSignal): Promise<void> {
    let reason = new HostP2pError('NOT_RUNNING', `${this.path}: hostp2pd has ended`);
    try {
      await this.#readEvents(`last=${last}`, signal, (line) => {
        // Lines that arrived together with the last one that was wanted.
        if (!signal.aborted) listener(line);
      });
    } catch (error) {
      if (!(error instanceof HostP2pError)) throw error;
      reason = error;
    }
    if (!signal.aborted) this.#end(reason);
  }

  #readEvents(
    query: string,
    signal: AbortSignal | undefined,
    take: (line: EventLine) => void,
  ): Promise<void> {
    const request = { path: `/v1/events?${query}`, signal, limitMs: QUERY_LIMIT_MS };
    return readLines(this.path, request, (line) => take(eventLine(this.path, parseJson(this.path, line))));
  }
}

function withinJournal(count: number): number {
  return Math.max(0, Math.min(Math.trunc(count), JOURNAL_ENTRIES));
}

function eventLine(path: string, line: JsonValue): EventLine {
  const { time, text, ...fields } = isObject(line) ? line : {};
  const { type } = fields;
  if (typeof time !== 'string' || typeof text !== 'string' || typeof type !== 'string')
    throw notHostP2pD(path);
  return { entry: { time, event: { ...fields, type } }, text };
}

interface Request {
  /** Path of the API, with its query. */
  readonly path: string;
  /** Makes it a POST. */
  readonly body?: JsonValue;
  readonly signal?: AbortSignal | undefined;
  /** Time limit for the whole answer, or for the beginning of a stream. */
  readonly limitMs: number;
}

/**
 * Sends a request and reads the whole answer.
 * @throws {HostP2pError} the server's error; NOT_RUNNING, CONTROL_DENIED, CONTROL_CLOSED, CONTROL_TIMEOUT, BUSY
 */
function ask(socketPath: string, request: Request): Promise<JsonValue> {
  return exchange(socketPath, request, async (response) => parseJson(socketPath, await readText(response)));
}

/**
 * Reads the lines of an answer until the server ends it.
 * @throws {HostP2pError} as {@link ask}; whatever `take` throws
 */
function readLines(socketPath: string, request: Request, take: (line: string) => void): Promise<void> {
  return exchange(socketPath, request, async (response, clearLimit) => {
    clearLimit();
    let rest = '';
    response.setEncoding('utf8');
    for await (const chunk of response) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      if (rest.length > MAX_LINE_CHARACTERS) throw notHostP2pD(socketPath);
    }
  });
}

type Read<T> = (response: IncomingMessage, clearLimit: () => void) => Promise<T>;

/** Sends a request, and lets `read` read the answer if it is a success. Turned away by a crowded server, it tries again. */
async function exchange<T>(socketPath: string, request: Request, read: Read<T>): Promise<T> {
  const begin = performance.now();
  for (;;) {
    try {
      return await exchangeOnce(socketPath, request, read);
    } catch (error) {
      if (!wasTurnedAway(request, error) || performance.now() - begin > CROWDED_MS) throw error;
      await wait(CROWDED_STEP_MS);
    }
  }
}

/**
 * An error of the kernel says that the server has not read the request: it could not connect (EAGAIN) or write (EPIPE), or the
 * server has closed the connection with the request unread (ECONNRESET, unix(7)). Where the server closed it later, a command may
 * have been carried out.
 */
function wasTurnedAway({ signal }: Request, error: unknown): boolean {
  if (!(error instanceof HostP2pError) || signal?.aborted) return false;
  const { code, cause } = error;
  return (code === 'BUSY' || code === 'CONTROL_CLOSED') && cause instanceof Error && 'syscall' in cause;
}

async function exchangeOnce<T>(socketPath: string, request: Request, read: Read<T>): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), request.limitMs);
  const signal = request.signal ? AbortSignal.any([request.signal, limit.signal]) : limit.signal;
  try {
    const response = await send(socketPath, request, signal);
    if (response.statusCode !== 200) throw answeredError(socketPath, await readText(response));
    return await read(response, () => clearTimeout(timer));
  } catch (error) {
    throw explain(socketPath, request, limit.signal.aborted, error);
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  socketPath: string,
  { path, body }: Request,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request } = await import('node:http');
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers =
    text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const method = text === '' ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    // A new connection: the server could close a kept one just when it is used again. Without an agent, which would first
    // look for an IP address in the name of the host: milliseconds for that pattern alone.
    const createConnection = () => connect(socketPath);
    const call = request({ method, path, headers, signal, createConnection });
    // Not once: a connection may fail again after the first answer.
    call.on('error', reject);
    call.once('response', resolve);
    call.end(text);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      throw new HostP2pError('COMMAND_REFUSED', 'the answer of hostp2pd is too long');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parseJson(socketPath: string, text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    throw notHostP2pD(socketPath);
  }
}

/** The error that the server answered with. */
function answeredError(socketPath: string, text: string): HostP2pError {
  const error = fieldOf(parseJson(socketPath, text), 'error');
  const code = fieldOf(error, 'code');
  const message = fieldOf(error, 'message');
  if (typeof message !== 'string') return notHostP2pD(socketPath);
  // A newer server may have codes that this client does not know.
  return new HostP2pError(isErrorCode(code) ? code : 'COMMAND_REFUSED', message);
}

function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** Another program answers, or a hostp2pd that is too different. */
function notHostP2pD(socketPath: string): HostP2pError {
  return new HostP2pError('NOT_RUNNING', `${socketPath}: the program there does not answer as hostp2pd does`);
}

/** Turns an error of the connection into one of ours; other errors stay as they are. */
function explain(socketPath: string, request: Request, late: boolean, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause) || cause instanceof HostP2pError) return cause;
  const error = (code: ErrorCode, message: string) =>
    new HostP2pError(code, `${socketPath}: ${message}`, { cause });
  if (request.signal?.aborted) return new HostP2pError('CONTROL_CLOSED', 'cancelled', { cause });
  if (late) return error('CONTROL_TIMEOUT', `hostp2pd did not answer within ${request.limitMs / 1000} s`);
  if (!('syscall' in cause && cause.syscall === 'connect')) {
    return error('CONTROL_CLOSED', 'hostp2pd closed the connection; it is ending, or has too many clients');
  }
  switch (presenceOf(cause)) {
    case 'denied':
      return accessDenied(socketPath, cause);
    case 'served':
      return error('BUSY', 'hostp2pd has too many clients');
    default:
      return error('NOT_RUNNING', 'no hostp2pd is running there');
  }
}
