import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where units of scenarios go: it holds nothing but the lab's own besides. */
export const UNITS = '/etc/systemd/system';
/** Files that scenarios put elsewhere, one path a line. */
export const PLACED = '/lab/placed';

const LABS_OWN = ['lab.target', 'lab.service'];
/** Other folders that are empty when a scenario begins. */
const EMPTY = ['/run/systemd/system', '/run/systemd/network', '/run/systemd/netif', '/etc/systemd/network'];
/** Everything that somebody starts and stops. Devices, scopes, slices and mounts come and go with other things. */
const TYPES = ['service', 'socket', 'timer', 'path', 'target'];
const STATES = ['active', 'activating', 'reloading', 'deactivating', 'failed'];
/** How long they have to stop by themselves. */
const STOP_SECONDS = 30;

/** The runner's view of systemd: what a scenario starts there and puts into its folders goes with the scenario. */
export class System {
  readonly #before: ReadonlySet<string>;
  readonly #began = Date.now();

  private constructor() {
    this.#before = new Set(unitsThatRun());
  }

  /** At the beginning of a scenario; undefined where something else is the first process. */
  static look(): System | undefined {
    return existsSync('/run/systemd/system') ? new System() : undefined;
  }

  /** Stops what has been started since, and takes out what was put in. Throws when something does not end. */
  clear(): void {
    const started = () => unitsThatRun().filter((unit) => !this.#before.has(unit));
    const units = started();
    if (units.length > 0) {
      call('systemctl', ['stop', ...units], STOP_SECONDS);
      const left = started();
      if (left.length > 0) {
        call('systemctl', ['kill', '--signal=SIGKILL', ...left]);
        call('systemctl', ['stop', ...left]);
        call('systemctl', ['reset-failed']);
      }
    }
    this.#takeOut();
    const stubborn = started();
    if (stubborn.length > 0) throw new Error(`units of the scenario do not end: ${stubborn.join(', ')}`);
  }

  /** Writes down everything that was said since the beginning. */
  carryOut(results: string): void {
    call('journalctl', ['--sync']);
    const since = `--since=@${(this.#began / 1000).toFixed(3)}`;
    writeFileSync(
      join(results, 'journal.log'),
      call('journalctl', ['--output=short-precise', '--no-pager', since]),
    );
  }

  #takeOut(): void {
    const files = readdirSync(UNITS)
      .filter((name) => !LABS_OWN.includes(name))
      .map((name) => join(UNITS, name));
    for (const folder of EMPTY) {
      if (existsSync(folder)) files.push(...readdirSync(folder).map((name) => join(folder, name)));
    }
    if (existsSync(PLACED))
      files.push(
        ...readFileSync(PLACED, 'utf8')
          .split('\n')
          .filter((path) => path !== ''),
        PLACED,
      );
    if (files.length === 0) return;
    for (const file of files) rmSync(file, { recursive: true, force: true });
    call('systemctl', ['daemon-reload']);
  }
}

function unitsThatRun(): string[] {
  const args = ['list-units', '--plain', '--no-legend', '--full', `--type=${TYPES}`, `--state=${STATES}`];
  return call('systemctl', args)
    .split('\n')
    .flatMap((line) => line.split(' ', 1))
    .filter((name) => name !== '');
}

function call(command: string, args: readonly string[], seconds = 20): string {
  const { stdout, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: seconds * 1000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return error === undefined ? stdout : '';
}
