import type { Timer } from '../system/clock.js';
import type { HostP2pError } from '../system/errors.js';
import { bindFailure, type Channel } from '../wpa/channel.js';
import { STATUS } from '../wpa/command.js';
import { ANSWER_LIMIT_MS, type AskingParts, askingChannel, noAnswer } from './ask-control.js';

/** What became of the request to one interface: the reply to `STATUS`, or why there is none. */
export type Answer = { readonly name: string } & (
  | { readonly status: string }
  | { readonly error: HostP2pError }
);

/** Asks several interfaces at once for their `STATUS`, each over a socket of its own, which goes with the answer. */
export class StatusSurvey {
  readonly #folder: string;
  readonly #names: readonly string[];
  readonly #parts: AskingParts;
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
    parts: AskingParts,
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
    try {
      const channel = askingChannel(this.#folder, name, this.#parts);
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
    for (const [name, channel] of this.#channels) channel.close(noAnswer(this.#folder, name));
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
