import type { EventLine } from '../commands/event-text.js';
import { backoff } from '../system/clock.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import type { MonitorPicture } from './monitor-frame.js';
import type { MonitorSource } from './monitor-source.js';

/** Milliseconds. */
export interface MonitorTiming {
  /** How often the daemon is asked how things stand. */
  readonly poll: number;
  /** After an event it is asked at once, but never sooner than this after the last time. */
  readonly between: number;
  /** How long an answer is waited for. */
  readonly answer: number;
  /** How soon a daemon that has gone is looked for again: at first, and at most. */
  readonly again: readonly [first: number, most: number];
  /** How long it is looked for: systemd has restarted it by then. */
  readonly giveUp: number;
}

export const MONITOR_TIMING: MonitorTiming = {
  poll: 1_000,
  between: 100,
  answer: 5_000,
  again: [250, 4_000],
  giveUp: 60_000,
};

const EVENTS_ASKED = 100;
const EVENTS_KEPT = 200;

interface Wait {
  readonly timer: NodeJS.Timeout;
  readonly done: () => void;
}

/**
 * Keeps the picture true: asks every second, and at once after an event. Where the daemon goes it waits for the next
 * one, in growing steps, for a bounded time.
 */
export class MonitorFeed {
  readonly #source: MonitorSource;
  readonly #timing: MonitorTiming;
  readonly #changed: (news: readonly EventLine[]) => void;
  #picture: MonitorPicture = { status: null, stations: [], events: [], at: 0, lost: null };
  /** Ends the following of events; null where none are followed. */
  #unfollow: (() => void) | null = null;
  #followed = 0;
  #seen = false;
  #over = false;
  #askedAt = 0;
  #eventCame = false;
  /** Until the next question, and for an answer. */
  #rest: Wait | null = null;
  #waiting: Wait | null = null;

  /** @param changed is told the events that came, after the picture has changed */
  constructor(source: MonitorSource, timing: MonitorTiming, changed: (news: readonly EventLine[]) => void) {
    this.#source = source;
    this.#timing = timing;
    this.#changed = changed;
  }

  get picture(): MonitorPicture {
    return this.#picture;
  }

  /** Runs until `stop`, or until no daemon answers: at first at once, later after the time to wait for one. */
  async run(): Promise<{ readonly reason: string } | null> {
    for (let failures = 0; !this.#over; ) {
      try {
        await this.#ask();
        failures = 0;
      } catch (error) {
        if (this.#over) break;
        failures++;
        const reason = messageOf(error);
        if (!this.#seen) return { reason };
        if (!this.#lose(reason)) return { reason: `the daemon has ended: ${reason}` };
      }
      if (this.#over) break;
      await this.#pause(failures === 0 ? this.#timing.poll : this.#step(failures));
    }
    return null;
  }

  /** Longer each time, up to the last one, which is at the end of the waiting. */
  #step(failures: number): number {
    const [firstMs, lastMs] = this.#timing.again;
    const left = (this.#picture.lost?.until ?? Number.POSITIVE_INFINITY) - performance.now();
    return Math.max(0, Math.min(backoff(failures - 1, { firstMs, lastMs }), left));
  }

  stop(): void {
    this.#over = true;
    this.#drop();
    this.#rest?.done();
    this.#waiting?.done();
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now();
    this.#eventCame = false;
    const news = this.#unfollow === null ? await this.#follow() : [];
    const [status, stations] = await this.#within(
      Promise.all([this.#source.status(), this.#source.stations()]),
    );
    if (this.#over) return;
    this.#picture = { ...this.#picture, status, stations, at: performance.now(), lost: null };
    // What there was before we came is no news.
    this.#changed(this.#seen ? news : []);
    this.#seen = true;
  }

  /** First follows and then asks for those that there were: so none is missed between. */
  async #follow(): Promise<readonly EventLine[]> {
    const turn = ++this.#followed;
    const current = () => turn === this.#followed && !this.#over;
    let early: EventLine[] | null = [];
    const following = this.#source.follow(
      (line) => {
        if (!current()) return;
        if (early) early.push(line);
        else this.#take(line);
      },
      // They are followed again with the next question.
      () => {
        if (current()) this.#drop();
      },
    );
    const opened = following.then((unfollow) => {
      if (current()) this.#unfollow = unfollow;
      else unfollow();
    });
    await this.#within(opened);
    const former = await this.#within(this.#source.events(EVENTS_ASKED));
    const news = [...this.#add(former), ...this.#add(early)];
    early = null;
    return news;
  }

  #take(line: EventLine): void {
    const news = this.#add([line]);
    if (this.#seen) this.#changed(news);
    this.#wake();
  }

  /** @returns those that were not there yet */
  #add(lines: readonly EventLine[]): readonly EventLine[] {
    const key = ({ entry, text }: EventLine): string => `${entry.time} ${text}`;
    const known = new Set(this.#picture.events.map(key));
    const news = lines.filter((line) => !known.has(key(line)));
    const events = [...this.#picture.events, ...news].slice(-EVENTS_KEPT);
    this.#picture = { ...this.#picture, events };
    return news;
  }

  /** @returns whether the daemon is waited for still */
  #lose(reason: string): boolean {
    this.#drop();
    const until = this.#picture.lost?.until ?? performance.now() + this.#timing.giveUp;
    if (performance.now() >= until) return false;
    this.#picture = { ...this.#picture, status: null, stations: [], lost: { reason, until } };
    this.#changed([]);
    return true;
  }

  #drop(): void {
    this.#followed++;
    this.#unfollow?.();
    this.#unfollow = null;
  }

  /** An answer that does not come must not hold up the view for ever, nor its end. */
  async #within<T>(answer: Promise<T>): Promise<T> {
    const seconds = this.#timing.answer / 1000;
    const late = new Promise<never>((_resolve, reject) => {
      const end = (): void => {
        reject(new HostP2pError('NOT_RUNNING', `the daemon does not answer within ${seconds} s`));
      };
      this.#waiting = { timer: setTimeout(end, this.#timing.answer), done: end };
    });
    return Promise.race([answer, late]).finally(() => {
      clearTimeout(this.#waiting?.timer);
      this.#waiting = null;
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        if (this.#rest) clearTimeout(this.#rest.timer);
        this.#rest = null;
        resolve();
      };
      this.#rest = { timer: setTimeout(done, ms), done };
      if (this.#eventCame) this.#wake();
    });
  }

  /** Asks soon, unless the daemon has gone: then only the steps of waiting count. */
  #wake(): void {
    this.#eventCame = true;
    if (!this.#rest || this.#picture.lost) return;
    clearTimeout(this.#rest.timer);
    const wait = Math.max(0, this.#askedAt + this.#timing.between - performance.now());
    this.#rest = { timer: setTimeout(this.#rest.done, wait), done: this.#rest.done };
  }
}
