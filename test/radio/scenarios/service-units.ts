import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DEVICE, PIN } from '../guest/daemon.js';
import { fileText } from '../guest/file-text.js';
import type { Lab } from '../guest/lab.js';
import { LabError } from '../guest/wait.js';

/** The installed units of packaging/systemd, for scenarios on a machine with systemd. */

export const CONFIG = '/etc/hostp2pd.yaml';
export const LOG = '/var/log/hostp2pd.log';
const PID_FILE = `/run/hostp2pd-${DEVICE}.pid`;

/** Installs program, units and configuration. @returns the unit of the box's interface */
export async function installService(lab: Lab, template: 'hostp2pd' | 'hostp2pd-notify'): Promise<string> {
  lab.units.installProgram();
  lab.units.place(CONFIG, '', 0o600);
  configure();
  await lab.units.installPackaged();
  return `${template}@${DEVICE}.service`;
}

/** Writes the configuration. @param lines more lines of the section hostp2pd */
export function configure(...lines: readonly string[]): void {
  const own = [`pin: "${PIN}"`, ...lines].map((line) => `  ${line}\n`).join('');
  writeFileSync(CONFIG, `hostp2pd:\n${own}`);
}

/** The output of `hostp2pd <command>`. */
export async function ask(lab: Lab, ...args: readonly string[]): Promise<string> {
  // A busy machine needs long to start Node.
  const { code, stdout, stderr } = await lab.run({ args: ['-i', DEVICE, ...args] }, 60);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Waits until it is active with another main process than `former`. @returns the new one's pid */
export function startedAnew(lab: Lab, unit: string, former: number, seconds: number): Promise<number> {
  return lab.until('a new main process', seconds, async () => {
    const { MainPID, ActiveState } = await lab.units.show(unit, 'MainPID', 'ActiveState');
    const pid = Number(MainPID);
    return pid !== 0 && pid !== former && ActiveState === 'active' && pid;
  });
}

/**
 * Ends the main process by SIGKILL, and waits until the next one knows its group again. The figures say where the time goes.
 * @returns seconds
 */
export async function secondsAfterKill(lab: Lab, unit: string, pid: number): Promise<number> {
  const { ControlGroup = '', Type } = await lab.units.show(unit, 'ControlGroup', 'Type');
  // The start of a systemctl would take processor time of the start that is measured.
  const former = new Set(pidsIn(ControlGroup));
  const started = () => pidsIn(ControlGroup).filter((other) => !former.has(other)).length;
  // The link to the newest log file is made again at each start.
  const log = () => fileText(LOG);
  const known = () => log().match(/^\S+(?= .* is already up$)/gm) ?? [];
  const before = known().length;
  const died = Date.now();
  const passed: string[] = [];
  const pass = (what: string, at: number) => {
    const seconds = (at - died) / 1000;
    passed.push(`${what} ${seconds.toFixed(1)} s`);
    return seconds;
  };
  process.kill(pid, 'SIGKILL');
  await lab.until('its start by systemd', 40, () => started() > 0);
  pass('started by systemd', Date.now());
  if (Type === 'forking') {
    await lab.until('the daemon', 40, () => started() > 1);
    pass('daemon started', Date.now());
  }
  await lab.until('the group, which is known again', 40, () => known().length > before);
  // The time in the line: the file is written up to a second later, when the code for it is loaded.
  const seconds = pass('group known', Date.parse(known()[before] ?? ''));
  const empty = lab.now();
  await lab.run({ command: process.execPath, args: ['-e', '0'] });
  passed.push(`a start of Node.js alone takes ${(lab.now() - empty).toFixed(1)} s`);
  lab.figures['after kill -9'] = passed.join(', ');
  return seconds;
}

/** The processes of a control group; none while it does not exist. */
function pidsIn(group: string): readonly number[] {
  const file = join('/sys/fs/cgroup', group, 'cgroup.procs');
  return fileText(file).split('\n').filter(Boolean).map(Number);
}

/** A start that must fail. @returns the output of systemctl */
export async function refusedStart(lab: Lab, unit: string): Promise<string> {
  try {
    await lab.units.start(unit);
  } catch (error) {
    if (error instanceof LabError) return error.message;
    throw error;
  }
  throw new LabError(`${unit} started`);
}

/** Stops it at several moments of its start: it must not be left as failed, and leave nothing. */
export async function stopWhileStarting(lab: Lab, unit: string): Promise<void> {
  for (const ms of [50, 400, 1_200, 3_000]) {
    await lab.units.systemctl('start', '--no-block', unit);
    await delay(ms);
    await lab.units.stop(unit);
    const { ActiveState, Result } = await lab.units.show(unit, 'ActiveState', 'Result');
    assert.deepEqual([ActiveState, Result], ['inactive', 'success'], `stopped after ${ms} ms`);
    assert.deepEqual([processes(), pidFile()], [[], null]);
  }
}

/** The PID in the PID file, which has one line; null if there is none. */
export function pidFile(): number | null {
  if (!existsSync(PID_FILE)) return null;
  const text = readFileSync(PID_FILE, 'utf8');
  assert.match(text, /^\d+\n$/);
  return Number(text);
}

/** All processes with the name hostp2pd. */
export function processes(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && nameOf(pid) === 'hostp2pd');
}

function nameOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return null;
  }
}
