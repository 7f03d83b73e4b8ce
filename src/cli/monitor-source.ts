import type { EventLine } from '../commands/event-text.js';
import { HostP2pError } from '../system/errors.js';
import { type MonitorStation, type MonitorStatus, stationsOf, statusOf } from './monitor-view.js';

/** Where the monitor has its data from. */
export interface MonitorSource {
  /** @throws {HostP2pError} where no daemon answers */
  status(): Promise<MonitorStatus>;
  /** @throws {HostP2pError} where no daemon answers */
  stations(): Promise<readonly MonitorStation[]>;
  /** The last events that there were, oldest first. @throws {HostP2pError} where no daemon answers */
  events(count: number): Promise<readonly EventLine[]>;
  /**
   * Events from now on.
   * @param ended is called when there will come no more
   * @returns a function that ends it
   * @throws {HostP2pError} where no daemon answers
   */
  follow(listener: (line: EventLine) => void, ended: () => void): Promise<() => void>;
}

/** A daemon behind its control socket, as far as the monitor needs one. */
export interface Answering {
  get(path: string): Promise<unknown>;
  events(count: number): Promise<readonly EventLine[]>;
  follow(listener: (line: EventLine) => void): () => void;
  /** Resolves when the events that are followed come no more. */
  readonly ended: Promise<unknown>;
}

/** @param open finds the daemon, anew whenever events are to be followed: it may have been started again */
export function remoteSource(open: () => Promise<Answering>): MonitorSource {
  let target: Promise<Answering> | null = null;
  const current = () => (target ??= open());
  return {
    status: async () => known(statusOf(await (await current()).get('/v1/status'))),
    stations: async () => known(stationsOf(await (await current()).get('/v1/stations'))),
    events: async (count) => (await current()).events(count),
    follow: async (listener, ended) => {
      target = open();
      const opened = await target;
      void opened.ended.then(ended, ended);
      return opened.follow(listener);
    },
  };
}

function known<T>(answer: T | null): T {
  if (answer !== null) return answer;
  throw new HostP2pError('NOT_RUNNING', 'what answers is no hostp2pd, or one of another version');
}
