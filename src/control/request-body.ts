import type { IncomingMessage } from 'node:http';
import { HostP2pError } from '../system/errors.js';
import { Refusal } from './failure.js';

/** What the body of a command's request holds. */
export interface CommandBody {
  readonly words: readonly string[];
  /** Width of the terminal that shows the text; undefined: no terminal. */
  readonly columns: number | undefined;
}

const MOST_COLUMNS = 10_000;

/**
 * The words that a command is called with: `{"arguments": ["…"], "columns": 80}`, or no body.
 * @throws {HostP2pError} USAGE, with the status that goes with it; the error of the connection where it broke
 */
export async function readCommandBody(request: IncomingMessage, limit: number): Promise<CommandBody> {
  const body = await readBody(request, limit);
  if (body.length === 0) return { words: [], columns: undefined };
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new Refusal(415, `found a body of type ${type}, wanted application/json`);
  }
  return commandIn(parse(body));
}

/** Reads no more than that, and leaves the rest to the end of the connection. */
function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (): void => {
      request.pause();
      reject(new Refusal(413, `found a body of more than ${limit} bytes, the most that is taken`));
    };
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      refuse();
      return;
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) refuse();
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new HostP2pError('USAGE', 'the body is no JSON in UTF-8', { cause });
  }
}

function commandIn(value: unknown): CommandBody {
  // Of what came nothing is repeated: it may be as deep as it is long.
  const wanted = 'wanted: {"arguments": ["…"]}';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HostP2pError('USAGE', `the body is no object; ${wanted}`);
  }
  const others = Object.keys(value).filter((key) => key !== 'arguments' && key !== 'columns');
  if (others.length > 0) throw new HostP2pError('USAGE', `the body has other keys; ${wanted}`);
  const words: unknown = 'arguments' in value ? value.arguments : [];
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) {
    throw new HostP2pError('USAGE', `arguments: found something else than an array of texts; ${wanted}`);
  }
  const columns: unknown = 'columns' in value ? value.columns : undefined;
  if (columns !== undefined && !isWidth(columns)) {
    throw new HostP2pError('USAGE', `columns: expected a number from 1 to ${MOST_COLUMNS}`);
  }
  return { words, columns };
}

function isWidth(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_COLUMNS;
}
