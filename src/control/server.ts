import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import type { CommandContext, Output } from '../commands/command.js';
import { refusedToOthers } from '../commands/session-control.js';
import { execute, findSessionCommand } from '../commands/table.js';
import type { Logger } from '../logging/logger.js';
import { HostP2pError, stackOf } from '../system/errors.js';
import { EventStreams } from './event-streams.js';
import { failureOf, Refusal } from './failure.js';
import { LIMITS, type Limits } from './limits.js';
import { runtimeFolder, socketPath } from './paths.js';
import {
  bindFailure,
  clearPlace,
  controlGroup,
  openToGroup,
  prepareFolder,
  UMASK_OWNER_ONLY,
} from './place.js';
import { readCommandBody } from './request-body.js';
import { type Answer, findRoute, type Route, routes } from './routes.js';
import { Turns } from './turns.js';

export interface ControlServerOptions {
  /** The interface of the session. */
  readonly interface: string;
  /** `ctrl_interface`: who may command wpa_supplicant there may command us. */
  readonly controlFolder: string;
  readonly logger?: Logger | undefined;
  /** Default: {@link LIMITS}. */
  readonly limits?: Partial<Limits> | undefined;
  /** Default: that of the process; see {@link runtimeFolder}. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

export interface ControlServer {
  /** Of the socket. */
  readonly path: string;
  /** Looks again for the group of wpa_supplicant's socket, which may have come meanwhile. */
  refresh(): void;
  /** Removes the socket, and ends all connections: those with an answer under way, and the streams, in peace. */
  close(): Promise<void>;
}

/**
 * Serves a session over HTTP on a UNIX socket of its interface.
 * @throws {HostP2pError} SOCKET_PATH, or ALREADY_RUNNING where another process serves it
 */
export async function openControlServer(
  context: CommandContext,
  options: ControlServerOptions,
): Promise<ControlServer> {
  const { interface: name, controlFolder, logger, environment } = options;
  const path = socketPath(name, runtimeFolder(environment));
  const group = controlGroup(controlFolder, name);
  prepareFolder(dirname(path), group, logger);
  await clearPlace(path);
  const limits = { ...LIMITS, ...options.limits };
  const { createServer } = await import('node:http');
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    // Its own limits are watched by a timer that wakes the process for ever, whether or not there is a client.
    headersTimeout: 0,
    requestTimeout: 0,
    connectionsCheckingInterval: NEVER_MS,
    keepAliveTimeout: limits.idleMs,
  });
  // One more than may stay: it takes the place of one that is idle.
  server.maxConnections = limits.connections + 1;
  const control = new HttpControl(server, path, context, limits, logger);
  let known = group;
  control.refresh = () => {
    const now = controlGroup(controlFolder, name);
    if (now === null || now === known) return;
    known = now;
    prepareFolder(dirname(path), now, logger);
    openToGroup(path, now, logger);
  };
  await listen(server, path);
  openToGroup(path, group, logger);
  return control;
}

async function listen(server: Server, path: string): Promise<void> {
  const listening = once(server, 'listening');
  // The call binds before it returns: from its first moment on the file is for its owner alone.
  const umask = process.umask(UMASK_OWNER_ONLY);
  try {
    server.listen(path);
  } finally {
    process.umask(umask);
  }
  try {
    await listening;
  } catch (error) {
    throw bindFailure(path, error);
  }
}

class HttpControl implements ControlServer {
  readonly path: string;
  refresh: () => void = () => {};
  readonly #server: Server;
  readonly #context: CommandContext;
  readonly #limits: Limits;
  readonly #logger: Logger | undefined;
  readonly #routes: readonly Route[];
  readonly #streams: EventStreams;
  readonly #turns = new Turns();
  /**
   * With the timer that runs while the server waits for the client: for a request, for the rest of one, or until it has
   * read its answer. Null while the client waits for the server. In the order in which that began.
   */
  readonly #connections = new Map<Socket, NodeJS.Timeout | null>();
  /** Requests that are not answered yet, by connection; aborted when the client goes, or the server closes. */
  readonly #requests = new Map<Socket, AbortController>();
  #commands = 0;
  #closing: Promise<void> | null = null;

