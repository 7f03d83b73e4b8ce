import { BoundSocket } from './bound-socket.js';
import { type Entry, Journal, type Matched, type Pattern } from './journal.js';
import type { Timeline } from './timeline.js';
import { LabError, until } from './wait.js';

/** One event of a control socket; `text` is what follows the level. */
export interface ControlEvent extends Entry {
  /** From the `IFNAME=` prefix, which only the global control socket adds. */
  readonly ifname: string | undefined;
  readonly level: number;
  /** The unchanged text. */
  readonly raw: string;
}

const FRAME = /^(?:IFNAME=(\S+) )?<(\d)>(.*)$/s;

/**
 * The lab's own client of a wpa_supplicant control socket, deliberately not the one under test. It has one socket for commands
 * and one for events, because on a shared socket an event can come before a reply.
 */
export class ControlClient {
  readonly path: string;
  /** Called for each event, after it was recorded. */
  onEvent: ((event: ControlEvent) => void) | undefined;
  readonly #name: string;
  readonly #timeline: Timeline;
  readonly #journal: Journal<ControlEvent>;
  #command: BoundSocket | undefined;
  #monitor: BoundSocket | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(path: string, name: string, timeline: Timeline) {
    this.path = path;
    this.#name = name;
    this.#timeline = timeline;
    this.#journal = new Journal(name, timeline);
  }

  /**
   * Waits until something answers on the socket, and attaches to its events. A wpa_supplicant has needed 15 s for its start on a busy
   * machine. `name` is its name in the timeline.
   */
  static async open(
    path: string,
    name: string,
    timeline: Timeline,
    options: { seconds?: number; attach?: boolean } = {},
  ): Promise<ControlClient> {
    const client = new ControlClient(path, name, timeline);
    await until(timeline, `an answer on ${path}`, options.seconds ?? 30, () =>
      client.request('PING', 2).then(
        (reply) => reply === 'PONG\n',
        () => false,
      ),
    );
    if (options.attach !== false) await client.attach();
    return client;
  }

  /** Sends one command and returns the unchanged reply (`''` is a reply too). */
  request(command: string, seconds = 10): Promise<string> {
    // One at a time, because replies have no number.
    const reply = this.#queue.then(() => this.#exchange(command, seconds));
    this.#queue = reply.catch(() => {});
    return reply;
  }

  /** Like `request`, but recorded in the timeline; throws on a reply that begins with FAIL or UNKNOWN. */
  async command(command: string, seconds = 10): Promise<string> {
    this.#timeline.add(this.#name, `→ ${command}`);
    const reply = await this.request(command, seconds);
    if (/^(FAIL|UNKNOWN)/.test(reply)) throw new LabError(`${this.#name}: ${command}: ${reply.trim()}`);
    return reply;
  }

  /** `STATUS` and other replies of `key=value` lines. */
  async fields(command: string): Promise<Map<string, string>> {
    return parseFields(await this.request(command));
  }

  /** Attaches the event socket; again if it is attached already. */
  async attach(): Promise<void> {
    if (this.#monitor === undefined) {
      this.#monitor = new BoundSocket(this.path);
      this.#monitor.onEvent = (text) => this.#record(text);
    }
    const reply = await this.requestOnMonitor('ATTACH');
    if (reply !== 'OK\n') throw new LabError(`${this.#name}: ATTACH: ${reply.trim()}`);
  }

  /** Sends a command on the event socket: LEVEL and DETACH apply to the address of the sender. */
  requestOnMonitor(command: string, seconds = 10): Promise<string> {
    if (this.#monitor === undefined) throw new LabError(`${this.#name}: not attached`);
    return this.#monitor.exchange(command, seconds);
  }

  /** A position in the stream of events: take it before the action whose events you wait for. */
  mark(): number {
    return this.#journal.mark();
  }

  since(mark: number): readonly ControlEvent[] {
    return this.#journal.since(mark);
  }

  /** The first event since `mark` (default: from now on) that matches; an event that matches `failure` ends the wait. */
  waitEvent(
    pattern: Pattern<ControlEvent>,
    seconds: number,
    mark?: number,
    failure?: Pattern<ControlEvent>,
  ): Promise<Matched<ControlEvent>> {
    return this.#journal.wait(pattern, seconds, mark, failure);
  }

  close(): void {
    this.#command?.close();
    this.#monitor?.close();
    this.#command = undefined;
    this.#monitor = undefined;
  }

  #record(raw: string): void {
    const [, ifname, level, text = raw] = FRAME.exec(raw) ?? [];
    const event = { at: this.#timeline.now(), ifname, level: Number(level ?? 3), text, raw };
    this.#timeline.add(this.#name, ifname === undefined ? text : `${ifname}: ${text}`, event.at);
    this.#journal.add(event);
    this.onEvent?.(event);
  }

  async #exchange(command: string, seconds: number, again = true): Promise<string> {
    try {
      this.#command ??= new BoundSocket(this.path);
      return await this.#command.exchange(command, seconds);
    } catch (error) {
      // The next command gets a new socket, so that a late reply is not taken for its own.
      this.#command?.close();
      this.#command = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      // wpa_supplicant has replaced its socket, as it does if one of its clients does not read: -ECONNREFUSED.
      if (again && reason.endsWith('send -111')) return this.#exchange(command, seconds, false);
      throw new LabError(`${this.#name}: ${command}: ${reason}`);
    }
  }
}

/** Lines of `key=value`; skips a line without `=` (the address that begins a STA reply). */
export function parseFields(reply: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of reply.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1));
  }
  return fields;
}
