import type { IncomingMessage } from 'node:http';
import { HostP2pError } from '../system/errors.js';
import { isRecord } from '../system/values.js';
import { HttpError } from './http-errors.js';

/** The body of a command's request. */
interface CommandBody {
  readonly words: readonly string[];
  /** Width of the terminal that shows the text; undefined: not a terminal. */
  readonly columns: number | undefined;
}

const MAX_COLUMNS = 10_000;

/**
 * The arguments of a command: `{"arguments": ["…"], "columns": 80}`, or no body.
 * @throws {HostP2pError} USAGE, with its HTTP status; the error of the connection if it broke
 */
export async function readCommandBody(request: IncomingMessage, maxBytes: number): Promise<CommandBody> {
  const body = await readBody(request, maxBytes);
  if (body.length === 0) return { words: [], columns: undefined };
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new HttpError(415, `expected a body of type application/json, got ${type}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new HostP2pError('USAGE', 'the body is not JSON in UTF-8', { cause });
  }
  return parseBody(value);
}

/**
 * Reads at most `maxBytes`; the rest is dropped with the connection.
 * @throws {HttpError} 413
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (): void => {
      request.pause();
      reject(new HttpError(413, `expected a body of at most ${maxBytes} bytes, got more`));
    };
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      refuse();
      return;
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) refuse();
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function parseBody(value: unknown): CommandBody {
  // The message does not repeat what came: it may be long and deeply nested.
  const refuse = (problem: string) => new HostP2pError('USAGE', `${problem}; expected {"arguments": ["…"]}`);
  if (!isRecord(value)) throw refuse('the body is not an object');
  const { arguments: words = [], columns, ...others } = value;
  if (Object.keys(others).length > 0) throw refuse('the body has other keys');
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) {
    throw refuse('arguments: not an array of strings');
  }
  if (columns !== undefined && !isWidth(columns)) {
    throw new HostP2pError('USAGE', `columns: expected a number from 1 to ${MAX_COLUMNS}`);
  }
  return { words, columns };
}

function isWidth(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COLUMNS;
}
