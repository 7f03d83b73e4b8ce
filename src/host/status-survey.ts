import { join } from 'node:path';
import { HostP2pError } from '../errors.js';
import type { Timer } from '../transport/clock.js';
import { samePlace } from '../transport/same-place.js';
import { bindFailure, Channel } from '../wpa/channel.js';
import { STATUS } from '../wpa/command.js';
import type { LinkParts } from '../wpa/link.js';

/** How long the answers are waited for, all together: a program that hangs must not hold up the start for long. */
export const ANSWER_LIMIT_MS = 2_000;

/** What became of the request to one interface: the reply to `STATUS`, or why there is none. */
export type Answer = { readonly name: string } & (
  | { readonly status: string }
  | { readonly error: HostP2pError }
);

/** Asks several interfaces at once for their `STATUS`, each over a socket of its own, which goes with the answer. */
export class StatusSurvey {
  readonly #folder: string;
  readonly #names: readonly string[];
  readonly #parts: Pick<LinkParts, 'open' | 'clock' | 'folder'>;
  readonly #done: (answers: readonly Answer[]) => void;
  readonly #answers = new Map<string, Answer>();
  readonly #channels = new Map<string, Channel>();
  #timer: Timer | null = null;
  #over = false;

  /**
   * @param folder wpa_supplicant's `ctrl_interface` folder
   * @param done is given the answers in the order of the names, once; already by `start` where nothing can be asked
   */
  constructor(
    folder: string,
    names: readonly string[],
    parts: Pick<LinkParts, 'open' | 'clock' | 'folder'>,
    done: (answers: readonly Answer[]) => void,
  ) {
    this.#folder = folder;
    this.#names = names;
    this.#parts = parts;
    this.#done = done;
  }

  start(): void {
    this.#timer = this.#parts.clock.after(ANSWER_LIMIT_MS, () => this.#giveUp());
    for (const name of this.#names) this.#ask(name);
    this.#finish();
  }

  /** Removes the sockets; nothing is told any more. */
  close(): void {
    this.#over = true;
    this.#timer?.cancel();
    for (const channel of this.#channels.values()) channel.close();
  }

  #ask(name: string): void {
    const { open, clock, folder } = this.#parts;
    const server = join(this.#folder, name);
    try {
      const channel = new Channel({
        server,
        address: folder.address(name, 'cmd'),
        open,
        clock,
        trusts: (sender) => sender !== null && (sender === server || samePlace(sender, server)),
        onEvent: () => {},
        // The request says the same.
        onBroken: () => {},
      });
      this.#channels.set(name, channel);
      channel.request(STATUS, (outcome) => {
        channel.close();
        this.#answer('reply' in outcome ? { name, status: outcome.reply } : { name, error: outcome.error });
        this.#finish();
      });
    } catch (cause) {
      this.#answer({ name, error: bindFailure(cause) });
    }
  }

  #giveUp(): void {
    const seconds = ANSWER_LIMIT_MS / 1000;
    for (const [name, channel] of this.#channels) {
      const server = join(this.#folder, name);
      channel.close(new HostP2pError('CONTROL_TIMEOUT', `${server}: no reply within ${seconds} s`));
    }
  }

  #answer(answer: Answer): void {
    this.#answers.set(answer.name, answer);
  }

  #finish(): void {
    if (this.#over || this.#answers.size < this.#names.length) return;
    this.close();
    this.#done(this.#names.map((name) => this.#answers.get(name)).filter((answer) => answer !== undefined));
  }
}
