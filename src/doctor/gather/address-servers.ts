import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { forwardBlockers } from '../../addressing/forward-blockers.js';
import { servesGroup } from '../../addressing/left-over.js';
import { overlappingInterface } from '../../addressing/network-interface.js';
import {
  type BoundServer,
  NETWORKD,
  parseBoundServers,
  SHOW_SERVERS,
} from '../../addressing/other-servers.js';
import { interfaceOfRoute, ROUTE_TO_THE_INTERNET } from '../../addressing/sharing-rules.js';
import { addressPlan, sharesInternet } from '../../config/address-plan.js';
import type { Settings } from '../../config/schema.js';
import { codeOf, messageOf } from '../../system/errors.js';
import { isGroup } from '../../system/interface-names.js';
import { isMissing, known, type Missing } from '../../system/missing.js';
import { openSockets } from '../../system/processes.js';
import type { AddressingFacts, PortOwner, SharingFacts } from '../facts.js';
import { named, type Processes, type RunningProcess, unitOf } from './processes.js';
import { fileText, findProgram, type Sources, statsOf, textsIn, textsOf, wordOf } from './sources.js';

export async function gatherAddressing(
  sources: Sources,
  settings: Settings,
  processes: Processes,
): Promise<AddressingFacts> {
  const { root, networks } = sources;
  const [portOwners, groupServers, dnsmasq, ip, forward, sharing] = await Promise.all([
    gatherPortOwners(root, processes),
    gatherGroupServers(sources, settings, processes),
    findProgram(root, 'dnsmasq'),
    findProgram(root, 'ip'),
    wordOf(root, 'proc/sys/net/ipv4/ip_forward'),
    sharesInternet(settings) ? gatherSharing(sources, settings.share_internet) : null,
  ]);
  // The interface of a running group, or its bridge, has this very address.
  const others = Object.entries(networks()).filter(
    ([, addresses]) => !addresses?.some(({ cidr }) => cidr === settings.group_address),
  );
  return {
    programs: { dnsmasq, ip },
    networkdRuns: named(processes, NETWORKD).length > 0,
    portOwners,
    groupServers,
    conflict: overlappingInterface(null, addressPlan(settings).subnet, Object.fromEntries(others)),
    forwards: forward === null ? null : forward === '1',
    sharing,
  };
}

async function gatherGroupServers(
  { run }: Sources,
  { addressing }: Settings,
  { running }: Processes,
): Promise<readonly BoundServer[] | Missing> {
  if (addressing === 'none') return [];
  const output = await run('ss', SHOW_SERVERS);
  if (isMissing(output)) return output;
  const isOurs = ({ interface: group, name, pid }: BoundServer) => {
    if (addressing === 'networkd' && name === NETWORKD) return true;
    const args = running.find((process) => process.pid === pid)?.args ?? [];
    return args.some((argument) => servesGroup(argument, group));
  };
  return parseBoundServers(output).filter(
    // Hidden processes may be ours.
    (one) => isGroup(one.interface) && one.name !== null && !isOurs(one),
  );
}

async function gatherSharing({ root, run }: Sources, wanted: string): Promise<SharingFacts> {
  const nft = await findProgram(root, 'nft');
  const uplink = await uplinkOf({ root, run }, wanted);
  const file = `proc/sys/net/ipv4/conf/${known(uplink) ?? 'all'}/forwarding`;
  const canForward = (await wordOf(root, file)) === '1' || (await isWritable(root, file));
  return { nft, uplink, canForward, blockers: isMissing(uplink) ? uplink : await blockersOf(run, uplink) };
}

async function uplinkOf(
  { root, run }: Pick<Sources, 'root' | 'run'>,
  wanted: string,
): Promise<SharingFacts['uplink']> {
  if (wanted !== 'auto') return (await statsOf(root, `sys/class/net/${wanted}`)) && wanted;
  const answer = await run('ip', ROUTE_TO_THE_INTERNET);
  if (!isMissing(answer)) return interfaceOfRoute(answer);
  return NO_ROUTE.test(answer.missing) ? null : answer;
}

/** What ip writes where there is no route, or one of the type unreachable (ENETUNREACH, EHOSTUNREACH). */
const NO_ROUTE = /: (?:Network is unreachable|No route to host)$/;

