import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Connections } from '../control/connections.js';
import { httpAnswerFor } from '../control/http-errors.js';
import { readBody } from '../control/request-body.js';
import { LONGEST_TIMER_MS } from '../system/clock.js';
import { HostP2pError } from '../system/errors.js';
import { version } from '../system/version.js';
import { commandOf, type PanelAction, parseAction } from './actions.js';
import { documentOf } from './document.js';
import { languageOf } from './language.js';
import type { Live } from './live.js';
import { hostsOf, type ListenAddress, refusal, SECURITY_HEADERS, TokenCheck } from './security.js';

/** What browsers may use of the panel. */
interface PanelLimits {
  readonly connections: number;
  /** Open pages. */
  readonly streams: number;
  readonly actions: number;
  readonly bodyBytes: number;
  readonly headerBytes: number;
  /** Until the headers of a request have arrived, then its body; until the answer has been read. */
  readonly waitMs: number;
  /** For a page that does not read its views. */
  readonly unreadMs: number;
}

export const PANEL_LIMITS: PanelLimits = {
  connections: 64,
  streams: 32,
  actions: 8,
  bodyBytes: 1_024,
  headerBytes: 8_192,
  waitMs: 5_000,
  unreadMs: 15_000,
};

interface PanelOptions {
  readonly live: Live;
  readonly token: string;
  /** Nothing is shown without the token. */
  readonly locked: boolean;
  readonly script: string;
  readonly style: string;
  readonly limits?: Partial<PanelLimits> | undefined;
  /** For what went wrong in the panel itself. */
  readonly complain: (message: string) => void;
}

/** Every path, with its method. */
const METHODS: ReadonlyMap<string, 'GET' | 'POST'> = new Map([
  ['/', 'GET'],
  ['/kiosk', 'GET'],
  ['/panel.js', 'GET'],
  ['/panel.css', 'GET'],
  ['/live', 'GET'],
  ['/actions', 'POST'],
]);

interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Stream {
  readonly response: ServerResponse;
  readonly address: string;
  readonly unwatch: () => void;
}

/** Serves the page, its views, and the actions of operators. A path is looked up whole, so none leads to a file. */
export class PanelServer {
  readonly #options: PanelOptions;
  readonly #limits: PanelLimits;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #token: TokenCheck;
  /** The one request under way on each connection. */
  readonly #requests = new Set<Socket>();
  /** Oldest first. */
  #streams: readonly Stream[] = [];
  #hosts: ReadonlySet<string> = new Set();
  #actions = 0;

