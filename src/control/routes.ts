import { type CommandContext, type JsonValue, type Output, usage } from '../commands/command.js';
import { configurationInForce } from '../commands/configuration-in-force.js';
import { type DeviceArgument, deviceWords } from '../commands/devices.js';
import { handoverOf } from '../commands/handover.js';
import { JOURNAL_ENTRIES } from '../commands/journal.js';
import { detailedStatus, statusAnswer } from '../commands/status-answer.js';
import { COMMANDS } from '../commands/table.js';
import type { StationDetail } from '../host/status.js';
import { HostP2pError } from '../system/errors.js';
import { processStart } from '../system/processes.js';
import { version } from '../system/version.js';
import type { StreamOptions } from './event-streams.js';
import { HttpError } from './http-errors.js';
import { METRICS_TYPE, metricsText } from './metrics.js';

/** The paths of the API, and the answer of each. */

export type Answer =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly type: string; readonly text: string }
  /** Without `follow` it ends after the last events. */
  | ({ readonly kind: 'events'; readonly follow: boolean } & StreamOptions);

interface Call {
  /** The part of the path that `<…>` stands for. */
  readonly word: string;
  readonly query: URLSearchParams;
  /** Runs a command with the arguments in the body of the request. */
  readonly run: (name: string) => Promise<Output>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** A last part `<…>` stands for one word. */
  readonly path: string;
  /** Parameters that the query may have. */
  readonly query: readonly string[];
  readonly answer: (call: Call) => Answer | Promise<Answer>;
}

export function routes(context: CommandContext): readonly Route[] {
  const { host } = context;
  const stations = shared(() => host.stationDetails());
  const clients = shared(() => host.clients());
  const handover = shared(() => handoverOf(host));
  const completion: Readonly<Record<DeviceArgument, () => Promise<readonly string[]>>> = {
    device: shared(() => deviceWords(context, 'device')),
    station: shared(() => deviceWords(context, 'station')),
    client: shared(() => deviceWords(context, 'client')),
  };
  const complete = ({ word }: Call): Promise<readonly string[]> => {
    if (isCompletable(word)) return completion[word]();
    throw new HttpError(404, `expected device, station or client, got ${word}`);
  };
  const metrics = async (): Promise<Answer> => ({
    kind: 'text',
    type: METRICS_TYPE,
    // A session that is not running has no stations.
    text: metricsOf(context, await stations().catch(() => [])),
  });
  const get = (path: string, answer: Route['answer'], query: readonly string[] = []): Route => ({
    method: 'GET',
    path,
    query,
    answer,
  });
  return [
    get(
      '/v1/status',
      async ({ query }) =>
        json(flag(query, 'details', false) ? await detailedStatus(context) : statusAnswer(context)),
      ['details'],
    ),
    get('/v1/stations', async () => json(await stations())),
    get('/v1/peers', () => json([...host.peers.values()])),
    get('/v1/clients', async () => json(await clients())),
    get('/v1/statistics', () => json(host.statistics)),
    get('/v1/configuration', () => json(configurationInForce(host))),
    get('/v1/handover', async () => json(await handover())),
    get('/v1/commands', () => json(commandList())),
    {
      method: 'POST',
      path: '/v1/commands/<name>',
      query: [],
      answer: async ({ word, run }) => {
        const { value, text } = await run(word);
        return json({ result: value, text });
      },
    },
    get('/v1/events', ({ query }) => eventsOf(query), ['last', 'wpa', 'follow']),
    get('/v1/completions/<what>', async (call) => json(await complete(call))),
    get('/v1/metrics', metrics),
    get('/metrics', metrics),
  ];
}

function json(value: unknown): Answer {
  return { kind: 'json', value };
}

function commandList(): JsonValue {
  return COMMANDS.filter(({ frontends }) => frontends.includes('socket')).map((command) => {
    const { name, arguments: specs, summary, details } = command;
    return {
      name,
      usage: usage(command),
      summary,
      ...(details === undefined ? {} : { details }),
      arguments: specs.map((spec) => ({ ...spec })),
    };
  });
}

function metricsOf({ host }: CommandContext, stations: readonly StationDetail[]): string {
  const { user, system } = process.cpuUsage();
  return metricsText({
    version: version(),
    status: host.status,
    stations,
    peers: host.peers.size,
    statistics: host.statistics,
    process: {
      startSeconds: Math.round(processStart() / 1000),
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
    },
  });
}

function eventsOf(query: URLSearchParams): Answer {
  const last = query.get('last') ?? '0';
  if (!/^\d{1,4}$/.test(last) || Number(last) > JOURNAL_ENTRIES) {
    throw new HostP2pError('USAGE', `last: expected 0 to ${JOURNAL_ENTRIES}, got "${last}"`);
  }
  return {
    kind: 'events',
    last: Number(last),
    wpa: flag(query, 'wpa', false),
    follow: flag(query, 'follow', true),
  };
}

function flag(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const word = query.get(name) ?? String(otherwise);
  if (word === 'true' || word === 'false') return word === 'true';
  throw new HostP2pError('USAGE', `${name}: expected true or false, got "${word}"`);
}

function isCompletable(word: string): word is DeviceArgument {
  return word === 'device' || word === 'station' || word === 'client';
}

/**
 * The route of a request, and the word in its path.
 * @throws {HostP2pError} with the HTTP status of an unknown path or a wrong method; USAGE
 */
export function findRoute(
  table: readonly Route[],
  method: string,
  url: URL,
): { readonly route: Route; readonly word: string } {
  const matching = table.flatMap((route) => {
    const word = wordIn(route.path, url.pathname);
    return word === null ? [] : [{ route, word }];
  });
  const found = matching.find(({ route }) => route.method === method);
  if (matching.length === 0) throw new HttpError(404, `unknown path: ${url.pathname}`);
  if (!found) {
    const allowed = matching.map(({ route }) => route.method).join(', ');
    throw new HttpError(405, `${url.pathname}: expected ${allowed}, got ${method}`, { allow: allowed });
  }
  const { query } = found.route;
  for (const name of url.searchParams.keys()) {
    if (!query.includes(name)) {
      const expected = query.length === 0 ? 'none' : query.join(', ');
      throw new HostP2pError('USAGE', `parameter: expected ${expected}, got "${name}"`);
    }
  }
  return found;
}

/** Null for another path; empty if the path has no word. */
function wordIn(path: string, pathname: string): string | null {
  const place = path.indexOf('<');
  if (place < 0) return path === pathname ? '' : null;
  const word = pathname.slice(place);
  return pathname.startsWith(path.slice(0, place)) && /^[\w-]+$/.test(word) ? word : null;
}

/** Answers all callers that ask at the same time by one call: wpa_supplicant has phones to serve. */
export function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => {
    pending ??= ask().finally(() => {
      pending = null;
    });
    return pending;
  };
}