  constructor(
    server: Server,
    path: string,
    context: CommandContext,
    limits: Limits,
    logger: Logger | undefined,
  ) {
    this.path = path;
    this.#server = server;
    this.#context = context;
    this.#limits = limits;
    this.#logger = logger;
    this.#routes = routes(context);
    this.#streams = new EventStreams(context, limits);
    server.on('connection', (socket) => this.#connected(socket));
    server.on('request', (request, response) => this.#take(request, response));
    // Such as too many open files; unheard it would end the process.
    server.on('error', (error) => logger?.log('debug', `${path}: ${error.message}`));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#streams.close();
    for (const request of this.#requests.values()) request.abort();
    for (const socket of this.#connections.keys()) if (!this.#requests.has(socket)) socket.destroy();
    const late = setTimeout(() => {
      for (const socket of this.#connections.keys()) socket.destroy();
    }, this.#limits.closingMs);
    await closed;
    clearTimeout(late);
  }

  #connected(socket: Socket): void {
    socket.once('close', () => {
      clearTimeout(this.#connections.get(socket) ?? undefined);
      this.#connections.delete(socket);
    });
    this.#expect(socket, this.#limits.headersMs);
    if (this.#connections.size > this.#limits.connections) this.#makeRoom(socket);
  }

  /**
   * Clients that keep connections open, or are slow, must not lock out others: the one that has kept the server waiting
   * longest makes room. Where every other client is being served, the new one is refused.
   */
  #makeRoom(newcomer: Socket): void {
    const waiting = [...this.#connections].find(([, timer]) => timer !== null);
    (waiting?.[0] ?? newcomer).destroy();
  }

  /**
   * The server waits for the client, and gives up after that time; null: the client waits for the server.
   * @param slow default: tells the client that its request took too long
   */
  #expect(socket: Socket, ms: number | null, slow = () => timedOut(socket)): void {
    clearTimeout(this.#connections.get(socket) ?? undefined);
    // To the end of the order.
    this.#connections.delete(socket);
    if (!socket.destroyed) this.#connections.set(socket, ms === null ? null : setTimeout(slow, ms));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // One at a time on a connection: else one client could have any number of them under way.
    if (this.#requests.has(socket) || this.#closing) {
      socket.destroy();
      return;
    }
    const gone = new AbortController();
    this.#requests.set(socket, gone);
    this.#expect(socket, hasBody(request) ? this.#limits.requestMs : null);
    // A request without a body ends only after its answer: then the next one is awaited already.
    request.once('end', () => {
      if (this.#requests.get(socket) === gone) this.#expect(socket, null);
    });
    response.once('close', () => {
      this.#requests.delete(socket);
      gone.abort();
      if (!socket.destroyed) this.#expect(socket, this.#limits.idleMs + this.#limits.headersMs);
    });
    // Of a client that goes while it is written to.
    response.on('error', () => {});
    this.#turns.take(() => void this.#serve(request, response, gone.signal));
  }

  /** Never rejects. */
  async #serve(request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<void> {
    if (gone.aborted) return;
    try {
      this.#write(request, response, await this.#answer(request, gone));
    } catch (error) {
      // What broke with the connection has nobody to tell it to.
      if (response.destroyed) return;
      if (!(error instanceof HostP2pError)) this.#tellFault(request, error);
      const { status, headers, body } = failureOf(error);
      this.#send(request, response, status, { ...headers, 'content-type': JSON_TYPE }, jsonText(body));
    }
  }

  async #answer(request: IncomingMessage, gone: AbortSignal): Promise<Answer> {
    const url = parseUrl(request.url ?? '');
    const { route, word } = findRoute(this.#routes, request.method ?? '', url);
    const run = async (name: string): Promise<Output> => this.#run(name, request, gone);
    return route.answer({ word, query: url.searchParams, run });
  }

  async #run(name: string, request: IncomingMessage, gone: AbortSignal): Promise<Output> {
    if (!findSessionCommand(name)?.frontends.includes('socket')) {
      throw new Refusal(404, `found ${name}, which is no command here; see /v1/commands`);
    }
    const { words, columns } = await readCommandBody(request, this.#limits.bodyBytes);
    const refused = refusedToOthers(name, words);
    if (refused !== null) throw new HostP2pError('USAGE', refused);
    const { commands } = this.#limits;
    if (this.#commands >= commands) {
      throw new HostP2pError('BUSY', `${commands} commands are being carried out, the most that may be`);
    }
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
        return this.#send(request, response, 200, { 'content-type': JSON_TYPE }, jsonText(answer.value));
      case 'text':
        return this.#send(request, response, 200, { 'content-type': answer.type }, answer.text);
      case 'events':
        if (answer.follow) return this.#stream(response, answer);
        return this.#send(
          request,
          response,
          200,
          { 'content-type': LINES_TYPE },
          this.#streams.replay(answer.last),
        );
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

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    headers: Readonly<Record<string, string>>,
    text: string,
  ): void {
    if (response.destroyed) return;
    // What is left of the request is not read.
    const last = !request.complete || this.#closing !== null;
    response.writeHead(status, {
      ...COMMON_HEADERS,
      ...headers,
      'content-length': Buffer.byteLength(text),
      ...(last ? { connection: 'close' } : {}),
    });
    const { socket } = request;
    this.#expect(socket, this.#limits.answerMs, () => socket.destroy());
    response.end(text);
  }

  #tellFault(request: IncomingMessage, error: unknown): void {
    this.#logger?.log('error', `control socket, ${request.method} ${request.url}: ${stackOf(error)}`);
  }
}

function timedOut(socket: Socket): void {
  socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  socket.destroySoon();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** The longest time that a timer of Node takes. */
const NEVER_MS = 2 ** 31 - 1;
const JSON_TYPE = 'application/json';
const LINES_TYPE = 'application/x-ndjson';
const COMMON_HEADERS = { 'cache-control': 'no-store' } as const;

function jsonText(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** @throws {HostP2pError} with the status */
function parseUrl(text: string): URL {
  try {
    return new URL(text, 'http://localhost');
  } catch (cause) {
    throw new HostP2pError('USAGE', 'the request target is no path', { cause });
  }
}
