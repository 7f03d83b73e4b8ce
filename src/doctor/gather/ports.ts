import { join } from 'node:path';
import type { PortHolder } from '../facts.js';
import { type Processes, type RunningProcess, socketInodes, unitOf } from './processes.js';
import { textOf, textsIn } from './reading.js';

/** Ports for all interfaces that a server of addresses needs, and who has them. */

export async function gatherPortHolders(root: string, processes: Processes): Promise<PortHolder[]> {
  const sockets = wildcardSockets((await textOf(join(root, 'proc/net/udp'))) ?? '');
  if (sockets.length === 0) return [];
  const owners = await Promise.all(
    processes.running.map(async (process) => ({ process, inodes: await socketInodes(root, process.pid) })),
  );
  return Promise.all(
    sockets.map(async ({ port, inode }): Promise<PortHolder> => {
      const process = owners.find(({ inodes }) => inodes.includes(inode))?.process;
      // Of processes of other users their sockets cannot be seen.
      if (process === undefined) return { port, pid: null, name: null, unit: null, shares: null };
      const { pid, name } = process;
      const [unit, shares] = await Promise.all([unitOf(root, pid), sharesPort(root, process)]);
      return { port, pid, name, unit, shares };
    }),
  );
}

const PORTS = [53, 67] as const;

interface WildcardSocket {
  readonly port: PortHolder['port'];
  readonly inode: string;
}

/** Of `/proc/net/udp`: those bound to a port that matters, and to no address. */
function wildcardSockets(text: string): WildcardSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, hex = '', inode] = /^\s*\d+: 0{8}:([0-9A-F]{4}) (?:\S+\s+){7}(\d+)/.exec(line) ?? [];
    const port = PORTS.find((one) => one === Number.parseInt(hex, 16));
    return port === undefined || inode === undefined ? [] : [{ port, inode }];
  });
}

/** Whether another server can have the port beside it; null where that is not known. */
async function sharesPort(root: string, process: RunningProcess): Promise<boolean | null> {
  // It binds its socket to the interface that it serves.
  if (process.name === 'systemd-network') return true;
  if (process.name !== 'dnsmasq') return null;
  const args = process.args.slice(1);
  if (args.some((arg) => /^(-z|--bind-interfaces|--bind-dynamic)$/.test(arg))) return true;
  const texts = await dnsmasqTexts(root, args);
  return texts.some((text) => /^\s*bind-(interfaces|dynamic)\s*(#.*)?$/m.test(text));
}

/** The files that a dnsmasq reads, with those that they name (dnsmasq(8): conf-file, conf-dir). */
async function dnsmasqTexts(root: string, args: readonly string[]): Promise<string[]> {
  const line = args.join('\n');
  const named = valuesOf(line, /^(?:-C\n?|--conf-file[=\n])(.+)$/gm);
  const main = await filesOf(root, named.length > 0 ? named : ['/etc/dnsmasq.conf']);
  const folders = [
    ...valuesOf(line, /^(?:-7\n?|--conf-dir[=\n])(.+)$/gm),
    ...main.flatMap((text) => valuesOf(text, /^\s*conf-dir\s*=\s*(\S+)/gm)),
  ];
  const more = await filesOf(
    root,
    main.flatMap((text) => valuesOf(text, /^\s*conf-file\s*=\s*(\S+)/gm)),
  );
  // What follows the first comma are endings of files that are left out, or taken.
  const inFolders = await Promise.all(
    folders.map((folder) => textsIn(join(root, folder.split(',', 1)[0] ?? ''), '')),
  );
  return [...main, ...more, ...inFolders.flat()];
}

async function filesOf(root: string, paths: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(paths.map((path) => textOf(join(root, path))));
  return texts.filter((text) => text !== null);
}

function valuesOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, value = '']) => value);
}
