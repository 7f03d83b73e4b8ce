import type { HostP2pD } from '../host/host.js';
import type { LogLevel } from '../logging/logger.js';
import type { EventJournal, OperatorEvent } from './journal.js';

/**
 * An operator's command, once for all faces: the prompt, batch mode, `hostp2pd <command>` against a running daemon, and
 * the control socket. Help, completion and the man page are made from the same description.
 */

/** What goes over the control socket. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What a command is carried out on: a running session, and what its process has beside it. */
export interface Operated {
  readonly host: HostP2pD;
  readonly journal: EventJournal;
  readonly log: LevelSwitch;
  /** Reads the configuration again, as {@link HostP2pD.reload}; the service manager is told, too. */
  readonly reload: (file?: string) => Promise<void>;
  /** Ends the process that holds the session. */
  readonly quit: () => void;
}

export interface LevelSwitch {
  readonly level: LogLevel;
  setLevel(level: LogLevel): void;
}

export interface Output {
  readonly value: JsonValue;
  /** The same for a person: lines without a newline behind the last one; may be empty. */
  readonly text: string;
}

export interface ArgumentSpec {
  /** As it stands in the usage line. */
  readonly name: string;
  readonly optional?: true;
  /** Takes all words that are left, as they stand. */
  readonly rest?: true;
  /** Words that may stand here; where nothing else may, `completes` is missing. */
  readonly words?: readonly string[];
  /** What else may stand here, for TAB; a `file` is made absolute by the face that reads it. */
  readonly completes?: 'device' | 'station' | 'client' | 'file' | 'command' | 'text';
}

/** The faces that have a command of their own: `shell` is `hostp2pd <command>`, `socket` what comes over HTTP. */
export type Face = 'prompt' | 'batch' | 'shell' | 'socket';

/** Most commands have no face to themselves. */
export const EVERYWHERE: readonly Face[] = ['prompt', 'batch', 'shell', 'socket'];

export interface CommandSpec {
  readonly name: string;
  readonly arguments: readonly ArgumentSpec[];
  /** One line. */
  readonly summary: string;
  /** What else there is to know: whole sentences. */
  readonly details?: string;
  readonly faces: readonly Face[];
}

/** What a command may know of whoever called it. */
export interface RunOptions {
  /** Ends a command that takes time, such as a search. */
  readonly signal?: AbortSignal | undefined;
  /** Width of the terminal that shows the text, in columns; undefined where the text does not go to a terminal. */
  readonly columns?: number | undefined;
}

/** A command on a session: the same whatever face it comes from. */
export interface SessionCommand extends CommandSpec {
  /** Events that say the same as the reply of this command: the prompt shows only the reply. */
  readonly repeatedBy?: readonly OperatorEvent['type'][];
  /** @throws HostP2pError */
  run(operated: Operated, words: readonly string[], options?: RunOptions): Promise<Output>;
}
