import { join } from 'node:path';
import { systemClock } from '../system/clock.js';
import { HostP2pError } from '../system/errors.js';
import { samePlace } from '../system/folders.js';
import { bindFailure, Channel, type Done, type Outcome } from '../wpa/channel.js';
import { ClientFolder } from '../wpa/client-folder.js';
import { checkCommand } from '../wpa/command.js';
import type { LinkParts } from '../wpa/link.js';
import { openUnixDatagram } from '../wpa/unix-datagram.js';

/** Requests to interfaces of wpa_supplicant that the session is not attached to. */

/** How long the replies to a set of requests are waited for: a program that hangs must not hold up the others. */
export const ANSWER_LIMIT_MS = 2_000;
/** The same for the doctor, which asks once. On a busy machine two seconds are not enough. */
export const PATIENT_LIMIT_MS = 4_000;

type AskingParts = Pick<LinkParts, 'open' | 'clock' | 'folder'>;

/**
 * A channel for a few requests to one interface. wpa_supplicant sends events only to clients that attach.
 * @throws what {@link bindFailure} turns into words
 */
export function askingChannel(
  controlFolder: string,
  name: string,
  { open, clock, folder }: AskingParts,
  onEvent?: (text: string, level: number) => void,
): Channel {
  const server = join(controlFolder, name);
  return new Channel({
    server,
    address: folder.address(name, 'cmd'),
    open,
    clock,
    trusts: (sender) => sender !== null && (sender === server || samePlace(sender, server)),
    ...(onEvent && { onEvent }),
    // The request reports the same.
    onBroken: () => {},
  });
}

/** Sends each request over a socket of its own, which is removed when the reply has come. */
export class Questions {
  readonly #controlFolder: string;
  readonly #parts: AskingParts;
  readonly #open = new Map<Channel, string>();

  constructor(controlFolder: string, parts: AskingParts) {
    this.#controlFolder = controlFolder;
    this.#parts = parts;
  }

  /** Calls `done` exactly once, perhaps at once. */
  ask(name: string, command: string, done: Done): void {
    try {
      const channel = askingChannel(this.#controlFolder, name, this.#parts);
      this.#open.set(channel, name);
      channel.request(command, (outcome) => {
        this.#open.delete(channel);
        channel.close();
        done(outcome);
      });
    } catch (cause) {
      done({ error: bindFailure(cause) });
    }
  }

  /** Ends the requests that have no reply yet with CONTROL_TIMEOUT. */
  giveUp(): void {
    for (const [channel, name] of this.#open) channel.close(noReply(this.#controlFolder, name));
  }

  /** Removes the sockets. Requests without a reply end with CONTROL_CLOSED. */
  close(): void {
    for (const channel of this.#open.keys()) channel.close();
  }
}

function noReply(controlFolder: string, name: string, limitMs = ANSWER_LIMIT_MS): HostP2pError {
  const seconds = limitMs / 1000;
  return new HostP2pError('CONTROL_TIMEOUT', `${join(controlFolder, name)}: no reply within ${seconds} s`);
}

/**
 * Sends the same request to several interfaces at once.
 * @param done gets the outcomes in the order of the names, within {@link ANSWER_LIMIT_MS}; perhaps at once
 * @returns a function that removes the sockets, after which `done` is not called any more
 */
export function askEach(
  controlFolder: string,
  names: readonly string[],
  command: string,
  parts: AskingParts,
  done: (outcomes: ReadonlyMap<string, Outcome>) => void,
): () => void {
  const questions = new Questions(controlFolder, parts);
  const outcomes = new Map<string, Outcome>();
  const limit = parts.clock.after(ANSWER_LIMIT_MS, () => questions.giveUp());
  let over = false;
  const close = (): void => {
    over = true;
    limit.cancel();
    questions.close();
  };
  const finish = (): void => {
    if (over || outcomes.size < names.length) return;
    close();
    const inOrder = names.flatMap((name): [string, Outcome][] => {
      const outcome = outcomes.get(name);
      return outcome ? [[name, outcome]] : [];
    });
    done(new Map(inOrder));
  };
  for (const name of names) {
    questions.ask(name, command, (outcome) => {
      outcomes.set(name, outcome);
      finish();
    });
  }
  finish();
  return close;
}

/**
 * Sends requests to one interface of wpa_supplicant without a session, over a socket that is removed afterwards.
 * @param commands sent as they are: a caller that only wants to look sends none that changes anything
 * @returns the outcome of each, in their order; never rejects
 */
export async function askControl(
  controlFolder: string,
  name: string,
  commands: readonly string[],
  limitMs = ANSWER_LIMIT_MS,
): Promise<readonly Outcome[]> {
  let folder: ClientFolder | null = null;
  let channel: Channel;
  try {
    for (const command of commands) checkCommand(command);
    folder = ClientFolder.open();
    channel = askingChannel(controlFolder, name, { open: openUnixDatagram, clock: systemClock, folder });
  } catch (cause) {
    folder?.close();
    const error = bindFailure(cause);
    return commands.map(() => ({ error }));
  }
  const limit = systemClock.after(limitMs, () => channel.close(noReply(controlFolder, name, limitMs)));
  const outcomes = commands.map(
    (command) => new Promise<Outcome>((resolve) => channel.request(command, resolve)),
  );
  try {
    return await Promise.all(outcomes);
  } finally {
    limit.cancel();
    channel.close();
    folder.close();
  }
}
