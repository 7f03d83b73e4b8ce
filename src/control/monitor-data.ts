import type { EventLine } from '../commands/journal.js';
import type { Condition } from '../commands/status-text.js';
import type { CommandTarget } from '../commands/target.js';
import type { StationDetail, StatusView } from '../host/status.js';
import type { EnrolmentView, GroupView, PairingView } from '../session/session-event.js';
import { backoff } from '../system/clock.js';
import { HostP2pError, messageOf } from '../system/errors.js';

/** The data of the monitor: read from a daemon that may be of another version, and kept up to date. */

/** The part of the status that the monitor shows. */
export type MonitorStatus = Omit<StatusView, Unused | 'phase' | 'noGroup' | 'problems'> & {
  readonly phase: string;
  /** Null also where a daemon of another version does not report it. */
  readonly noGroup: Condition | null;
  readonly problems: readonly (Condition & { readonly subject: string })[];
};
type Unused = 'addresses' | 'withoutAddress' | 'recording' | 'eventsHeldBack';

export type MonitorStation = StationDetail;

export interface MonitorPicture {
  /** Null while no daemon answers. */
  readonly status: MonitorStatus | null;
  readonly stations: readonly MonitorStation[];
  /** Oldest first. */
  readonly events: readonly EventLine[];
  /** When status and stations were read: milliseconds of `performance.now()`. */
  readonly at: number;
  /** Where no daemon answers: the reason, and the end of waiting for one, on the same clock. */
  readonly lost: { readonly reason: string; readonly until: number } | null;
}

/** Where the monitor gets its data. All methods throw {@link HostP2pError} where no daemon answers. */
export interface MonitorSource {
  status(): Promise<MonitorStatus>;
  stations(): Promise<readonly MonitorStation[]>;
  /** The last events, oldest first. */
  events(count: number): Promise<readonly EventLine[]>;
  /**
   * Events from now on.
   * @param ended is called when no more events will come
   * @returns a function that ends it
   */
  follow(listener: (line: EventLine) => void, ended: () => void): Promise<() => void>;
}

/** A daemon, through its control socket. */
interface Daemon extends Pick<CommandTarget, 'events' | 'follow'> {
  get(path: string): Promise<unknown>;
  readonly ended: Promise<unknown>;
}

/** @param open finds the daemon; called each time that events are followed, because the daemon may have restarted */
export function remoteSource(open: () => Promise<Daemon>): MonitorSource {
  let target: Promise<Daemon> | null = null;
  const ask = async <T>(path: string, read: (answer: unknown) => T | null): Promise<T> => {
    target ??= open();
    const answer = read(await (await target).get(path));
    if (answer !== null) return answer;
    throw new HostP2pError('NOT_RUNNING', 'the answer is not from hostp2pd, or from another version of it');
  };
  return {
    status: () => ask('/v1/status', statusOf),
    stations: () => ask('/v1/stations', stationsOf),
    events: async (count) => {
      target ??= open();
      return (await target).events(count);
    },
    follow: async (listener, ended) => {
      target = open();
      const opened = await target;
      void opened.ended.then(ended, ended);
      return opened.follow(listener);
    },
  };
}

/** Reads `/v1/status`; null where it is no status. A field of an unknown kind is left out. */
export function statusOf(answer: unknown): MonitorStatus | null {
  const fields = fieldsOf(answer);
  const phase = text(fields['phase']);
  if (phase === null) return null;
  return {
    phase,
    interface: text(fields['interface']),
    attached: fields['attached'] === true,
    group: groupOf(fields['group']),
    noGroup: conditionOf(fields['noGroup']),
    problems: listOf(fields['problems'], problemOf),
    enrolling: listOf(fields['enrolling'], enrolmentOf),
    pairing: pairingOf(fields['pairing']),
    paused: fields['paused'] === true,
    groupStopped: fields['groupStopped'] === true,
  };
}

/** Reads `/v1/stations`: a list, or an object that has it; null where it is neither. */
export function stationsOf(answer: unknown): readonly MonitorStation[] | null {
  const list = Array.isArray(answer) ? answer : fieldsOf(answer)['stations'];
  return Array.isArray(list) ? listOf(list, stationOf) : null;
}

function groupOf(value: unknown): GroupView | null {
  const fields = fieldsOf(value);
  const name = text(fields['interface']);
  if (name === null) return null;
  return {
    interface: name,
    ssid: text(fields['ssid']),
    frequency: number(fields['frequency']),
    networkId: number(fields['networkId']),
  };
}

function conditionOf(value: unknown): Condition | null {
  const { reason: why, since, waitsFor, nextTrySeconds } = fieldsOf(value);
  const reason = text(why);
  if (reason === null) return null;
  const began = Number.isNaN(Date.parse(String(since))) ? null : text(since);
  return { reason, since: began, waitsFor: text(waitsFor), nextTrySeconds: number(nextTrySeconds) };
}

function problemOf(value: unknown): MonitorStatus['problems'][number] | null {
  const subject = text(fieldsOf(value)['subject']);
  const condition = conditionOf(value);
  return subject === null || condition === null ? null : { ...condition, subject };
}

function enrolmentOf(value: unknown): EnrolmentView | null {
  const fields = fieldsOf(value);
  const deviceAddress = text(fields['deviceAddress']);
  const method = oneOf(fields['method'], ['display', 'keypad', 'pbc'] as const);
  if (deviceAddress === null || method === null) return null;
  return {
    deviceAddress,
    name: text(fields['name']),
    method,
    pin: text(fields['pin']),
    secondsLeft: number(fields['secondsLeft']) ?? 0,
  };
}

function pairingOf(value: unknown): PairingView | null {
  const fields = fieldsOf(value);
  const method = oneOf(fields['method'], ['pbc', 'pin'] as const);
  if (method === null) return null;
  return {
    method,
    pin: text(fields['pin']),
    deviceAddress: text(fields['deviceAddress']),
    secondsLeft: number(fields['secondsLeft']) ?? 0,
  };
}

function stationOf(value: unknown): MonitorStation | null {
  const fields = fieldsOf(value);
  const address = text(fields['address']);
  if (address === null) return null;
  return {
    address,
    deviceAddress: text(fields['deviceAddress']),
    name: text(fields['name']),
    ip: text(fields['ip']),
    ipv6: text(fields['ipv6']),
    signal: number(fields['signal']),
    receivedBytes: number(fields['receivedBytes']),
    sentBytes: number(fields['sentBytes']),
    connectedSeconds: number(fields['connectedSeconds']),
  };
}

/** None where it is no object. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.fromEntries(Object.entries(value)) : {};
}

function listOf<T>(value: unknown, read: (member: unknown) => T | null): readonly T[] {
  return Array.isArray(value) ? value.map(read).filter((member) => member !== null) : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function oneOf<T extends string>(value: unknown, words: readonly T[]): T | null {
  return words.find((known) => known === value) ?? null;
}

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
