import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CommandContext, Output } from '../commands/command.js';
import { refusedToOthers } from '../commands/session-control.js';
import { execute, findSessionCommand } from '../commands/table.js';
import type { Logger } from '../logging/logger.js';
import { LONGEST_TIMER_MS } from '../system/clock.js';
import { HostP2pError } from '../system/errors.js';
import { stackOf } from '../system/stack.js';
import { type ConnectionLimits, Connections, LIMITS } from './connections.js';
import { EventStreams } from './event-streams.js';
import { HttpError, httpAnswerFor } from './http-errors.js';
import { readCommandBody } from './request-body.js';
import { type Answer, findRoute, type Route, routes } from './routes.js';
import { SocketFile, type SocketOptions } from './socket-file.js';

interface ControlServerOptions extends SocketOptions {
  /** Default: {@link LIMITS}. */
  readonly limits?: Partial<ConnectionLimits> | undefined;
}

export interface ControlServer {
  /** Of the socket. */
  readonly path: string;
  /** Looks again for the group of wpa_supplicant's socket, which may have appeared since. */
  refresh(): void;
  /** Removes the socket and ends all connections. Answers under way and streams are completed first. */
  close(): Promise<void>;
}

/**
 * Serves a session over HTTP on a UNIX socket named after its interface.
 * @throws {HostP2pError} SOCKET_PATH, or ALREADY_RUNNING where another process serves it
 */
export async function openControlServer(
  context: CommandContext,
  options: ControlServerOptions,
): Promise<ControlServer> {
  const { logger } = options;
  const limits = { ...LIMITS, ...options.limits };
  const file = new SocketFile(options);
  await file.prepare();
  const { createServer } = await import('node:http');
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    // See Connections for the time limits.
    headersTimeout: 0,
    requestTimeout: 0,
    connectionsCheckingInterval: LONGEST_TIMER_MS,
    keepAliveTimeout: limits.idleMs,
  });
  // So many may come at once, and replace idle ones: fewer than there are, or the first would be replaced by the last before
  // its request has been read. More are turned away; hostp2pd connects again then.
  server.maxConnections = limits.connections + Math.ceil(limits.connections / 2);
  const control = new HttpServer(server, file, context, limits, logger);
  await file.listen(server);
  return control;
}

class HttpServer implements ControlServer {
  readonly #server: Server;
  readonly #file: SocketFile;
  readonly #context: CommandContext;
  readonly #limits: ConnectionLimits;
  readonly #logger: Logger | undefined;
  readonly #routes: readonly Route[];
  readonly #streams: EventStreams;
  readonly #connections: Connections;
  /** Unanswered requests by connection; aborted when the client disconnects, or the server closes. */
  readonly #requests = new Map<Socket, AbortController>();
  readonly #turns = new Turns();
  #commands = 0;
  #closing: Promise<void> | null = null;

