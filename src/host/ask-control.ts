import { join } from 'node:path';
import { systemClock } from '../system/clock.js';
import { HostP2pError } from '../system/errors.js';
import { samePlace } from '../system/same-place.js';
import { bindFailure, Channel, type Done, type Outcome } from '../wpa/channel.js';
import { ClientFolder } from '../wpa/client-folder.js';
import { checkCommand } from '../wpa/command.js';
import type { LinkParts } from '../wpa/link.js';
import { openUnixDatagram } from '../wpa/unix-datagram.js';

/** How long answers are waited for, all together: a program that hangs must not hold up whoever asks for long. */
export const ANSWER_LIMIT_MS = 2_000;

export type AskingParts = Pick<LinkParts, 'open' | 'clock' | 'folder'>;

/**
 * A channel for a few questions to one interface. Events come only to one that attaches itself.
 * @throws what {@link bindFailure} turns into words
 */
export function askingChannel(
  controlFolder: string,
  name: string,
  { open, clock, folder }: AskingParts,
  onEvent: (text: string, level: number) => void = () => {},
): Channel {
  const server = join(controlFolder, name);
  return new Channel({
    server,
    address: folder.address(name, 'cmd'),
    open,
    clock,
    trusts: (sender) => sender !== null && (sender === server || samePlace(sender, server)),
    onEvent,
    // The request says the same.
    onBroken: () => {},
  });
}

/**
 * Asks an interface that the session is not attached to, now and then: each question over a socket of its own, which goes
 * with the answer.
 */
export class Questions {
  readonly #controlFolder: string;
  readonly #parts: AskingParts;
  readonly #open = new Set<Channel>();

  constructor(controlFolder: string, parts: AskingParts) {
    this.#controlFolder = controlFolder;
    this.#parts = parts;
  }

  /** Calls `done` exactly once. */
  ask(name: string, command: string, done: Done): void {
    try {
      const channel = askingChannel(this.#controlFolder, name, this.#parts);
      this.#open.add(channel);
      channel.request(command, (outcome) => {
        this.#open.delete(channel);
        channel.close();
        done(outcome);
      });
    } catch (cause) {
      done({ error: bindFailure(cause) });
    }
  }

  /** Removes the sockets. What is still open ends with CONTROL_CLOSED. */
  close(): void {
    for (const channel of this.#open) channel.close();
  }
}

/** What the channel is closed with when the time is up. */
export function noAnswer(controlFolder: string, name: string, limitMs = ANSWER_LIMIT_MS): HostP2pError {
  const seconds = limitMs / 1000;
  return new HostP2pError('CONTROL_TIMEOUT', `${join(controlFolder, name)}: no reply within ${seconds} s`);
}

/**
 * Asks one interface of wpa_supplicant without a session, over a socket of its own that is gone afterwards.
 * @param commands requests as they stand; whoever only wants to know sends none that changes anything
 * @returns what became of each, in their order; never rejects
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
  const limit = systemClock.after(limitMs, () => channel.close(noAnswer(controlFolder, name, limitMs)));
  const answers = commands.map(
    (command) => new Promise<Outcome>((resolve) => channel.request(command, resolve)),
  );
  try {
    return await Promise.all(answers);
  } finally {
    limit.cancel();
    channel.close();
    folder.close();
  }
}
