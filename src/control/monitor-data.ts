import { type ReportedStatus, stationsOf, statusOf } from '../commands/daemon-answers.js';
import type { EventLine } from '../commands/journal.js';
import type { CommandTarget } from '../commands/target.js';
import type { StationDetail } from '../host/status.js';
import { HostP2pError } from '../system/errors.js';

/** The data of the monitor, read from a daemon that may be of another version. */

export interface MonitorPicture {
  /** Null while no daemon answers. */
  readonly status: ReportedStatus | null;
  readonly stations: readonly StationDetail[];
  /** Oldest first. */
  readonly events: readonly EventLine[];
  /** When status and stations were read: milliseconds of `performance.now()`. */
  readonly at: number;
  /** Where no daemon answers: the reason, and the end of waiting for one, on the same clock. */
  readonly lost: { readonly reason: string; readonly until: number } | null;
}

/** Where the monitor gets its data. All methods throw {@link HostP2pError} where no daemon answers. */
export interface MonitorSource {
  status(): Promise<ReportedStatus>;
  stations(): Promise<readonly StationDetail[]>;
  /** The last events, oldest first. */
  events(count: number): Promise<readonly EventLine[]>;
  /**
   * Events from now on.
   * @param ended is called when no more events will come
   * @returns a function that ends it
   */
  follow(listener: (line: EventLine) => void, ended: () => void): Promise<() => void>;
}

/** A daemon, through its control socket. */
interface Daemon extends Pick<CommandTarget, 'events' | 'follow'> {
  get(path: string): Promise<unknown>;
  readonly ended: Promise<unknown>;
}

/** @param open finds the daemon; called each time that events are followed, because the daemon may have restarted */
export function remoteSource(open: () => Promise<Daemon>): MonitorSource {
  let target: Promise<Daemon> | null = null;
  const ask = async <T>(path: string, read: (answer: unknown) => T | null): Promise<T> => {
    target ??= open();
    const answer = read(await (await target).get(path));
    if (answer !== null) return answer;
    throw new HostP2pError('NOT_RUNNING', 'the answer is not from hostp2pd, or from another version of it');
  };
  return {
    status: () => ask('/v1/status', statusOf),
    stations: () => ask('/v1/stations', stationsOf),
    events: async (count) => {
      target ??= open();
      return (await target).events(count);
    },
    follow: async (listener, ended) => {
      target = open();
      const opened = await target;
      void opened.ended.then(ended, ended);
      return opened.follow(listener);
    },
  };
}
