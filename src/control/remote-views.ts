import type { JsonValue, Output, RunOptions } from '../commands/command.js';

/** Commands that only show what a daemon knows: this process makes the text, and the daemon stays small. */

type Get = (path: string, signal?: AbortSignal) => Promise<JsonValue>;

const VIEWS: ReadonlyMap<string, (get: Get, options: RunOptions) => Promise<Output>> = new Map([
  ['status', status],
  ['stations', stations],
]);

/** The command `name` without arguments; undefined: the daemon carries it out. */
export function remoteView(name: string): ((get: Get, options: RunOptions) => Promise<Output>) | undefined {
  return VIEWS.get(name);
}

async function status(get: Get, options: RunOptions): Promise<Output> {
  const { stationsInTime, statusScreen } = await import('../commands/status-screen.js');
  const [value, list] = await Promise.all([
    get('/v1/status'),
    stationsInTime((signal) => get('/v1/stations', signal)),
  ]);
  return { value, text: statusScreen(value, list, options) };
}

async function stations(get: Get, options: RunOptions): Promise<Output> {
  const { devicesOf, stationsOf, stationsScreen } = await import('../commands/stations-screen.js');
  const [list, devices] = await Promise.all([get('/v1/stations'), get('/v1/peers')]);
  const text = stationsScreen(stationsOf(list) ?? [], devicesOf(devices), options);
  return { value: { stations: list, devices }, text };
}
