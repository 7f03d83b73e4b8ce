import type { EventLine } from '../commands/journal.js';
import { backoff } from '../system/clock.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import type { MonitorPicture, MonitorSource } from './monitor-data.js';

/** Milliseconds. */
export interface MonitorTiming {
  /** Interval between two questions to the daemon. */
  readonly poll: number;
  /** Minimum interval; an event causes the next question at once. */
  readonly between: number;
  /** Time limit of an answer. */
  readonly answer: number;
  /** Interval between attempts to reach a daemon that has ended: the first, and the longest. */
  readonly again: readonly [first: number, most: number];
  /** When the attempts end: systemd has restarted the daemon by then. Infinity: never, nor does the first have to succeed. */
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
 * Keeps the picture up to date: asks every second, and at once after an event. Where the daemon ends it waits for the
 * next one, at growing intervals, for a limited time.
 */
export class MonitorFeed {
  readonly #source: MonitorSource;
  readonly #timing: MonitorTiming;
  readonly #changed: (news: readonly EventLine[]) => void;
  #picture: MonitorPicture = { status: null, stations: [], events: [], at: 0, lost: null };
  /** Stops following events; null where none are followed. */
  #unfollow: (() => void) | null = null;
  #followed = 0;
  #seen = false;
  #stopped = false;
  #askedAt = 0;
  #eventCame = false;
  /** The pause before the next question, and the wait for an answer. */
  #rest: Wait | null = null;
  #waiting: Wait | null = null;

  /** @param changed is called with the new events after each change of the picture */
  constructor(source: MonitorSource, timing: MonitorTiming, changed: (news: readonly EventLine[]) => void) {
    this.#source = source;
    this.#timing = timing;
    this.#changed = changed;
  }

  get picture(): MonitorPicture {
    return this.#picture;
  }

  /**
   * Runs until `stop`, or until no daemon answers: immediately if none ever did, else after `giveUp`.
   * @returns why no daemon answers; null after `stop`
   */
  async run(): Promise<{ readonly reason: string } | null> {
    for (let failures = 0; !this.#stopped; ) {
      try {
        await this.#ask();
        failures = 0;
      } catch (error) {
        if (this.#stopped) break;
        failures++;
        const reason = messageOf(error);
        if (!this.#seen && Number.isFinite(this.#timing.giveUp)) return { reason };
        if (!this.#lose(reason)) return { reason: `the daemon has ended: ${reason}` };
      }
      if (this.#stopped) break;
      await this.#pause(failures === 0 ? this.#timing.poll : this.#step(failures));
    }
    return null;
  }

  /** Doubles each time; the last attempt is made when the waiting ends. */
  #step(failures: number): number {
    const [firstMs, longestMs] = this.#timing.again;
    const left = (this.#picture.lost?.until ?? Number.POSITIVE_INFINITY) - performance.now();
    return Math.max(0, Math.min(backoff(failures - 1, { firstMs, longestMs }), left));
  }

  stop(): void {
    this.#stopped = true;
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
    if (this.#stopped) return;
    this.#picture = { ...this.#picture, status, stations, at: performance.now(), lost: null };
    // Events from before the monitor started are not new.
    this.#changed(this.#seen ? news : []);
    this.#seen = true;
  }

  /** Follows first and then asks for the earlier events, so that none is missed in between. */
  async #follow(): Promise<readonly EventLine[]> {
    const turn = ++this.#followed;
    const current = () => turn === this.#followed && !this.#stopped;
    let early: EventLine[] | null = [];
    const following = this.#source.follow(
      (line) => {
        if (!current()) return;
        if (early) early.push(line);
        else this.#take(line);
      },
      // The next question follows them again.
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

  /** @returns the lines that were not known yet */
  #add(lines: readonly EventLine[]): readonly EventLine[] {
    const key = ({ entry, text }: EventLine): string => `${entry.time} ${text}`;
    const known = new Set(this.#picture.events.map(key));
    const news = lines.filter((line) => !known.has(key(line)));
    const events = [...this.#picture.events, ...news].slice(-EVENTS_KEPT);
    this.#picture = { ...this.#picture, events };
    return news;
  }

  /** @returns whether to go on waiting for the daemon */
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

  /** A missing answer must not block the view, nor its end. */
  async #within<T>(answer: Promise<T>): Promise<T> {
    const seconds = this.#timing.answer / 1000;
    const late = new Promise<never>((_resolve, reject) => {
      const end = (): void => {
        reject(new HostP2pError('NOT_RUNNING', `no answer from the daemon within ${seconds} s`));
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

  /** Asks soon, unless the daemon has ended: then the next attempt is due at its time. */
  #wake(): void {
    this.#eventCame = true;
    if (!this.#rest || this.#picture.lost) return;
    clearTimeout(this.#rest.timer);
    const wait = Math.max(0, this.#askedAt + this.#timing.between - performance.now());
    this.#rest = { timer: setTimeout(this.#rest.done, wait), done: this.#rest.done };
  }
}
