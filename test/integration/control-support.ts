import { type IncomingMessage, request } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { CommandContext, SessionCommand } from '#src/commands/command.js';
import { SESSION_COMMANDS } from '#src/commands/table.js';
import type { ConnectionLimits } from '#src/control/connections.js';
import { type ControlServer, openControlServer } from '#src/control/server.js';
import type { HostP2pD } from '#src/host/host.js';
import { commandContext } from '../fakes/command-context.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { type Lines, next, session, supplicant, temporaryFolder } from './support.js';

export interface Served {
  readonly host: HostP2pD;
  readonly fake: FakeSupplicant;
  readonly log: Lines;
  readonly context: CommandContext;
  readonly server: ControlServer;
  readonly folder: string;
}

/** A session with its group up, and its control server in a temporary folder. */
export async function served(
  t: TestContext,
  {
    limits,
    config = {},
  }: { limits?: Partial<ConnectionLimits>; config?: Readonly<Record<string, unknown>> } = {},
): Promise<Served> {
  const fake = supplicant(t);
  const { host, log } = await session(t, fake, { pin: '12345670', ...config });
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  const context = commandContext(host);
  const folder = temporaryFolder(t);
  const server = await openControlServer(context, {
    interface: DEVICE,
    controlFolder: fake.folder,
    environment: { HOSTP2PD_RUNTIME_DIR: folder },
    limits,
    logger: log,
  });
  t.after(() => server.close());
  return { host, fake, log, context, server, folder };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request on a new connection. @param place path of the socket, or a TCP port of this machine */
export function ask(place: string | number, url: string, options: AskOptions = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const server = typeof place === 'string' ? { socketPath: place } : { host: '127.0.0.1', port: place };
    const call = request({ ...server, path: url, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** A raw request on a connection that stays open; collects the answers. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  closed = false;

  constructor(t: TestContext, path: string) {
    this.socket = createConnection(path);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (chunk) => {
      this.text += chunk;
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
    });
    t.after(() => this.socket.destroy());
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  get(url: string): this {
    return this.send(`GET ${url} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }

  /** Whole lines that look like JSON objects: the events of a stream. */
  get events(): { readonly type: string; readonly text: string; readonly [key: string]: unknown }[] {
    return this.text
      .split(/\r?\n/)
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  }
}

/** Adds a command to the table for one test, so that the test does not depend on real commands. */
export function command(t: TestContext, name: string, run: SessionCommand['run']): void {
  const table = SESSION_COMMANDS as SessionCommand[];
  const added: SessionCommand = {
    name,
    arguments: [{ name: 'words', optional: true, rest: true, completes: 'text' }],
    summary: 'for a test',
    frontends: ['socket'],
    run,
  };
  table.push(added);
  t.after(() => void table.splice(table.indexOf(added), 1));
}

/** A command that ends when the test says so. */
export function heldCommand(t: TestContext, name: string): { signals: AbortSignal[]; release: () => void } {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const signals: AbortSignal[] = [];
  command(t, name, async (_operated, words, { signal } = {}) => {
    if (signal) signals.push(signal);
    await held;
    return { value: [...words], text: words.join(' ') };
  });
  t.after(() => release());
  return { signals, release: () => release() };
}

const PHONE = '42:00:00:00:01:00';
let stations = 0;

/** A phone asks to join by PIN and must get its PIN armed. @returns how long that took, in ms */
export async function reacts({ fake }: Served): Promise<number> {
  // Another station each time, because the session arms a PIN once for each.
  stations++;
  const tail = [stations >> 8, stations & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const phone = `${PHONE.slice(0, 12)}${tail}`;
  const station = `46:00:00:00:${tail}`;
  const device =
    `p2p_dev_addr=${phone} pri_dev_type=10-0050F204-5 name='Phone ${stations}' config_methods=0x188 ` +
    `dev_capab=0x25 group_capab=0x0 group=${GROUP}`;
  const start = performance.now();
  fake.emit(DEVICE, `P2P-PROV-DISC-SHOW-PIN ${phone} 99129897 ${device}`);
  fake.emit(
    GROUP,
    `WPS-ENROLLEE-SEEN ${station} 572cf82f-c957-5653-9b16-b5cfb298abf1 0-00000000-0 0x3148 0 1 [ ]`,
  );
  await fake.saw(`${GROUP} WPS_PIN ${station} 12345670 120`);
  const took = performance.now() - start;
  // The phone joins, so that the next one has its turn.
  for (const socket of [DEVICE, GROUP])
    fake.emit(socket, `AP-STA-CONNECTED ${station} p2p_dev_addr=${phone}`);
  return took;
}
