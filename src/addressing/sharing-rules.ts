import { bounds, ipv4Text, type Subnet } from '../config/ipv4.js';
import { isUplinkName } from '../config/text-values.js';

/** The firewall rules with which the network of a group uses another interface: texts for nft(8), without side effects. */

/** Our own table, so that no rule of another program is touched. nft takes these characters in names without quotes. */
export function tableName(owner: string): string {
  return `hostp2pd-${owner.replace(/[^\w.-]/g, '_')}`;
}

export interface Sharing {
  readonly owner: string;
  /** The interface of the group. */
  readonly group: string;
  readonly subnet: Subnet;
  /** The interface with the internet connection. */
  readonly uplink: string;
  /**
   * The uplink forwards packets only because we have switched that on. Then it forwards only what belongs to connections from
   * inside, and this machine does not become a router for the network of the uplink.
   */
  readonly uplinkIsOurs: boolean;
}

/**
 * Replaces the table, in one transaction. Phones reach what lies behind the uplink, and no other interface; nothing comes in
 * that they have not asked for. Packets that go back to the same interface pass: on a bridge they are not routed.
 * @throws {Error} if nft would misread the name of an interface
 */
export function rulesText({ owner, group, subnet, uplink, uplinkIsOurs }: Sharing): string {
  for (const name of [group, uplink])
    if (!isUplinkName(name)) throw new Error(`${name}: nft does not take this name of an interface`);
  const network = `${ipv4Text(bounds(subnet).start)}/${subnet.prefix}`;
  const known = 'ct state established,related';
  return `${withoutTable(owner)}table ip ${tableName(owner)} {
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${group}" oifname "${uplink}" ip saddr ${network} accept
    iifname "${group}" oifname != "${group}" drop
    iifname "${uplink}" oifname "${group}" ${known} accept
    iifname != "${group}" oifname "${group}" drop
${uplinkIsOurs ? `    iifname "${uplink}" ct state != { established, related } drop\n` : ''}  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${network} oifname "${uplink}" masquerade
  }
}
`;
}

/** Removes the table, also where there is none. */
export function withoutTable(owner: string): string {
  return `table ip ${tableName(owner)}\ndelete table ip ${tableName(owner)}\n`;
}

/**
 * An address of the internet that nobody has a special route for (a.root-servers.net). The kernel is asked how it would send
 * a packet there, which also finds a VPN with routing rules. Nothing is sent.
 */
export const ROUTE_TO_THE_INTERNET = ['-4', 'route', 'get', '198.41.0.4'] as const;

/** The interface in the answer of `ip route get`; null if the packets stay on this machine. */
export function interfaceOfRoute(answer: string): string | null {
  const name = /\bdev (\S+)/.exec(answer)?.[1] ?? null;
  return name === 'lo' ? null : name;
}
