import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lab } from './lab.js';
import { SCENARIO_UNITS } from './machine.js';
import { HOSTP2PD } from './program.js';
import { LabError } from './wait.js';

const PACKAGING = fileURLToPath(new URL('../../../../packaging', import.meta.url));
const COMMAND = '/usr/local/bin/hostp2pd';
const CONFIGURATION = '/etc/hostp2pd.yaml';

/** systemd as it manages the program. What a scenario starts and installs here is gone after it. */
export class Services {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** The checkout's program, units and a configuration, where an installed one has them. */
  async installProgram(configuration: string): Promise<void> {
    writeFileSync(COMMAND, `#!/bin/sh\nexec ${process.execPath} ${HOSTP2PD} "$@"\n`, { mode: 0o755 });
    writeFileSync(CONFIGURATION, configuration, { mode: 0o600 });
    mkdirSync(SCENARIO_UNITS, { recursive: true });
    cpSync(join(PACKAGING, 'systemd'), SCENARIO_UNITS, {
      recursive: true,
      filter: (path) => !/\/(?:sysusers|tmpfiles)\.d/.test(path),
    });
    await this.ctl('daemon-reload');
  }

  /** Installs a unit, or a drop-in (`name.service.d/x.conf`). */
  async install(name: string, text: string): Promise<void> {
    const path = join(SCENARIO_UNITS, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    await this.ctl('daemon-reload');
  }

  /** `systemctl` to its end. @returns its standard output; fails unless it ends well */
  async ctl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.try(...args);
    if (code !== 0) {
      const unit = args.at(-1) ?? '';
      throw new LabError(`systemctl ${args.join(' ')}: exit ${code}: ${stderr}\n${await this.journal(unit)}`);
    }
    return stdout;
  }

  /** The same, whatever its exit code. */
  try(...args: string[]): ReturnType<Lab['run']> {
    return this.#lab.run({ name: 'systemctl', command: 'systemctl', args }, 120);
  }

  async isActive(unit: string): Promise<string> {
    return (await this.try('is-active', unit)).stdout.trim();
  }

  /** Properties of a unit. */
  async show(unit: string, ...properties: string[]): Promise<Map<string, string>> {
    const text = await this.ctl('show', ...properties.map((name) => `--property=${name}`), unit);
    const pairs = text.split('\n').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    });
    return new Map(pairs);
  }

  async mainPid(unit: string): Promise<number> {
    return Number((await this.show(unit, 'MainPID')).get('MainPID'));
  }

  /** What the unit and systemd have said about it. */
  async journal(unit: string): Promise<string> {
    const args = ['--no-pager', '--output=short-monotonic', '--unit', unit];
    return (await this.#lab.run({ name: 'journalctl', command: 'journalctl', args }, 60)).stdout;
  }
}
