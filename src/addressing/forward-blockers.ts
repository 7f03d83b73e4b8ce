import { isRecord } from '../system/values.js';

/**
 * Firewalls of other programs that drop what phones send to the internet. nftables runs the chains of all tables, and a packet
 * that one of them drops is lost, whatever our own table accepts.
 */

export interface ForwardBlocker {
  /** A sentence. */
  readonly text: string;
  /** Commands that let the packets pass, in the words of that program. */
  readonly fix: string;
}

interface Place {
  /** The interface of the group, or a pattern for all of them. */
  readonly group: string;
  readonly uplink: string;
}

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** It is one that the kernel calls for packets that are forwarded. */
  readonly forwards: boolean;
  readonly policy: unknown;
}

/**
 * A table that drops what nobody has allowed counts, unless it has a rule for the interface of a group: then an administrator
 * has taken care of that. Tables of the old iptables (`iptables-legacy`) are invisible here.
 * @param nft runs nft with these arguments
 */
export async function forwardBlockers(
  nft: (args: readonly string[]) => Promise<string>,
  place: Place,
): Promise<ForwardBlocker[]> {
  const chains = parseChains(await nft(['-j', 'list', 'chains']));
  const found: ForwardBlocker[] = [];
  for (const chain of chains) {
    const { family, table, forwards, policy } = chain;
    const isFirewalld = table === 'firewalld';
    // The policy of firewalld is to accept, and its last rule rejects.
    if (!forwards || (family !== 'ip' && family !== 'inet') || (policy !== 'drop' && !isFirewalld)) continue;
    const rules = await nft(['list', 'table', family, table]);
    if (rules.includes('"p2p-') || rules.includes(`"${place.group}"`)) continue;
    if (isFirewalld && firewalldPasses(rules, place.uplink)) continue;
    const names = chains.filter((one) => one.family === family && one.table === table);
    found.push(isFirewalld ? firewalld(place) : blockerOf(chain, names, place));
  }
  return found;
}

/** The interface of the group is in the default zone, for which the last rule is. Within a zone firewalld forwards. */
function firewalldPasses(rules: string, uplink: string): boolean {
  const zone = /^\s*goto filter_FWD_(\S+)$/m.exec(rules)?.[1] ?? '';
  const [, allowed = ''] = rules.split(`chain filter_FWD_${zone}_allow {`);
  return allowed.split('}', 1)[0]?.includes(`oifname "${uplink}" accept`) ?? false;
}

/** For the interfaces of all groups, because the number at the end of the name changes. */
function pattern(group: string): string {
  return group.startsWith('p2p-') ? 'p2p-+' : group;
}

function firewalld({ group, uplink }: Place): ForwardBlocker {
  const zone = `sudo firewall-cmd --permanent --zone=trusted --add-interface=${pattern(group)}`;
  return {
    text: `firewalld rejects what phones send from ${group} to ${uplink}`,
    fix: `${zone}; sudo firewall-cmd --reload (then it also lets phones reach every service of this machine)`,
  };
}

function blockerOf(
  { family, table, name }: Chain,
  chains: readonly Chain[],
  { group, uplink }: Place,
): ForwardBlocker {
  const phones = pattern(group);
  const drops = (program: string) => `${program} drops what phones send from ${group} to ${uplink}`;
  if (chains.some((chain) => chain.name.startsWith('ufw-')))
    return { text: drops('ufw'), fix: `sudo ufw route allow in on ${phones} out on ${uplink}` };
  const there = `-i ${phones} -o ${uplink}`;
  const back = `-i ${uplink} -o ${phones} -m conntrack --ctstate ESTABLISHED,RELATED`;
  const insert = (where: string) =>
    [there, back].map((rule) => `sudo iptables -I ${where} ${rule} -j ACCEPT`).join('; ');
  if (chains.some((chain) => chain.name === 'DOCKER-USER'))
    return { text: drops('the firewall of Docker'), fix: insert('DOCKER-USER') };
  if (family === 'ip' && table === 'filter') return { text: drops('iptables'), fix: insert(name) };
  const rule = `sudo nft insert rule ${family} ${table} ${name}`;
  const [ours, theirs] = [`"${phones.replace('+', '*')}"`, `"${uplink}"`];
  return {
    text: drops(`the nftables table ${family} ${table}`),
    fix:
      `${rule} 'iifname ${ours} oifname ${theirs} accept'; ` +
      `${rule} 'iifname ${theirs} oifname ${ours} ct state established,related accept'`,
  };
}

/** The chains of `nft -j list chains`. @throws {SyntaxError} if it is not JSON */
function parseChains(json: string): Chain[] {
  const value: unknown = JSON.parse(json);
  const entries: readonly unknown[] =
    isRecord(value) && Array.isArray(value['nftables']) ? value['nftables'] : [];
  return entries.flatMap((entry) => {
    const chain = isRecord(entry) ? entry['chain'] : null;
    if (!isRecord(chain)) return [];
    const { family, table, name, hook, policy } = chain;
    if (typeof family !== 'string' || typeof table !== 'string' || typeof name !== 'string') return [];
    return [{ family, table, name, forwards: hook === 'forward', policy }];
  });
}
