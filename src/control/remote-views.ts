import type { JsonValue, Output, RunOptions } from '../commands/command.js';
import { HostP2pError } from '../system/errors.js';

/** Commands that only show what a daemon knows: this process makes the text, and the daemon stays small. */

type Get = (path: string) => Promise<JsonValue>;

const VIEWS: ReadonlyMap<string, (get: Get, options: RunOptions) => Promise<Output>> = new Map([
  ['status', status],
  ['stations', stations],
]);

/** The command `name` without arguments; undefined: the daemon carries it out. */
export function remoteView(name: string): ((get: Get, options: RunOptions) => Promise<Output>) | undefined {
  return VIEWS.get(name);
}

async function status(get: Get, options: RunOptions): Promise<Output> {
  const [{ statusScreen }, value] = await Promise.all([
    import('../commands/status-screen.js'),
    get('/v1/status?details=true').catch((error: unknown) => {
      // A daemon of another version does not know the parameter.
      if (error instanceof HostP2pError && error.code === 'USAGE') return get('/v1/status');
      throw error;
    }),
  ]);
  return { value, text: statusScreen(value, options) };
}

async function stations(get: Get, options: RunOptions): Promise<Output> {
  const { devicesOf, stationsOf, stationsScreen } = await import('../commands/stations-screen.js');
  const [list, devices] = await Promise.all([get('/v1/stations'), get('/v1/peers')]);
  const text = stationsScreen(stationsOf(list) ?? [], devicesOf(devices), options);
  return { value: { stations: list, devices }, text };
}
