import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { PATIENCE_MS } from '../fakes/within.js';

/** The Debian packages that a test with a terminal needs. */
export const TERMINAL_PACKAGE = 'tmux';

/** Why the tests that read the screen cannot run; false if they can. */
export function reasonToSkip(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  return spawnSync('tmux', ['-V']).error ? 'tmux is not installed' : false;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A terminal with one program in it: a test types keys and reads the screen. */
export class Terminal {
  readonly #socket: string;

  constructor(t: TestContext, command: readonly string[], options: TerminalOptions = {}) {
    const { columns = 80, rows = 24, environment = {} } = options;
    // It outlasts the test, for without the socket nothing could end the server.
    const folder = temporaryFolder();
    this.#socket = join(folder, 'tmux');
    t.after(() => void spawnSync('tmux', ['-S', this.#socket, 'kill-server']));
    const settings = join(folder, 'tmux.conf');
    // The screen is kept when the program has ended; keys are delivered unchanged.
    const lines = [
      'set -g remain-on-exit on',
      'set -g remain-on-exit-format ""',
      'set -g status off',
      'set -s escape-time 0',
    ];
    writeFileSync(settings, `${lines.join('\n')}\n`);
    const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    this.#tmux(
      ...['-f', settings, '-u', 'new-session', '-d', '-x', String(columns), '-y', String(rows), ...variables],
      ...['--', ...command],
    );
  }

  /** Types text, all at once. */
  type(text: string): void {
    // At the end of an argument it would separate two commands of tmux.
    this.#tmux('send-keys', '-l', '--', text.replace(/;$/, '\\;'));
  }

  /** Types keys by tmux's names: `Enter`, `Tab`, `Left`, `C-c`. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  enter(line: string): void {
    this.type(line);
    this.press('Enter');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The rows of the screen, without trailing blanks and without the empty rows below. */
  get rows(): readonly string[] {
    return this.#tmux('capture-pane', '-p')
      .trimEnd()
      .split('\n')
      .map((row) => row.trimEnd());
  }

  get text(): string {
    return this.rows.join('\n');
  }

  /** The same with colour sequences. */
  get coloured(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** The position of the cursor: column and row, from 0. */
  get cursor(): readonly [number, number] {
    const [column = '', row = ''] = this.#tmux('display-message', '-p', '#{cursor_x} #{cursor_y}')
      .trim()
      .split(' ');
    return [Number(column), Number(row)];
  }

  /** The exit code of the program; null while it runs. */
  get exitCode(): number | null {
    const [dead, status = ''] = this.#tmux('display-message', '-p', '#{pane_dead} #{pane_dead_status}')
      .trim()
      .split(' ');
    return dead === '1' ? Number(status) : null;
  }

  get processId(): number {
    return Number(this.#tmux('display-message', '-p', '#{pane_pid}').trim());
  }

  /** Closes the terminal, as when its window is closed. */
  close(): void {
    this.#tmux('kill-server');
  }

  async shows(pattern: RegExp | ((text: string) => boolean)): Promise<void> {
    const met = (text: string) => (pattern instanceof RegExp ? pattern.test(text) : pattern(text));
    await this.#until(() => met(this.text), String(pattern));
  }

  async ended(): Promise<number | null> {
    await this.#until(() => this.exitCode !== null, 'the end of the program');
    return this.exitCode;
  }

  /** Each look starts a process and blocks this one, in which a fake wpa_supplicant may run. */
  async #until(met: () => boolean, what: string): Promise<void> {
    const began = performance.now();
    while (!met()) {
      const waited = performance.now() - began;
      if (waited > PATIENCE_MS)
        throw new Error(`not within ${PATIENCE_MS} ms: ${what} on the screen:\n${this.text}`);
      await setTimeout(Math.min(30 + waited / 10, 200));
    }
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
  }
}
