import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileText } from '../guest/file-text.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { type Host, joins, keepsHome, ON_HOST, PIN, prepareHost } from './hosts.js';
import { run } from './network-manager-host.js';

/** `hostp2pd setup` on the kinds of hosts that users have: to a phone with an address, and back to how it was. */

interface Kind {
  readonly name: string;
  readonly title: string;
  /** Packages of the host. */
  readonly packages?: readonly string[];
  /** Makes the host what it is, connected to the home network; without it no program serves wlan0. */
  readonly connect?: (lab: Lab) => Promise<void>;
  /** What this kind of host shows besides. */
  readonly also?: (lab: Lab) => Promise<void>;
}

export function setupScenario({ name, title, packages = [], connect, also }: Kind): Scenario {
  return {
    ...ON_HOST,
    // It starts setup up to twelve times.
    timeoutSeconds: 1800,
    name,
    title,
    async run(lab) {
      const host = await prepareHost(lab, ...packages);
      await connect?.(lab);
      const home = async () => {
        if (connect) await keepsHome(host);
      };
      await home();
      const before = await stateOf(lab);

      const began = lab.now();
      const text = await setup(lab, '--yes', ...ANSWERS);
      assert.match(text, /^SSID: +DIRECT-\w\w-box$/m);
      lab.figures['seconds to the group'] = (lab.now() - began).toFixed(0);
      await joins(host);
      lab.figures['seconds to a phone with an address'] = (lab.now() - began).toFixed(0);
      await home();
      await host.faults.allOk(30);

      lab.note('a second time: nothing changes');
      const done = await stateOf(lab);
      assert.match(await setup(lab, '--yes', ...ANSWERS), /^Everything is set up like this already/m);
      assert.match(await setup(lab, '--yes'), /^Everything is set up like this already/m);
      assert.deepEqual(await stateOf(lab), done);

      lab.note('another PIN, then back to the beginning');
      await setup(lab, '--yes', '--admission', 'random');
      await undo(host, before);
      await home();

      await interrupted(host, before);
      await home();
      await also?.(lab);
      await home();
    },
  };
}

const ANSWERS = ['--name', 'box', '--admission', 'pin', '--pin', PIN];

async function setup(lab: Lab, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run(
    { name: 'setup', command: 'hostp2pd', args: ['setup', ...args] },
    240,
  );
  lab.note(stdout + stderr);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

async function undo({ lab, phone }: Host, before: State): Promise<void> {
  const text = await setup(lab, '--undo');
  assert.match(text, /^Everything is as it was before setup\.$/m);
  assert.deepEqual(await stateOf(lab), before);
  await lab.until('the end of the group', 20, async () => !existsSync('/sys/class/net/p2p-wlan0-0'));
  if (phone.joined !== undefined) await phone.leave();
}

/** Killed in each step, setup puts back what it had begun when it runs again. */
async function interrupted(host: Host, before: State): Promise<void> {
  const { lab } = host;
  const steps = (await setup(lab, '--dry-run', ...ANSWERS)).match(/^\d+\. /gm) ?? [];
  assert.ok(steps.length > 0);
  for (const number of steps.keys())
    for (const duringCommand of [false, true]) await killed(lab, number, duringCommand);
  lab.figures['times killed'] = String(2 * steps.length);
  await setup(lab, '--yes', ...ANSWERS);
  await joins(host);
  await undo(host, before);
}

/** Starts setup, and kills it as soon as it has announced the step with that number, or runs the first command of it. */
async function killed(lab: Lab, number: number, duringCommand: boolean): Promise<void> {
  const args = ['setup', '--yes', ...ANSWERS];
  const program = lab.startDaemon({ name: 'killed', command: 'hostp2pd', args });
  const announced = () =>
    program.output.filter(({ text }) => text.startsWith('- ') && !text.startsWith('- Put back: '));
  const isTime = () => announced().length > number && (!duringCommand || childrenOf(program.pid).length > 0);
  await lab.until(`step ${number + 1} of setup`, 240, () => isTime() || program.ending);
  assert.equal(program.ending, undefined, program.stdout + program.stderr);
  await program.stop(20, 'SIGKILL');
}

function childrenOf(pid = 0): string[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  return fileText(list).split(' ').filter(Boolean);
}

/** Every file below /etc with its owner, mode and content, and what systemd would start. */
interface State {
  readonly files: Readonly<Record<string, string>>;
  readonly units: readonly string[];
}

/** Programs write these by themselves. */
const OTHERS = new Set(['/etc/resolv.conf', '/etc/resolv.conf.head', '/etc/mtab']);

async function stateOf(lab: Lab): Promise<State> {
  const active = await run(
    lab,
    'systemctl',
    'list-units',
    '--plain',
    '--no-legend',
    '--all',
    '--type=service',
  );
  const units = active
    .split('\n')
    .map((line) => line.trim().split(/\s+/).slice(0, 4).join(' '))
    .filter((line) =>
      /^(?:hostp2pd|wpa_supplicant|NetworkManager|netplan|dhcpcd|networking|dbus)\b/.test(line),
    )
    .filter((line) => !/ not-found /.test(line) && !/ inactive dead$/.test(line));
  return { files: filesIn('/etc'), units: units.sort() };
}

function filesIn(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (OTHERS.has(path)) continue;
    const { mode, uid, gid } = lstatSync(path);
    const what = `${mode.toString(8)} ${uid}:${gid}`;
    if (entry.isDirectory()) Object.assign(found, { [path]: what }, filesIn(path));
    else if (entry.isSymbolicLink()) found[path] = `${what} -> ${readlinkSync(path)}`;
    else if (entry.isFile())
      found[path] = `${what} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  }
  return found;
}
