import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOSTP2PD } from '../../shipped-program.js';
import { Program } from './program.js';
import type { Surroundings } from './supplicant.js';
import { PLACED, UNITS } from './system.js';
import { LabError, until } from './wait.js';

/** The checkout's own units. */
const PACKAGED = fileURLToPath(new URL('../../../../packaging/systemd', import.meta.url));
/** Where npm installs a command (-g), and where systemd looks for one without a path. */
const COMMAND = '/usr/local/bin/hostp2pd';

/** udevd and networkd take more than a minute to start in an emulated machine on a busy host. */
const SYSTEMCTL_SECONDS = 180;

/** systemctl and journalctl, on a machine with systemd as process 1. */
export class Units {
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    if (!existsSync('/run/systemd/system'))
      throw new LabError('this machine has no systemd: see Scenario.system');
    this.#surroundings = surroundings;
  }

  /** Installs units and drop-ins, by name (`a.service`, `a@.service.d/b.conf`) and text. */
  async install(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(UNITS, name)), { recursive: true });
      writeFileSync(join(UNITS, name), text);
    }
    await this.systemctl('daemon-reload');
  }

  /** Installs units and drop-ins of the checkout's packaging/systemd: those named, or all. */
  async installPackaged(...names: readonly string[]): Promise<void> {
    const all = readdirSync(PACKAGED, { recursive: true }).map(String);
    const units = all.filter(
      (name) =>
        /\.(?:service|socket|timer|target|path|conf)$/.test(name) && !/^(?:sysusers|tmpfiles)\.d/.test(name),
    );
    const wanted = names.length === 0 ? units : names;
    await this.install(
      Object.fromEntries(wanted.map((name) => [name, readFileSync(join(PACKAGED, name), 'utf8')])),
    );
  }

  /** Installs the program of the checkout as a command, with the Node for which its addon was compiled. */
  installProgram(): void {
    this.place(COMMAND, `#!/bin/sh\nexec ${process.execPath} ${HOSTP2PD} "$@"\n`, 0o755);
  }

  /** Installs a file (a configuration); it is removed with the scenario. Throws if the file exists. */
  place(path: string, text: string, mode = 0o644): void {
    appendFileSync(PLACED, `${path}\n`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode, flag: 'wx' });
  }

  start(...units: readonly string[]): Promise<void> {
    return this.systemctl('start', ...units);
  }

  stop(...units: readonly string[]): Promise<void> {
    return this.systemctl('stop', ...units);
  }

  reload(...units: readonly string[]): Promise<void> {
    return this.systemctl('reload', ...units);
  }

  restart(...units: readonly string[]): Promise<void> {
    return this.systemctl('restart', ...units);
  }

  /** Runs systemctl; throws with its output if it fails or takes more than three minutes. */
  async systemctl(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.#run('systemctl', args);
    if (code !== 0) throw new LabError(`systemctl ${args.join(' ')}: exit ${code}\n${stderr.trim()}`);
  }

  async isActive(unit: string): Promise<boolean> {
    return (await this.property(unit, 'ActiveState')) === 'active';
  }

  /** Properties of a unit, as `systemctl show` prints them. */
  async show(unit: string, ...names: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const wanted = names.map((name) => `--property=${name}`);
    const { stdout } = await this.#run('systemctl', ['show', unit, ...wanted]);
    const lines = stdout.split('\n').filter((line) => line.includes('='));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  }

  async property(unit: string, name: string): Promise<string> {
    return (await this.show(unit, name))[name] ?? '';
  }

  /** Waits until a property has the wanted value, and returns it. */
  until(unit: string, name: string, wanted: RegExp, seconds = 30): Promise<string> {
    return until(this.#surroundings.timeline, `${name} of ${unit} to be ${wanted}`, seconds, async () => {
      const value = await this.property(unit, name);
      return wanted.test(value) && value;
    });
  }

  /** The pid of its main process; throws if it has none. */
  async mainPid(unit: string): Promise<number> {
    const pid = Number(await this.property(unit, 'MainPID'));
    if (!(pid > 0)) throw new LabError(`${unit} has no main process`);
    return pid;
  }

  /** All processes of its control group. */
  async processes(unit: string): Promise<number[]> {
    const group = await this.property(unit, 'ControlGroup');
    const file = join('/sys/fs/cgroup', group, 'cgroup.procs');
    if (group === '' || !existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  }

  /** Its journal in this scenario, one entry for each line. The whole journal is in the results. */
  async journal(unit: string): Promise<string[]> {
    await this.#run('journalctl', ['--sync']);
    const began = Date.now() / 1000 - this.#surroundings.timeline.now();
    const { stdout } = await this.#run('journalctl', [
      '--unit',
      unit,
      '--output=cat',
      `--since=@${began.toFixed(3)}`,
      '--no-pager',
    ]);
    return stdout.split('\n').slice(0, -1);
  }

  /** Its journal from now on, line by line, for the timeline and for `waitOutput`. */
  follow(unit: string): Program {
    const args = ['--unit', unit, '--follow', '--lines=0', '--output=cat'];
    return new Program(this.#surroundings, {
      name: unit.replace(/\.service$/, ''),
      command: 'journalctl',
      args,
    });
  }

  async #run(
    command: string,
    args: readonly string[],
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const program = new Program(this.#surroundings, { name: command, command, args });
    const { code } = await program.waitExit(SYSTEMCTL_SECONDS);
    return { code, stdout: program.stdout, stderr: program.stderr };
  }
}
