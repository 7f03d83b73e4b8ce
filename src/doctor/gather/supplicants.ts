import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseSupplicantArguments } from '../../wpa/supplicant-arguments.js';
import type { StartedInterface, SupplicantFacts, SupplicantProcess } from '../facts.js';
import type { Sources } from '../sources.js';
import { named, type Processes, socketInodes, unitOf } from './processes.js';
import { findProgram } from './programs.js';
import { entriesOf, linkOf, textOf } from './reading.js';

/** The wpa_supplicants that run. @param clientFolder where our own sockets are */
export async function gatherSupplicants(
  { root }: Sources,
  processes: Processes,
  clientFolder: string,
): Promise<SupplicantFacts> {
  const running = named(processes, 'wpa_supplicant');
  const [bound, program, readyUnits] = await Promise.all([
    boundSockets(root),
    findProgram(root, 'wpa_supplicant'),
    gatherReadyUnits(root),
  ]);
  const facts = await Promise.all(
    running.map(async ({ pid, args }): Promise<SupplicantProcess> => {
      const [unit, started, sockets, seesClients] = await Promise.all([
        unitOf(root, pid),
        startedInterfaces(root, args.slice(1)),
        socketsOf(root, pid, bound),
        seesFolder(root, pid, clientFolder),
      ]);
      return { pid, unit, started, sockets, seesClients };
    }),
  );
  return { visible: processes.visible, processes: facts, program, readyUnits };
}

async function startedInterfaces(root: string, args: readonly string[]): Promise<StartedInterface[]> {
  const { interfaces, deviceFile: path, override } = parseSupplicantArguments(args);
  const deviceText = path === null ? null : await configText(root, path);
  const deviceFile =
    path === null ? null : { path, controlInterface: lineOf(deviceText, 'ctrl_interface'), override };
  return Promise.all(
    interfaces.map(async (one) => {
      const { configFile, controlInterface } = one;
      const text = configFile === null ? null : await configText(root, configFile);
      const wanted = controlInterface === null && configFile !== null;
      return {
        ...one,
        controlInterface: wanted ? lineOf(text, 'ctrl_interface') : controlInterface,
        hiddenConfig: wanted && text === null,
        keptAddress: lineOf(text, 'p2p_device_persistent_mac_addr'),
        deviceFile,
      };
    }),
  );
}

/** A relative path counts from a folder that is not ours. */
function configText(root: string, path: string): Promise<string | null> {
  return path.startsWith('/') ? textOf(join(root, path)) : Promise.resolve(null);
}

function lineOf(text: string | null, key: string): string | null {
  return new RegExp(`^\\s*${key}=(.*?)\\s*$`, 'm').exec(text ?? '')?.[1] ?? null;
}

/** UNIX sockets by inode. */
async function boundSockets(root: string): Promise<ReadonlyMap<string, string>> {
  const lines = ((await textOf(join(root, 'proc/net/unix'))) ?? '').split('\n');
  const bound = new Map<string, string>();
  for (const line of lines) {
    const [, inode, path] = /^(?:\S+ +){6}(\d+) (\/.*)$/.exec(line.trim()) ?? [];
    if (inode !== undefined && path !== undefined) bound.set(inode, path);
  }
  return bound;
}

async function socketsOf(root: string, pid: number, bound: ReadonlyMap<string, string>): Promise<string[]> {
  return (await socketInodes(root, pid)).flatMap((inode) => bound.get(inode) ?? []);
}

/** Whether a process has the folder at the same place as we: with a /tmp of its own it has another there. */
async function seesFolder(root: string, pid: number, folder: string): Promise<boolean | null> {
  const proc = join(root, 'proc');
  const [ours, its] = await Promise.all(
    ['self', String(pid)].map((name) => linkOf(join(proc, name, 'ns/mnt'))),
  );
  if (ours === null || its === null || ours === undefined || its === undefined) return null;
  if (ours === its) return true;
  for (let path = folder; ; path = dirname(path)) {
    const here = await stat(join(root, path)).catch(() => null);
    if (here !== null) {
      const there = await stat(join(proc, String(pid), 'root', path)).catch(() => null);
      return there !== null && there.dev === here.dev && there.ino === here.ino;
    }
    if (path === '/') return null;
  }
}

const UNIT = /^((?:wpa_supplicant@|netplan-wpa-).+)\.service$/;
const UNIT_FOLDERS = ['etc/systemd/system', 'run/systemd/system', 'run/systemd/generator.late'];

/** Units that start wpa_supplicant for an interface: enabled, or with their file in its place (man systemd.unit). */
async function gatherReadyUnits(root: string): Promise<string[]> {
  const wants = await Promise.all(
    UNIT_FOLDERS.map(async (folder) => {
      const names = (await entriesOf(join(root, folder))).filter((name) => name.endsWith('.wants'));
      return Promise.all(names.map((name) => entriesOf(join(root, folder, name))));
    }),
  );
  const enabled = wants.flat(2).flatMap((name) => UNIT.exec(name)?.[1] ?? []);
  const configured = (await entriesOf(join(root, 'etc/wpa_supplicant'))).flatMap((name) => {
    const radio = /^wpa_supplicant-([^-]+)\.conf$/.exec(name)?.[1];
    return radio === undefined ? [] : [`wpa_supplicant@${radio}`];
  });
  return [...new Set([...enabled, ...configured])];
}
