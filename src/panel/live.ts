import type { JsonValue, Output } from '../commands/command.js';
import { qrContent, qrValueOf } from '../commands/qr.js';
import type { RemoteTarget } from '../control/client.js';
import { type MonitorSource, remoteSource } from '../control/monitor-data.js';
import { MONITOR_TIMING, MonitorFeed } from '../control/monitor-feed.js';
import { HostP2pError } from '../system/errors.js';
import { version } from '../system/version.js';
import { type NetworkView, networkView, panelView, type Signals, withSignals } from './view.js';

/** What the panel needs of a daemon. */
type PanelTarget = Pick<RemoteTarget, 'get' | 'execute' | 'events' | 'follow' | 'ended'>;

interface LiveTiming {
  /** Interval between two questions to the daemon. */
  readonly pollMs: number;
  /** Minimum interval between two views. */
  readonly betweenMs: number;
  /** Minimum interval between two attempts to get the QR code. */
  readonly codeMs: number;
  /** Time for which the daemon is still asked when no page is open: a page that is loaded again finds its charts. */
  readonly lingerMs: number;
}

const TIMING: LiveTiming = { pollMs: 2_000, betweenMs: 100, codeMs: 5_000, lingerMs: 15_000 };

/** Keeps the view up to date for all open pages, with one event stream from the daemon. Without a page it does nothing. */
export class Live {
  readonly #open: () => Promise<PanelTarget>;
  readonly #source: MonitorSource;
  readonly #timing: LiveTiming;
  readonly #watchers = new Set<(view: string) => void>();
  #feed: MonitorFeed | null = null;
  #signals: Signals = new Map();
  #sampledAt = 0;
  #network: { readonly of: string; readonly view: NetworkView | null; readonly at: number } | null = null;
  #next: NodeJS.Timeout | null = null;
  #lingering: NodeJS.Timeout | null = null;
  #shown: string | null = null;

  /** @param open finds the daemon */
  constructor(open: () => Promise<PanelTarget>, timing: Partial<LiveTiming> = {}) {
    this.#open = open;
    this.#source = remoteSource(open);
    this.#timing = { ...TIMING, ...timing };
  }

  /**
   * Calls `take` with the view as JSON, now and after each change.
   * @returns a function that ends it
   */
  watch(take: (view: string) => void): () => void {
    this.#watchers.add(take);
    if (this.#lingering) clearTimeout(this.#lingering);
    this.#lingering = null;
    if (this.#feed === null) this.#start();
    else if (this.#shown !== null) take(this.#shown);
    return () => {
      this.#watchers.delete(take);
      if (this.#watchers.size > 0 || this.#lingering || this.#feed === null) return;
      this.#lingering = setTimeout(() => this.close(), this.#timing.lingerMs);
    };
  }

  /** Carries out a command. @throws {HostP2pError} */
  async execute(name: string, words: readonly string[], signal?: AbortSignal): Promise<Output> {
    return (await this.#open()).execute(name, words, { signal });
  }

  /** @throws {HostP2pError} */
  async get(path: string): Promise<JsonValue> {
    return (await this.#open()).get(path);
  }

  close(): void {
    for (const timer of [this.#next, this.#lingering]) if (timer) clearTimeout(timer);
    this.#next = null;
    this.#lingering = null;
    this.#feed?.stop();
    this.#feed = null;
    this.#signals = new Map();
    this.#network = null;
    this.#shown = null;
  }

  #start(): void {
    const timing = { ...MONITOR_TIMING, poll: this.#timing.pollMs, giveUp: Number.POSITIVE_INFINITY };
    const feed = new MonitorFeed(this.#source, timing, (news) => {
      // The passphrase of a group that has started again may be another one.
      if (news.some(({ entry }) => entry.event.type === 'groupStarted')) this.#network = null;
      this.#next ??= setTimeout(() => this.#show(feed), this.#timing.betweenMs);
    });
    this.#feed = feed;
    void feed.run();
  }

  #show(feed: MonitorFeed): void {
    this.#next = null;
    const { picture } = feed;
    if (picture.at !== this.#sampledAt) this.#signals = withSignals(this.#signals, picture.stations);
    this.#sampledAt = picture.at;
    const group = picture.status?.group ?? null;
    if (group === null) this.#network = null;
    else void this.#askNetwork(feed, `${group.interface} ${group.ssid}`);
    this.#shown = JSON.stringify(panelView(picture, this.#signals, this.#network?.view ?? null, version()));
    for (const take of this.#watchers) take(this.#shown);
  }

  async #askNetwork(feed: MonitorFeed, group: string): Promise<void> {
    const known = this.#network?.of === group ? this.#network : null;
    const now = performance.now();
    if (known && (known.view || now - known.at < this.#timing.codeMs)) return;
    const asked = { of: group, view: null, at: now };
    this.#network = asked;
    const view = await this.#readNetwork();
    // Another group may have come meanwhile.
    if (view === null || this.#network !== asked || this.#feed !== feed) return;
    this.#network = { ...asked, view };
    this.#next ??= setTimeout(() => this.#show(feed), this.#timing.betweenMs);
  }

  /** Null where the daemon does not know the passphrase yet, or has ended. */
  async #readNetwork(): Promise<NetworkView | null> {
    try {
      const value = qrValueOf((await this.execute('qr', [])).value);
      return value && networkView(value, String(await qrContent(value, 'svg')));
    } catch (error) {
      if (error instanceof HostP2pError) return null;
      throw error;
    }
  }
}