  constructor(options: PanelOptions) {
    const limits = { ...PANEL_LIMITS, ...options.limits };
    this.#options = options;
    this.#limits = limits;
    this.#token = new TokenCheck(options.token);
    this.#connections = new Connections(limits.connections);
    // See Connections for the time limits.
    this.#server = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: 0,
      requestTimeout: 0,
      connectionsCheckingInterval: LONGEST_TIMER_MS,
      keepAliveTimeout: limits.waitMs,
    });
    // One more than may stay: it replaces an idle one.
    this.#server.maxConnections = limits.connections + 1;
    this.#server.on('connection', (socket) => this.#connections.add(socket, limits.waitMs));
    this.#server.on('request', (request, response) => void this.#accept(request, response));
  }

  /** @returns where it listens: port 0 asks for a free one. Rejects with the error of the system. */
  async listen({ address, port }: ListenAddress): Promise<ListenAddress> {
    this.#server.listen({ host: address, port });
    await once(this.#server, 'listening');
    // Such as too many open files. Without a listener it would end the process.
    this.#server.on('error', ({ message }) => this.#options.complain(message));
    const bound = this.#server.address();
    const listening = { address, port: bound !== null && typeof bound === 'object' ? bound.port : port };
    this.#hosts = hostsOf(listening);
    return listening;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#connections.destroy();
    await closed;
    this.#options.live.close();
  }

  /** Never rejects. */
  async #accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    // One at a time on a connection: otherwise one client could have any number of them under way.
    if (this.#requests.has(socket)) {
      socket.destroy();
      return;
    }
    this.#requests.add(socket);
    const gone = new AbortController();
    response.once('close', () => {
      this.#requests.delete(socket);
      gone.abort();
      if (!socket.destroyed) this.#connections.waitForClient(socket, this.#limits.waitMs);
    });
    // The client has disconnected during the answer.
    response.on('error', () => {});
    try {
      const answer = await this.#answer(request, response, gone.signal);
      if (answer !== null) this.#send(request, response, answer);
    } catch (error) {
      if (!(error instanceof HostP2pError)) this.#options.complain(String(error));
      const { status, body } = httpAnswerFor(error);
      this.#send(request, response, json(status, body));
    }
  }

  /** Null where it has been written, or is being written. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<Answer | null> {
    const { method, headers, url = '' } = request;
    const path = url.split('?', 1)[0] ?? '';
    const allowed = METHODS.get(path);
    if (allowed === undefined) return failure(404, 'no such page');
    if (method !== allowed)
      return { ...failure(405, `expected ${allowed}, got ${method}`), headers: { allow: allowed } };
    const opened = path === '/' || path === '/kiosk';
    const refused = refusal(headers, this.#hosts, { posted: allowed === 'POST', opened });
    if (refused) return failure(refused.status, refused.reason);
    const { script, style, locked } = this.#options;
    switch (path) {
      case '/':
      case '/kiosk': {
        const kind = path === '/' ? 'panel' : 'kiosk';
        const language = languageOf(headers['accept-language']);
        const text = documentOf({ kind, language, version: version(), locked });
        return { type: 'text/html; charset=utf-8', text, headers: { vary: 'accept-language' } };
      }
      case '/panel.js':
        return { type: 'text/javascript; charset=utf-8', text: script };
      case '/panel.css':
        return { type: 'text/css; charset=utf-8', text: style };
      case '/live':
        return (locked ? this.#refusedToken(request) : null) ?? this.#stream(request, response);
      default:
        return this.#refusedToken(request) ?? this.#act(request, gone);
    }
  }

  #refusedToken({ headers, socket }: IncomingMessage): Answer | null {
    const answer = this.#token.check(headers.authorization, socket.remoteAddress ?? '');
    if (answer === 'right') return null;
    if (typeof answer === 'object') {
      const { retrySeconds } = answer;
      return {
        ...failure(429, 'too many wrong tokens', { retrySeconds }),
        headers: { 'retry-after': String(retrySeconds) },
      };
    }
    return {
      ...failure(401, answer === 'missing' ? 'expected a token' : 'wrong token'),
      headers: { 'www-authenticate': 'Bearer' },
    };
  }

  async #act(request: IncomingMessage, gone: AbortSignal): Promise<Answer> {
    this.#connections.waitForClient(request.socket, this.#limits.waitMs);
    const action = parseAction((await readBody(request, this.#limits.bodyBytes)).toString());
    this.#connections.clientWaits(request.socket);
    if (action === null) return failure(400, 'expected an action');
    if (this.#actions >= this.#limits.actions) throw new HostP2pError('BUSY', 'too many actions at once');
    this.#actions++;
    try {
      return json(200, await this.#carryOut(action, gone));
    } finally {
      this.#actions--;
    }
  }

  async #carryOut(action: PanelAction, gone: AbortSignal): Promise<object> {
    const { live } = this.#options;
    if (action.action === 'check') return {};
    if (action.action === 'known') return { known: await live.get('/v1/clients') };
    const [name, ...words] = commandOf(action);
    await live.execute(name, words, gone);
    return {};
  }

  #stream({ socket }: IncomingMessage, response: ServerResponse): null {
    this.#makeRoom();
    this.#connections.clientWaits(socket);
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream',
      connection: 'close',
    });
    response.flushHeaders();
    let unreadSince: number | null = null;
    const unwatch = this.#options.live.watch((view) => {
      // A slow page gets only the newest view.
      if (response.writableNeedDrain) {
        unreadSince ??= performance.now();
        if (performance.now() - unreadSince > this.#limits.unreadMs) socket.destroy();
        return;
      }
      unreadSince = null;
      response.write(`data: ${view}\n\n`);
    });
    const stream = { response, address: socket.remoteAddress ?? '', unwatch };
    this.#streams = [...this.#streams, stream];
    response.once('close', () => this.#drop(stream));
    return null;
  }

  /** If there are too many pages, the oldest one of the address that has most of them is closed. It comes back by itself. */
  #makeRoom(): void {
    if (this.#streams.length < this.#limits.streams) return;
    const count = (address: string) => this.#streams.filter((one) => one.address === address).length;
    const most = Math.max(...this.#streams.map(({ address }) => count(address)));
    const oldest = this.#streams.find(({ address }) => count(address) === most);
    if (!oldest) return;
    oldest.response.destroy();
    this.#drop(oldest);
  }

  #drop(stream: Stream): void {
    stream.unwatch();
    this.#streams = this.#streams.filter((one) => one !== stream);
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    { status = 200, type, text, headers }: Answer,
  ): void {
    if (response.destroyed) return;
    const { socket } = request;
    response.writeHead(status, {
      ...SECURITY_HEADERS,
      ...headers,
      'content-type': type,
      'content-length': Buffer.byteLength(text),
      // The rest of an incomplete request is not read.
      ...(request.complete ? {} : { connection: 'close' }),
    });
    this.#connections.waitForClient(socket, this.#limits.waitMs, () => socket.destroy());
    response.end(text);
  }
}

function failure(status: number, message: string, more: object = {}): Answer {
  return json(status, { error: { message, ...more } });
}

function json(status: number, value: object): Answer {
  return { status, type: 'application/json', text: `${JSON.stringify(value)}\n` };
}
