import type { JsonValue, Output, RunOptions } from '../commands/command.js';
import type { DeviceArgument } from '../commands/devices.js';
import type { EventLine } from '../commands/event-text.js';
import { JOURNAL_ENTRIES } from '../commands/journal.js';
import type { CommandTarget } from '../commands/target.js';
import { HostP2pError } from '../system/errors.js';
import { ask, denied, fieldOf, foreign, isObject, parseJson, readLines } from './http-call.js';
import { clientFolders, isClosed, runningSockets, socketPath } from './paths.js';
import { probe } from './probe.js';

const QUERY_LIMIT_MS = 15_000;
/** The longest search takes two minutes. */
const COMMAND_LIMIT_MS = 300_000;

/** The session of another process, through its control socket. */
export class RemoteTarget implements CommandTarget {
  readonly context = null;
  readonly path: string;
  /** Resolves when events that were followed come no more, with the reason: the daemon has ended, or cut us off. */
  readonly ended: Promise<HostP2pError>;
  #end: (reason: HostP2pError) => void = () => {};

  private constructor(path: string) {
    this.path = path;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * @param path of the socket; see {@link findControlSocket}
   * @throws {HostP2pError} NOT_RUNNING; CONTROL_DENIED with who may; CONTROL_TIMEOUT, CONTROL_CLOSED, BUSY
   */
  static async connect(path: string): Promise<RemoteTarget> {
    const target = new RemoteTarget(path);
    const status = await target.get('/v1/status');
    if (typeof fieldOf(status, 'version') !== 'string') throw foreign(path);
    return target;
  }

  /**
   * What a path of the API answers, such as `/v1/status`.
   * @throws {HostP2pError}
   */
  get(path: string): Promise<JsonValue> {
    return ask(this.path, { method: 'GET', path, limitMs: QUERY_LIMIT_MS });
  }

  async execute(
    name: string,
    words: readonly string[],
    { signal, columns }: RunOptions = {},
  ): Promise<Output> {
    const answer = await ask(this.path, {
      method: 'POST',
      path: `/v1/commands/${encodeURIComponent(name)}`,
      body: { arguments: words, ...(columns === undefined ? {} : { columns }) },
      signal,
      limitMs: COMMAND_LIMIT_MS,
    });
    const result = fieldOf(answer, 'result');
    const text = fieldOf(answer, 'text');
    if (result === undefined || typeof text !== 'string') throw foreign(this.path);
    return { value: result, text };
  }

  async events(count: number): Promise<readonly EventLine[]> {
    const lines: EventLine[] = [];
    await this.#lines(`/v1/events?follow=false&last=${withinJournal(count)}`, undefined, (line) =>
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
      await this.#lines(`/v1/events?last=${last}`, signal, (line) => {
        // What came together with the last one that was wanted.
        if (!signal.aborted) listener(line);
      });
    } catch (error) {
      if (!(error instanceof HostP2pError)) throw error;
      reason = error;
    }
    if (!signal.aborted) this.#end(reason);
  }

  #lines(path: string, signal: AbortSignal | undefined, take: (line: EventLine) => void): Promise<void> {
    return readLines(this.path, { method: 'GET', path, signal, limitMs: QUERY_LIMIT_MS }, (line) => {
      take(eventLine(this.path, parseJson(this.path, line)));
    });
  }
}

function withinJournal(count: number): number {
  return Math.max(0, Math.min(Math.trunc(count), JOURNAL_ENTRIES));
}

function eventLine(path: string, line: JsonValue): EventLine {
  const { time, text, ...fields } = isObject(line) ? line : {};
  const { type } = fields;
  if (typeof time !== 'string' || typeof text !== 'string' || typeof type !== 'string') throw foreign(path);
  return { entry: { time, event: { ...fields, type } }, text };
}

/**
 * The socket of the daemon to talk to.
 * @param interfaceName default: the only one that runs
 * @throws {HostP2pError} NOT_RUNNING; CONTROL_DENIED; USAGE where there are several
 */
export async function findControlSocket(
  interfaceName: string | undefined,
  folders: readonly string[] = clientFolders(),
): Promise<string> {
  const sockets =
    interfaceName === undefined
      ? runningSockets(folders)
      : folders.map((folder) => ({
          interface: interfaceName,
          path: socketPath(interfaceName, folder),
        }));
  const found = await Promise.all(
    sockets.map(async (socket) => ({ ...socket, presence: await probe(socket.path) })),
  );
  const [first, ...others] = found.filter(({ presence }) => presence === 'served');
  if (first !== undefined && (others.length === 0 || interfaceName !== undefined)) return first.path;
  if (first !== undefined) {
    const names = [first, ...others].map((socket) => socket.interface).join(', ');
    throw new HostP2pError('USAGE', `several are running, on ${names}; say which with -i`);
  }
  const closed = found.find(({ presence }) => presence === 'denied')?.path ?? folders.find(isClosed);
  if (closed !== undefined) throw denied(closed);
  const where = interfaceName === undefined ? '' : ` on ${interfaceName}`;
  throw new HostP2pError('NOT_RUNNING', `no hostp2pd is running${where}; looked in ${folders.join(' and ')}`);
}
