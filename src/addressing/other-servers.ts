import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { textOfFile } from '../system/files.js';
import { isGroup } from '../system/interface-names.js';
import { runProgram } from '../system/programs.js';
import type { AddressRequest } from './address-server.js';
import { networkFile } from './left-over.js';
import { subnetText } from './network-interface.js';
import { networkdLink } from './networkd-link.js';
import type { OwnAddress } from './own-address.js';

/**
 * DHCP servers of other programs in the network of the group. Beside one of them ours would give the same addresses to several
 * devices, or addresses of the wrong network, so it does not start.
 */

/** The arguments of `ss` (iproute2) that show the DHCP servers of the machine. */
export const SHOW_SERVERS: readonly string[] = ['-Hulnp', 'sport = :67'];

/** The kernel cuts the name `systemd-networkd` to this. */
export const NETWORKD = 'systemd-network';

export interface BoundServer {
  readonly interface: string;
  /** Of the process; null: it is hidden. */
  readonly name: string | null;
  readonly pid: number | null;
}

/**
 * The servers that are bound to one interface each, from the output of `ss`:
 * `UNCONN 0 0 0.0.0.0%virbr0:67 0.0.0.0:* users:(("dnsmasq",pid=1019,fd=3))`. /proc/net/udp does not show the interface.
 */
export function parseBoundServers(text: string): BoundServer[] {
  return text.split('\n').flatMap((line) => {
    const [, name] = /\s\S+%(\S+):67\s/.exec(line) ?? [];
    if (name === undefined) return [];
    const [, program = null, pid] = /\(\("([^"]*)",pid=(\d+)/.exec(line) ?? [];
    return [{ interface: name, name: program, pid: pid === undefined ? null : Number(pid) }];
  });
}

/** What there is to do where another program serves the network of the group. */
export const LEAVE_TO_OTHER = 'set addressing to none, so that hostp2pd leaves the addresses to it';

/** A server that is being stopped, such as ours of a moment ago, may still have its socket. */
const GONE_LIMIT_MS = 3_000;
const POLL_MS = 200;

/**
 * @throws {Error} with the fix, if another program gives addresses there; nothing has been changed then, but an address of ours is
 * removed from the network of other devices
 */
export async function expectNoOtherServer(request: AddressRequest, address: OwnAddress): Promise<void> {
  await expectOwnNetwork(request, address);
  await expectNoNetworkFile(request);
  const deadline = performance.now() + GONE_LIMIT_MS;
  for (;;) {
    const other = await otherServer(request);
    if (other === null) return;
    const { name, pid } = other;
    const program = name === null ? 'another program' : `${name} (pid ${pid})`;
    if (performance.now() >= deadline)
      throw new Error(`${program} gives addresses on ${request.interface}; ${LEAVE_TO_OTHER}`);
    await pause(POLL_MS);
  }
}

async function otherServer({ mode, interface: wanted }: AddressRequest): Promise<BoundServer | null> {
  // Without ss nothing is known, and both servers may run.
  const text = await runProgram('ss', SHOW_SERVERS, { debianPackage: 'iproute2' }).catch(() => '');
  // The hardened service does not see the processes of other users, such as that of networkd.
  const isOurs = ({ name }: BoundServer) => mode === 'networkd' && (name === null || name === NETWORKD);
  return parseBoundServers(text).find((one) => one.interface === wanted && !isOurs(one)) ?? null;
}

async function expectOwnNetwork(request: AddressRequest, address: OwnAddress): Promise<void> {
  const reason = otherNetwork(request);
  if (reason === null || (await address.isOfAnother())) return;
  // Only then the user can give it to the bridge.
  await address.remove();
  throw new Error(reason);
}

/**
 * Why the network is not that of the group alone, with the fix; null if it is. A bridge with other ports is the network of other
 * devices, which have their addresses from somewhere. If the user has given it our address, it is meant to be served.
 */
export function otherNetwork({ interface: name, group, plan: { subnet } }: AddressRequest): string | null {
  if (name === group) return null;
  const ports = portsOf(name).filter((port) => port !== group && !isGroup(port));
  if (ports.length === 0) return null;
  return (
    `${group} belongs to the bridge ${name}, where a second DHCP server could disturb the network of ${ports.join(', ')}; set ` +
    `addressing to none, or give ${name} the address ${subnetText(subnet)} if hostp2pd is the DHCP server there`
  );
}

function portsOf(bridge: string): string[] {
  try {
    return readdirSync(join('/sys/class/net', bridge, 'brif'));
  } catch {
    return [];
  }
}

/** It looks at an interface when udev has, which takes a moment, and lets go of one a moment after its file is gone. */
const LINK_LIMIT_MS = 2_000;

/** A .network file that makes systemd-networkd serve the group: its socket may come after ours, and would fail. */
async function expectNoNetworkFile({ mode, interface: name, index, owner }: AddressRequest): Promise<void> {
  // In the other mode our own file is the one, or networkd says which one wins.
  if (mode === 'networkd' || index === null) return;
  const deadline = performance.now() + LINK_LIMIT_MS;
  let link = await networkdLink(index);
  // With our own file, which has been removed, it would still remove the address.
  while ((link?.isPending || link?.file === networkFile(owner)) && performance.now() < deadline) {
    await pause(POLL_MS);
    link = await networkdLink(index);
  }
  const file = link?.file ?? null;
  if (file === null || !/^\s*DHCPServer\s*=\s*(?:yes|true|on|1)\s*$/im.test(await textOf(file))) return;
  throw new Error(
    `systemd-networkd gives addresses on ${name} (${file}); ${LEAVE_TO_OTHER}, or delete that file`,
  );
}

/** Longer than any such file. */
const MAX_BYTES = 65_536;

/** Empty if the file does not exist, or cannot be read. */
async function textOf(path: string): Promise<string> {
  return (await textOfFile(path, MAX_BYTES)) ?? '';
}
