import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder for the units of scenarios; otherwise it has only the lab's own. */
export const UNITS = '/etc/systemd/system';
/** A list of the files that scenarios have put elsewhere, one path a line. */
export const PLACED = '/lab/placed';

const LABS_OWN = ['lab.target', 'lab.service'];
/** Other folders that are empty at the start of a scenario. */
const EMPTY = ['/run/systemd/system', '/run/systemd/network', '/run/systemd/netif', '/etc/systemd/network'];
/** The unit types that are started and stopped. Devices, scopes, slices and mounts follow other units. */
const TYPES = ['service', 'socket', 'timer', 'path', 'target'];
const STATES = ['active', 'activating', 'reloading', 'deactivating', 'failed'];
/** How long units may take to stop. */
const STOP_SECONDS = 30;
const PURGE_SECONDS = 120;
const SETTINGS = '/etc';
/** A copy of /etc, made before the first scenario. */
const SETTINGS_BEFORE = '/lab/etc';

/** The runner's view of systemd: removes what a scenario has started and installed. */
export class System {
  readonly #before: ReadonlySet<string>;
  readonly #packages: ReadonlySet<string>;
  readonly #began = Date.now();

  private constructor() {
    this.#before = new Set(unitsThatRun());
    this.#packages = new Set(installedPackages());
    if (!existsSync(SETTINGS_BEFORE)) call('cp', ['-a', SETTINGS, SETTINGS_BEFORE]);
  }

  /** At the start of a scenario; undefined if systemd is not process 1. */
  static look(): System | undefined {
    return existsSync('/run/systemd/system') ? new System() : undefined;
  }

  /**
   * Stops the units that were started since then, and removes packages and files that were installed. Throws if a unit does
   * not stop.
   */
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
    const added = installedPackages().filter((name) => !this.#packages.has(name));
    if (added.length > 0) call('dpkg', ['--purge', ...added], PURGE_SECONDS);
    this.#takeOut();
    restoreSettings();
    const stubborn = started();
    if (stubborn.length > 0) throw new Error(`units of the scenario do not end: ${stubborn.join(', ')}`);
  }

  /** Saves the journal since the start. */
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

/** Makes /etc what it was before the first scenario. */
function restoreSettings(): void {
  const [before, now] = [SETTINGS_BEFORE, SETTINGS].map((folder) => new Map(filesIn(folder)));
  for (const path of now?.keys() ?? []) if (!before?.has(path)) rmSync(join(SETTINGS, path), { force: true });
  for (const [path, stamp] of before ?? []) {
    if (now?.get(path) === stamp) continue;
    cpSync(join(SETTINGS_BEFORE, path), join(SETTINGS, path), {
      force: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
    });
  }
}

/** Its files and links, each with what changes when it is changed. */
function filesIn(folder: string): [path: string, stamp: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((path): [string, string][] => {
    const stats = lstatSync(join(folder, path));
    return stats.isDirectory() ? [] : [[path, `${stats.size} ${Math.trunc(stats.mtimeMs)} ${stats.mode}`]];
  });
}

function installedPackages(): string[] {
  return call('dpkg-query', ['--show'])
    .split('\n')
    .flatMap((line) => line.split('\t', 1))
    .filter((name) => name !== '');
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
