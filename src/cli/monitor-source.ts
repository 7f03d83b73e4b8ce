import type { EventLine } from '../commands/event-text.js';
import { HostP2pError } from '../index.js';
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
   */
  follow(listener: (line: EventLine) => void, ended: () => void): () => void;
}

/** A daemon behind its control socket, as far as the monitor needs one. */
export interface Answering {
  get(path: string): Promise<unknown>;
  events(count: number): Promise<readonly EventLine[]>;
  follow(listener: (line: EventLine) => void): () => void;
  /** Resolves when the events that are followed come no more. */
  readonly ended?: Promise<unknown>;
}

/** @param open makes a new one whenever events are followed anew, for each can come to its end */
export function remoteSource(open: () => Answering): MonitorSource {
  let target: Answering | null = null;
  const current = () => (target ??= open());
  return {
    status: async () => known(statusOf(await current().get('/v1/status'))),
    stations: async () => known(stationsOf(await current().get('/v1/stations'))),
    events: (count) => current().events(count),
    follow: (listener, ended) => {
      target = open();
      const unfollow = target.follow(listener);
      void target.ended?.then(ended, ended);
      return unfollow;
    },
  };
}

function known<T>(answer: T | null): T {
  if (answer !== null) return answer;
  throw new HostP2pError('NOT_RUNNING', 'what answers is no hostp2pd, or one of another version');
}
