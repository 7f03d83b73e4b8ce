import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ReportedStatus } from '#src/commands/daemon-answers.js';
import type { EventLine } from '#src/commands/journal.js';
import { MONITOR_TIMING } from '#src/control/monitor-feed.js';
import type { StationDetail } from '#src/host/status.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';

/** What the test makes the fake daemon of the monitor do. */
export type Order =
  | { readonly kind: 'status'; readonly status: ReportedStatus }
  | { readonly kind: 'stations'; readonly stations: readonly StationDetail[] }
  | { readonly kind: 'event'; readonly line: EventLine }
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'up' }
  /** It no longer answers. */
  | { readonly kind: 'silence' }
  /** Another part of the program throws. */
  | { readonly kind: 'fault' };

const PROGRAM = fileURLToPath(new URL('./monitor-program.js', import.meta.url));

/** The monitor in a shell, so that the test sees in which state it leaves the terminal. */
export class PlayedMonitor {
  /** The shell command for the terminal. */
  readonly command: readonly string[];
  readonly #path: string;
  #socket: Socket | null = null;

  /** @param giveUp ms for which a daemon that is gone is waited for */
  constructor(t: TestContext, giveUp = MONITOR_TIMING.giveUp) {
    this.#path = join(temporaryFolder(t), 'orders');
    const script = `echo before; "$0" "$1" "$2" "$3"; echo "code $?"; stty -a | grep -o ' -\\?icanon'; sleep 1000`;
    this.command = ['sh', '-c', script, process.execPath, PROGRAM, this.#path, String(giveUp)];
    t.after(() => this.#socket?.destroy());
  }

  /** Call it after the monitor shows something. */
  play(order: Order): void {
    this.#socket ??= connect(this.#path).on('error', () => {});
    this.#socket.write(`${JSON.stringify(order)}\n`);
  }
}
