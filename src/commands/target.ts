import type { HostP2pError } from '../system/errors.js';
import type { CommandContext, Output, RunOptions } from './command.js';
import { type DeviceArgument, deviceWords } from './devices.js';
import { type EventLine, lineOf } from './journal.js';
import { execute } from './table.js';

/** Where commands go: to the session of this process, or through the control socket to that of another. */
export interface CommandTarget {
  /** The session itself, where it is in this process. */
  readonly context: CommandContext | null;
  /** With another process: resolves with the reason when followed events end; never rejects. */
  readonly ended?: Promise<HostP2pError>;
  /** @throws {HostP2pError} */
  execute(name: string, words: readonly string[], options?: RunOptions): Promise<Output>;
  /** The last events, oldest first. */
  events(count: number): Promise<readonly EventLine[]>;
  /**
   * Events from now on.
   * @param last how many earlier events come first
   * @returns a function that ends it
   */
  follow(listener: (line: EventLine) => void, last?: number): () => void;
  /** Addresses and names, for completion. */
  complete(argument: DeviceArgument): Promise<readonly string[]>;
}

export class LocalTarget implements CommandTarget {
  readonly context: CommandContext;

  constructor(context: CommandContext) {
    this.context = context;
  }

  execute(name: string, words: readonly string[], options?: RunOptions): Promise<Output> {
    return execute(this.context, name, words, options);
  }

  async events(count: number): Promise<readonly EventLine[]> {
    return this.context.journal.last(count).map(lineOf);
  }

  follow(listener: (line: EventLine) => void, last = 0): () => void {
    for (const entry of this.context.journal.last(last)) listener(lineOf(entry));
    return this.context.journal.follow((entry) => listener(lineOf(entry)));
  }

  complete(argument: DeviceArgument): Promise<readonly string[]> {
    return deviceWords(this.context, argument);
  }
}
