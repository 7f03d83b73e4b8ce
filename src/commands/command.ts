import type { HostP2pD } from '../host/host.js';
import type { OperatorEvent } from '../host/public-event.js';
import type { LogLevel } from '../logging/logger.js';
import type { Paint } from '../system/colours.js';
import { HostP2pError } from '../system/errors.js';
import { inQuotes } from '../system/values.js';
import type { EventJournal } from './journal.js';

/**
 * What an operator's command is. Each is described and implemented once, for all frontends: the prompt, batch mode,
 * `hostp2pd <command>` and the control socket. Help, completion and the man page are made from the same description.
 */

/** A value that is sent over the control socket. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What a command acts on: a running session, and what its process has beside it. */
export interface CommandContext {
  readonly host: HostP2pD;
  readonly journal: EventJournal;
  readonly log: LevelSwitch;
  /** Reads the configuration again, as {@link HostP2pD.reload}, and notifies the service manager. */
  readonly reload: (file?: string) => Promise<void>;
  /** Ends the process of the session. */
  readonly quit: () => void;
}

export interface LevelSwitch {
  readonly level: LogLevel;
  /** The log file; null: none. */
  readonly file: string | null;
  setLevel(level: LogLevel): void;
}

/** The result of a command, for a program and for a person. */
export interface Output {
  readonly value: JsonValue;
  /** Lines without a newline after the last one; may be empty. */
  readonly text: string;
}

export interface ArgumentSpec {
  /** As in the usage line. */
  readonly name: string;
  readonly optional?: true;
  /** Takes all remaining words unchanged. */
  readonly rest?: true;
  /** Words that are allowed here; without `completes`, the only ones. */
  readonly words?: readonly string[];
  /** What else is allowed here, for completion. The frontend makes the path of a `file` absolute. */
  readonly completes?: 'device' | 'station' | 'client' | 'file' | 'command' | 'text';
}

/** Where a command can be given: `shell` is `hostp2pd <command>`, `socket` is HTTP. */
export type Frontend = 'prompt' | 'batch' | 'shell' | 'socket';

export const EVERYWHERE: readonly Frontend[] = ['prompt', 'batch', 'shell', 'socket'];

export interface CommandSpec {
  readonly name: string;
  readonly arguments: readonly ArgumentSpec[];
  /** One line. */
  readonly summary: string;
  /** What else there is to know: whole sentences. */
  readonly details?: string;
  readonly frontends: readonly Frontend[];
}

/** What a command may know of its caller. */
export interface RunOptions {
  /** Ends a command that takes time, such as a search. */
  readonly signal?: AbortSignal | undefined;
  /** Width of the terminal that shows the text, in columns; undefined where the text does not go to a terminal. */
  readonly columns?: number | undefined;
  /** Colours the text; undefined: no colours. */
  readonly paint?: Paint | undefined;
}

/** A command on a session: the same for every frontend. */
export interface SessionCommand extends CommandSpec {
  /** Events that say the same as the reply of this command: the prompt shows only the reply. */
  readonly repeatedBy?: readonly OperatorEvent['type'][];
  /** @throws HostP2pError */
  run(context: CommandContext, words: readonly string[], options?: RunOptions): Promise<Output>;
}

export function output(value: unknown, text: string): Output {
  return { value: jsonOf(value), text };
}

/** A copy that is JSON and nothing else: what JSON cannot express is left out, or null in a list. */
export function jsonOf(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object') return null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && typeof member !== 'function')
      .map(([key, member]) => [key, jsonOf(member)]),
  );
}

/** `pair [pbc|pin] [PIN] [address]` */
export function usage(command: CommandSpec): string {
  const words = command.arguments.map(({ name, optional, rest }) => {
    const text = rest ? `${name}…` : name;
    return optional ? `[${text}]` : `<${text}>`;
  });
  return [command.name, ...words].join(' ');
}

/** @throws {HostP2pError} USAGE for too few words, too many, or one that is not allowed */
export function checkArguments(command: CommandSpec, words: readonly string[]): void {
  const { name, arguments: specs } = command;
  const least = specs.filter(({ optional }) => !optional).length;
  const most = specs.some(({ rest }) => rest) ? Number.POSITIVE_INFINITY : specs.length;
  if (most === 0 && words.length > 0) throw new HostP2pError('USAGE', `${name} takes no arguments`);
  if (words.length < least || words.length > most) {
    const got = words.length === 1 ? '1 argument' : `${words.length} arguments`;
    throw new HostP2pError('USAGE', `${name}: expected "${usage(command)}", got ${got}`);
  }
  for (const [place, word] of words.entries()) {
    const spec = specs[Math.min(place, specs.length - 1)];
    if (spec?.words && spec.completes === undefined && !spec.words.includes(word)) {
      throw new HostP2pError('USAGE', `${name}: expected ${spec.words.join(' or ')}, got ${inQuotes(word)}`);
    }
  }
}

/**
 * The seconds that an argument states.
 * @param of the command, and the option if it is one
 * @throws {HostP2pError} USAGE
 */
export function parseSeconds(of: string, word: string | undefined, preset: number, most: number): number {
  if (word === undefined) return preset;
  const seconds = /^\d+(?:\.\d+)?$/.test(word) ? Number(word) : Number.NaN;
  if (seconds <= most) return seconds;
  throw new HostP2pError('USAGE', `${of}: expected seconds, at most ${most}, got ${inQuotes(word)}`);
}

/**
 * The count that an argument states.
 * @param of the command
 * @throws {HostP2pError} USAGE
 */
export function parseCount(of: string, word: string | undefined, preset: number): number {
  if (word === undefined) return preset;
  if (/^\d{1,6}$/.test(word)) return Number(word);
  throw new HostP2pError('USAGE', `${of}: expected a number, 0 or more, got ${inQuotes(word)}`);
}
