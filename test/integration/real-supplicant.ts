import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATIENCE_MS, within } from '../fakes/within.js';

/** The wired driver on the loopback interface needs no radio, and its control interface is the same. */
export const INTERFACE = 'lo';

/** Why the tests with the real wpa_supplicant cannot run; false if they can. */
export function reasonToSkip(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  if (spawnSync('wpa_supplicant', ['-v']).error) return 'wpa_supplicant is not installed';
  return process.getuid?.() === 0 ? false : 'wpa_supplicant needs root';
}

/** The real wpa_supplicant with a temporary folder. */
export class Supplicant {
  readonly controlFolder: string;
  readonly #configuration: string;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(folder: string) {
    this.controlFolder = join(folder, 'ctrl');
    this.#configuration = join(folder, 'wpa_supplicant.conf');
    writeFileSync(this.#configuration, `ctrl_interface=${this.controlFolder}\nap_scan=0\n`);
  }

  /** Starts it; its control socket appears a moment later. */
  start(): void {
    const child = spawn('wpa_supplicant', ['-Dwired', `-i${INTERFACE}`, '-c', this.#configuration]);
    const collect = (data: unknown) => {
      this.#output += String(data);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    this.#child = child;
  }

  async started(): Promise<void> {
    this.start();
    await within(PATIENCE_MS, 'the control socket of wpa_supplicant', () => existsSync(this.socket)).catch(
      (error) => {
        throw new Error(`wpa_supplicant said: ${this.#output}`, { cause: error });
      },
    );
  }

  get socket(): string {
    return join(this.controlFolder, INTERFACE);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it and waits until it has exited. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
