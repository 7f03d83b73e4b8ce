import type { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import type { ArgumentSpec, Operated, Output, RunOptions } from './command.js';
import { type EventLine, lineOf } from './event-text.js';
import { execute } from './execute.js';

/** What may stand in the place of an argument and is known to the session alone. */
export type Completable = Extract<ArgumentSpec['completes'], 'device' | 'station' | 'client'>;

/** Where commands go: to the session of this process, or through the control socket to that of another. */
export interface CommandTarget {
  /** The session itself, where it is in this process. */
  readonly operated: Operated | null;
  /** With another process: resolves when events that were followed come no more, with the reason; never rejects. */
  readonly ended?: Promise<HostP2pError>;
  /** @throws {HostP2pError} */
  execute(name: string, words: readonly string[], options?: RunOptions): Promise<Output>;
  /** The last events that there were, oldest first. */
  events(count: number): Promise<readonly EventLine[]>;
  /**
   * Events from now on.
   * @param last how many earlier events come first
   * @returns a function that ends it
   */
  follow(listener: (line: EventLine) => void, last?: number): () => void;
  /** Addresses and names, for TAB. */
  complete(what: Completable): Promise<readonly string[]>;
}

export class LocalTarget implements CommandTarget {
  readonly operated: Operated;

  constructor(operated: Operated) {
    this.operated = operated;
  }

  execute(name: string, words: readonly string[], options?: RunOptions): Promise<Output> {
    return execute(this.operated, name, words, options);
  }

  async events(count: number): Promise<readonly EventLine[]> {
    return this.operated.journal.last(count).map(lineOf);
  }

  follow(listener: (line: EventLine) => void, last = 0): () => void {
    for (const entry of this.operated.journal.last(last)) listener(lineOf(entry));
    return this.operated.journal.follow((entry) => listener(lineOf(entry)));
  }

  async complete(what: Completable): Promise<readonly string[]> {
    return completions(this.operated, what);
  }
}

/** Addresses first, then the names as they are: whoever shows them quotes those that need it. */
export async function completions({ host }: Operated, what: Completable): Promise<readonly string[]> {
  const known =
    what === 'station'
      ? host.stations.map(({ address, deviceAddress, name }) => ({ address: deviceAddress ?? address, name }))
      : what === 'client'
        ? (await host.clients().catch(() => [])).map(({ deviceAddress: address, name }) => ({
            address,
            name,
          }))
        : [...host.peers.values()].map(({ deviceAddress: address, name }) => ({ address, name }));
  // One that has to be shown with other characters than it has cannot be typed either.
  const names = known.flatMap(({ name }) => (name && printable(name) === name ? [name] : []));
  return [...new Set([...known.map(({ address }) => address), ...names])];
}