async function isWritable(root: string, path: string): Promise<boolean | Missing> {
  return access(join(root, path), constants.W_OK).then(
    () => true,
    (error: unknown) => codeOf(error) === 'EACCES' && { missing: `/${path}: ${messageOf(error)}` },
  );
}

/** Of the groups only the beginning of their names is known. */
async function blockersOf(run: Sources['run'], uplink: string | null): Promise<SharingFacts['blockers']> {
  if (uplink === null) return [];
  const nft = async (args: readonly string[]): Promise<string> => {
    const answer = await run('nft', args);
    if (typeof answer === 'string') return answer;
    throw new Error(answer.missing);
  };
  return forwardBlockers(nft, { group: 'p2p-*', uplink }).catch((error: unknown) => {
    return { missing: messageOf(error) };
  });
}

const PORTS = [53, 67] as const;

async function gatherPortOwners(root: string, processes: Processes): Promise<PortOwner[]> {
  // A socket for both versions of IP is only in the second table.
  const tables = await textsOf(root, ['proc/net/udp', 'proc/net/udp6']);
  const sockets = tables.flatMap(wildcardSockets);
  if (sockets.length === 0) return [];
  const inodes = new Map(
    processes.running.map((process) => [process, openSockets(process.pid, join(root, 'proc'))]),
  );
  return Promise.all(
    sockets.map(async ({ port, inode }): Promise<PortOwner> => {
      const process = processes.running.find((one) => inodes.get(one)?.includes(inode));
      // The sockets of other users' processes are hidden.
      if (process === undefined) return { port, pid: null, name: null, unit: null, shares: null };
      const { pid, name } = process;
      return { port, pid, name, unit: await unitOf(root, pid), shares: await sharesPort(root, process) };
    }),
  );
}

/** Rows of /proc/net/udp or udp6 that are bound to one of the ports on all addresses. */
function wildcardSockets(table: string): { port: PortOwner['port']; inode: string }[] {
  return table.split('\n').flatMap((line) => {
    const [, hex = '', inode] = /^\s*\d+: 0+:([0-9A-F]{4}) (?:\S+\s+){7}(\d+)/.exec(line) ?? [];
    const port = PORTS.find((one) => one === Number.parseInt(hex, 16));
    return port === undefined || inode === undefined ? [] : [{ port, inode }];
  });
}

/** Whether another server can use the port at the same time. */
async function sharesPort(root: string, process: RunningProcess): Promise<boolean | null> {
  // It binds its socket to one interface.
  if (process.name === NETWORKD) return true;
  if (process.name !== 'dnsmasq') return null;
  const args = process.args.slice(1);
  if (args.some((arg) => /^(-z|--bind-interfaces|--bind-dynamic)$/.test(arg))) return true;
  const texts = await dnsmasqTexts(root, args);
  return isMissing(texts)
    ? null
    : texts.some((text) => /^\s*bind-(interfaces|dynamic)\s*(#.*)?$/m.test(text));
}

/** The files that a dnsmasq reads, and those that they name (man dnsmasq: conf-file, conf-dir). */
async function dnsmasqTexts(root: string, args: readonly string[]): Promise<string[] | Missing> {
  const line = args.join('\n');
  const named = valuesOf(line, /^(?:-C\n?|--conf-file[=\n])(.+)$/gm);
  const main = await fileTexts(root, named.length > 0 ? named : ['/etc/dnsmasq.conf']);
  if (isMissing(main)) return main;
  const more = await fileTexts(
    root,
    main.flatMap((text) => valuesOf(text, /^\s*conf-file\s*=\s*(\S+)/gm)),
  );
  if (isMissing(more)) return more;
  const folders = [
    ...valuesOf(line, /^(?:-7\n?|--conf-dir[=\n])(.+)$/gm),
    ...main.flatMap((text) => valuesOf(text, /^\s*conf-dir\s*=\s*(\S+)/gm)),
  ];
  // After the first comma stand endings of files to leave out, or to read.
  const inFolders = await Promise.all(folders.map((one) => textsIn(root, one.split(',', 1)[0] ?? '', '')));
  return [...main, ...more, ...inFolders.flat()];
}

/** The texts of those that are there. */
async function fileTexts(root: string, paths: readonly string[]): Promise<string[] | Missing> {
  const texts = await Promise.all(paths.map((path) => fileText(root, path)));
  return texts.find(isMissing) ?? texts.flatMap((text) => (text === null || isMissing(text) ? [] : text));
}

function valuesOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, value = '']) => value);
}
