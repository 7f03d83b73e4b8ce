import type { ReportedStatus } from '#src/commands/daemon-answers.js';
import type { EventLine } from '#src/commands/journal.js';
import type { MonitorSource } from '#src/control/monitor-data.js';
import type { StationDetail } from '#src/host/status.js';
import { HostP2pError } from '#src/system/errors.js';
import { RUNNING } from './monitor-data.js';

/** A daemon whose answers a test sets. */
export class FakeSource implements MonitorSource {
  current: ReportedStatus = RUNNING;
  on: readonly StationDetail[] = [];
  /** Why there is no answer; null if there is one. */
  down: string | null = null;
  /** It never answers. */
  silent = false;
  /** How often the status was requested, and how often a stream of events. */
  asked = 0;
  tried = 0;
  readonly #past: EventLine[] = [];
  readonly #streams = new Set<{ readonly listener: (line: EventLine) => void; readonly ended: () => void }>();

  get streams(): number {
    return this.#streams.size;
  }

  /** Something happens. */
  emit(line: EventLine): void {
    this.#past.push(line);
    for (const { listener } of this.#streams) listener(line);
  }

  /** The daemon ends. */
  goDown(reason: string): void {
    this.down = reason;
    this.#past.length = 0;
    this.cutStreams();
  }

  /** The daemon closes the streams of events. */
  cutStreams(): void {
    for (const stream of [...this.#streams]) {
      this.#streams.delete(stream);
      stream.ended();
    }
  }

  async status(): Promise<ReportedStatus> {
    this.asked++;
    await this.#answer();
    return this.current;
  }

  async stations(): Promise<readonly StationDetail[]> {
    await this.#answer();
    return this.on;
  }

  async events(count: number): Promise<readonly EventLine[]> {
    await this.#answer();
    return this.#past.slice(-count);
  }

  async follow(listener: (line: EventLine) => void, ended: () => void): Promise<() => void> {
    this.tried++;
    await this.#answer();
    const stream = { listener, ended };
    this.#streams.add(stream);
    return () => this.#streams.delete(stream);
  }

  async #answer(): Promise<void> {
    if (this.silent) await new Promise(() => {});
    if (this.down !== null) throw new HostP2pError('NOT_RUNNING', this.down);
  }
}