  constructor(
    server: Server,
    file: SocketFile,
    context: CommandContext,
    limits: ConnectionLimits,
    logger: Logger | undefined,
  ) {
    this.#server = server;
    this.#file = file;
    this.#context = context;
    this.#limits = limits;
    this.#logger = logger;
    this.#routes = routes(context);
    this.#streams = new EventStreams(context, limits);
    this.#connections = new Connections(limits.connections);
    server.on('connection', (socket) => this.#connections.add(socket, limits.headersMs));
    server.on('request', (request, response) => this.#accept(request, response));
    // Such as too many open files. Without a listener it would end the process.
    server.on('error', (error) => logger?.log('debug', `${this.path}: ${error.message}`));
  }

  get path(): string {
    return this.#file.path;
  }

  refresh(): void {
    this.#file.refresh();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#streams.close();
    for (const request of this.#requests.values()) request.abort();
    this.#connections.destroy((socket) => !this.#requests.has(socket));
    const late = setTimeout(() => this.#connections.destroy(), this.#limits.closingMs);
    await closed;
    clearTimeout(late);
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // One at a time on a connection: otherwise one client could have any number of them under way.
    if (this.#requests.has(socket) || this.#closing) {
      socket.destroy();
      return;
    }
    const gone = new AbortController();
    this.#requests.set(socket, gone);
    const arrived = (): void => {
      // A request without a body ends only after its answer: then the server waits for the next request already.
      if (this.#requests.get(socket) === gone) this.#connections.clientWaits(socket);
    };
    if (hasBody(request)) this.#connections.waitForClient(socket, this.#limits.requestMs);
    else arrived();
    request.once('end', arrived);
    // The body has often come with the headers. It is read when the request has its turn.
    process.nextTick(() => {
      if (request.complete) arrived();
    });
    response.once('close', () => {
      this.#requests.delete(socket);
      gone.abort();
      const { idleMs, headersMs } = this.#limits;
      if (!socket.destroyed) this.#connections.waitForClient(socket, idleMs + headersMs);
    });
    // The client has disconnected during the answer.
    response.on('error', () => {});
    this.#turns.take(() => void this.#serve(request, response, gone.signal));
  }

  /** Never rejects. */
  async #serve(request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<void> {
    if (gone.aborted) return;
    try {
      const url = parseUrl(request.url ?? '');
      const { route, word } = findRoute(this.#routes, request.method ?? '', url);
      const run = async (name: string): Promise<Output> => this.#run(name, request, gone);
      const answer = await route.answer({ word, query: url.searchParams, run });
      this.#write(request, response, answer);
    } catch (error) {
      // The connection is broken, so no answer can be sent.
      if (response.destroyed) return;
      if (!(error instanceof HostP2pError)) {
        this.#logger?.log('error', `control socket, ${request.method} ${request.url}: ${stackOf(error)}`);
      }
      const { status, headers, body } = httpAnswerFor(error);
      this.#send(request, response, { status, headers, type: JSON_TYPE, text: jsonText(body) });
    }
  }

  async #run(name: string, request: IncomingMessage, gone: AbortSignal): Promise<Output> {
    if (!findSessionCommand(name)?.frontends.includes('socket')) {
      throw new HttpError(404, `unknown command: ${name}; see /v1/commands`);
    }
    const { words, columns } = await readCommandBody(request, this.#limits.bodyBytes);
    const refused = refusedToOthers(name, words);
    if (refused !== null) throw new HostP2pError('USAGE', refused);
    const { commands } = this.#limits;
    if (this.#commands >= commands)
      throw new HostP2pError('BUSY', `too many commands at once: at most ${commands}`);
    this.#commands++;
    try {
      return await execute(this.#context, name, words, { signal: gone, columns });
    } finally {
      this.#commands--;
    }
  }

  #write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    switch (answer.kind) {
      case 'json':
        return this.#send(request, response, { type: JSON_TYPE, text: jsonText(answer.value) });
      case 'text':
        return this.#send(request, response, answer);
      case 'events':
        if (answer.follow) return this.#stream(response, answer);
        return this.#send(request, response, { type: LINES_TYPE, text: this.#streams.replay(answer.last) });
    }
  }

  #stream(response: ServerResponse, answer: Extract<Answer, { kind: 'events' }>): void {
    this.#streams.ensureRoom();
    if (response.destroyed) return;
    response.writeHead(200, { ...COMMON_HEADERS, 'content-type': LINES_TYPE, connection: 'close' });
    response.flushHeaders();
    response.once('close', () => this.#streams.remove(response));
    this.#streams.add(response, answer);
    if (this.#closing) response.end();
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
    if (response.destroyed) return;
    const { status = 200, headers, type, text } = answer;
    // The rest of an incomplete request is not read.
    const last = !request.complete || this.#closing !== null;
    response.writeHead(status, {
      ...COMMON_HEADERS,
      ...headers,
      'content-type': type,
      'content-length': Buffer.byteLength(text),
      ...(last ? { connection: 'close' } : {}),
    });
    const { socket } = request;
    this.#connections.waitForClient(socket, this.#limits.answerMs, () => socket.destroy());
    response.end(text);
  }
}

/** Work for clients, one piece in each turn of the event loop: the radio has its turn in between, however many clients ask. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** @param work must not throw */
  take(work: () => void): void {
    if (this.#waiting.push(work) === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    this.#waiting[0]?.();
    this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}

interface HttpAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type: string;
  readonly text: string;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

const JSON_TYPE = 'application/json';
const LINES_TYPE = 'application/x-ndjson';
const COMMON_HEADERS = { 'cache-control': 'no-store' } as const;

function jsonText(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** @throws {HostP2pError} USAGE */
function parseUrl(text: string): URL {
  try {
    return new URL(text, 'http://localhost');
  } catch (cause) {
    throw new HostP2pError('USAGE', 'the request target is not a path', { cause });
  }
}
