import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { temporaryFolder } from '../fakes/temporary-folder.js';

/** Why the tests that read the screen cannot run; false where they can. */
export function reasonToSkip(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  return spawnSync('tmux', ['-V']).error ? 'tmux is not installed' : false;
}

/** A terminal of 80 × 24 with one program in it, whose screen can be read: tmux with a server of its own. */
export class Terminal {
  readonly #socket: string;

  constructor(
    t: TestContext,
    command: readonly string[],
    { environment = {} }: { readonly environment?: Readonly<Record<string, string>> } = {},
  ) {
    this.#socket = join(temporaryFolder(t), 'tmux');
    const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    t.after(() => void spawnSync('tmux', ['-S', this.#socket, 'kill-server']));
    this.#tmux(
      ...[
        '-f',
        '/dev/null',
        '-u',
        'new-session',
        '-d',
        '-x',
        '80',
        '-y',
        '24',
        ...variables,
        '--',
        ...command,
      ],
      ...[';', 'set', '-g', 'status', 'off', ';', 'resize-window', '-x', '80', '-y', '24'],
    );
  }

  /** Text as it is typed. */
  type(text: string): void {
    this.#tmux('send-keys', '-l', '--', text);
  }

  /** Keys by tmux's names, such as `C-c`. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The rows of the screen, without the blanks behind them and the empty ones below. */
  get rows(): readonly string[] {
    return this.#tmux('capture-pane', '-p')
      .trimEnd()
      .split('\n')
      .map((row) => row.trimEnd());
  }

  get text(): string {
    return this.rows.join('\n');
  }

  /** With the sequences that colour it. */
  get coloured(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  get processId(): number {
    return Number(this.#tmux('display-message', '-p', '#{pane_pid}'));
  }

  async shows(pattern: RegExp | ((text: string) => boolean)): Promise<void> {
    const met = (text: string) => (pattern instanceof RegExp ? pattern.test(text) : pattern(text));
    const end = performance.now() + 10_000;
    while (!met(this.text)) {
      if (performance.now() > end)
        throw new Error(`not within 10 s: ${pattern} on the screen:\n${this.text}`);
      await setTimeout(30);
    }
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
  }
}
