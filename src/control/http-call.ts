import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import type { JsonValue } from '../commands/command.js';
import { ERROR_CODES, type ErrorCode, HostP2pError } from '../system/errors.js';
import { neededRights } from '../system/folders.js';
import { presenceOf } from './probe.js';

/** A client's end of a request over the control socket. */

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_LINE_CHARACTERS = 1024 * 1024;

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  /** Of the API, with its query. */
  readonly path: string;
  readonly body?: JsonValue;
  readonly signal?: AbortSignal | undefined;
  /** How long the answer is waited for: the whole of it, or of a stream its beginning. */
  readonly limitMs: number;
}

/**
 * Asks, and reads the whole answer.
 * @throws {HostP2pError} what the server answers with; NOT_RUNNING, CONTROL_DENIED, CONTROL_CLOSED, CONTROL_TIMEOUT, BUSY
 */
export async function ask(socketPath: string, options: HttpCall): Promise<JsonValue> {
  const deadline = new Deadline(options);
  try {
    const response = await begin(socketPath, options, deadline.signal);
    const text = await readText(response);
    if (response.statusCode !== 200) throw toldError(socketPath, text);
    return parseJson(socketPath, text);
  } catch (error) {
    throw failure(socketPath, options, deadline, error);
  } finally {
    deadline.clear();
  }
}

/**
 * Reads the lines of an answer until the server ends it.
 * @throws {HostP2pError} as {@link ask}; whatever `take` throws
 */
export async function readLines(
  socketPath: string,
  options: HttpCall,
  take: (line: string) => void,
): Promise<void> {
  const deadline = new Deadline(options);
  try {
    const response = await begin(socketPath, options, deadline.signal);
    if (response.statusCode !== 200) throw toldError(socketPath, await readText(response));
    deadline.clear();
    let rest = '';
    response.setEncoding('utf8');
    for await (const chunk of response) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      if (rest.length > MAX_LINE_CHARACTERS) throw foreign(socketPath);
    }
  } catch (error) {
    throw failure(socketPath, options, deadline, error);
  } finally {
    deadline.clear();
  }
}

/** Aborts after the time limit, or with the caller's signal. */
class Deadline {
  readonly signal: AbortSignal;
  readonly #late = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor({ signal, limitMs }: HttpCall) {
    this.#timer = setTimeout(() => this.#late.abort(), limitMs);
    this.signal = signal ? AbortSignal.any([signal, this.#late.signal]) : this.#late.signal;
  }

  get passed(): boolean {
    return this.#late.signal.aborted;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

async function begin(socketPath: string, options: HttpCall, signal: AbortSignal): Promise<IncomingMessage> {
  const { request } = await import('node:http');
  const { method, path, body } = options;
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers =
    text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    // A connection of its own: one that is kept would be closed by the server just when it is used again.
    const call = request({ socketPath, method, path, headers, signal, agent: false });
    // Stays: a connection may fail once more after the first answer.
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
    if (size > MAX_ANSWER_BYTES)
      throw new HostP2pError('COMMAND_REFUSED', 'the answer of hostp2pd is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

export function parseJson(socketPath: string, text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    throw foreign(socketPath);
  }
}

/** The error that the server answered with. */
function toldError(socketPath: string, text: string): HostP2pError {
  const answer = parseJson(socketPath, text);
  const error = fieldOf(answer, 'error');
  const code = fieldOf(error, 'code');
  const message = fieldOf(error, 'message');
  if (typeof message !== 'string') return foreign(socketPath);
  // A newer server may have codes that we do not know.
  return new HostP2pError(isErrorCode(code) ? code : 'COMMAND_REFUSED', message);
}

/** A field of what should be an object. */
export function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What answers is something else, or a hostp2pd that is too different. */
export function foreign(socketPath: string): HostP2pError {
  return new HostP2pError(
    'NOT_RUNNING',
    `${socketPath}: what answers there does not answer as hostp2pd does`,
  );
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** What befell the connection, in our words; all else stays what it is. */
function failure(socketPath: string, options: HttpCall, deadline: Deadline, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error) || error instanceof HostP2pError) return error;
  if (options.signal?.aborted) return new HostP2pError('CONTROL_CLOSED', 'given up', { cause: error });
  if (deadline.passed) {
    const message = `${socketPath}: hostp2pd did not answer within ${options.limitMs / 1000} s`;
    return new HostP2pError('CONTROL_TIMEOUT', message, { cause: error });
  }
  if (!('syscall' in error && error.syscall === 'connect')) {
    const message = `${socketPath}: hostp2pd hung up; it is ending, or has as many clients as may be`;
    return new HostP2pError('CONTROL_CLOSED', message, { cause: error });
  }
  switch (presenceOf(error)) {
    case 'denied':
      return denied(socketPath, error);
    case 'served':
      return new HostP2pError('BUSY', `${socketPath}: hostp2pd takes no more clients`, { cause: error });
    default:
      return new HostP2pError('NOT_RUNNING', `${socketPath}: no hostp2pd is running there`, { cause: error });
  }
}

/** @param path of the socket, or of the folder that may not be looked into */
export function denied(path: string, cause?: unknown): HostP2pError {
  const rights = neededRights(existsSync(path) ? path : dirname(path));
  return new HostP2pError('CONTROL_DENIED', `${path}: permission denied; ${rights}`, { cause });
}
