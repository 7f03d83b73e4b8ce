import { LEAVE_TO_OTHER } from '../../addressing/other-servers.js';
import { announcesRouter, sharesInternet } from '../../config/address-plan.js';
import type { Settings } from '../../config/schema.js';
import { isMissing } from '../../system/missing.js';
import type { Facts, PortOwner } from '../facts.js';
import { error, ok, orOk, unknown, type Verdicts, warning } from '../report.js';

export function addressing(facts: Facts): Verdicts {
  const { addressing: server, group_address } = facts.configuration.settings;
  if (server === 'none') return ok(`hostp2pd gives no addresses (addressing: none)${otherServer(facts)}`);
  const missing = judgeServer(facts);
  const verdicts = [
    ...judgeRights(facts),
    ...missing,
    ...(missing.length > 0 ? [] : judgePorts(facts)),
    ...judgeGroupServers(facts),
    ...judgeNetwork(facts),
    ...judgeRouter(facts),
  ];
  return orOk(verdicts, `${server} can give phones addresses, from ${group_address}`);
}

/** No error: the group may be in a bridge, or its phones may use IPv6 only. */
function otherServer({ addressing: facts, supplicant }: Facts): string {
  // Hidden processes may have the port.
  if (!supplicant.visible || facts.networkdRuns || facts.portOwners.some(({ port }) => port === 67))
    return '';
  return '; no DHCP server runs on this machine, so phones get none unless the group is in a bridge';
}

function judgeRights({ user, configuration }: Facts): Verdicts {
  if ((configuration.running?.uid ?? user.uid) === 0) return [];
  return warning(
    `${user.name} may not give the interface of a group an address`,
    'run hostp2pd as root, or set addressing to none',
  );
}

/** What can give phones addresses on this machine, by preference that of the settings; null: nothing can. */
export function serverFor({ addressing, configuration }: Facts): Settings['addressing'] | null {
  const { addressing: present } = configuration.settings;
  const hasDnsmasq = addressing.programs.dnsmasq !== null;
  if (present === 'networkd' ? addressing.networkdRuns : present === 'dnsmasq' && hasDnsmasq) return present;
  if (hasDnsmasq) return 'dnsmasq';
  return addressing.networkdRuns ? 'networkd' : null;
}

/** Doctor and setup say the same where it is missing. */
export const NO_DNSMASQ = {
  message: 'dnsmasq, which is needed to give addresses to phones, is not installed',
  debianPackage: 'dnsmasq-base',
} as const;

function judgeServer(all: Facts): Verdicts {
  const { configuration, addressing: facts, supplicant } = all;
  if (configuration.settings.addressing === 'networkd') {
    // It may be hidden.
    if (facts.networkdRuns || !supplicant.visible) return [];
    return error(
      'systemd-networkd, which would give addresses to phones, does not run',
      'sudo systemctl enable --now systemd-networkd; or set addressing to dnsmasq',
    );
  }
  const { dnsmasq, ip } = facts.programs;
  const packages = [
    ...(dnsmasq === null ? [NO_DNSMASQ.debianPackage] : []),
    ...(ip === null ? ['iproute2'] : []),
  ];
  if (packages.length === 0) return [];
  return error(
    dnsmasq === null
      ? NO_DNSMASQ.message
      : 'ip, which is needed to give addresses to phones, is not installed',
    // With systemd-networkd there is a choice.
    serverFor(all) === 'networkd'
      ? `sudo apt-get install -y ${packages.join(' ')}; or set addressing to networkd`
      : { install: packages },
  );
}

function judgePorts({ configuration, addressing: facts, user, supplicant }: Facts): Verdicts {
  const { settings } = configuration;
  const { addressing: server } = settings;
  const ports = announcesRouter(settings) && server === 'dnsmasq' ? [67, 53] : [67];
  const inTheWay = facts.portOwners
    .filter(({ port, shares }) => ports.includes(port) && shares !== true)
    // Root sees the processes of all ports: this one has just been started, or has ended.
    .filter(({ pid }) => pid !== null || user.uid !== 0 || !supplicant.visible)
    .sort((a, b) => b.port - a.port);
  // One error per program: what frees one port frees the other.
  const first = inTheWay.filter((one, place) => inTheWay.findIndex(({ pid }) => pid === one.pid) === place);
  const otherwise = sharesInternet(settings) ? 'share_internet to off' : 'announce_router to false';
  return first.flatMap((owner) => judgeOwner(owner, server, otherwise));
}

const SHARE = "printf 'bind-dynamic\\nexcept-interface=p2p-*\\n' | sudo tee /etc/dnsmasq.d/hostp2pd.conf";

function judgeOwner(
  { port, pid, name, unit, shares }: PortOwner,
  server: string,
  otherwise: string,
): Verdicts {
  const program = pid === null ? 'another program' : `${name} (pid ${pid})`;
  if (name === 'dnsmasq' && shares === false)
    return error(
      `${program} has UDP port ${port} on all interfaces, so ${server} cannot give addresses beside it`,
      `${SHARE}; sudo systemctl restart ${unit ?? 'dnsmasq'}`,
    );
  const restrict = 'configure it to serve its own interfaces only';
  if (port === 53)
    return error(
      `${program} has port 53 on all interfaces, so dnsmasq cannot resolve names for phones`,
      `${restrict}, or set ${otherwise}`,
    );
  return warning(
    `${program} has UDP port 67 on all interfaces and may keep ${server} from giving addresses`,
    pid === null ? 'run the doctor as root to see which' : `${restrict}, or set addressing to none`,
  );
}

/** hostp2pd leaves such a group to the other server, and says so in its log and status. */
function judgeGroupServers({ addressing: { groupServers } }: Facts): Verdicts {
  if (isMissing(groupServers))
    return unknown(
      `it is not known whether another program gives addresses on a group: ${groupServers.missing}`,
    );
  return groupServers.flatMap(({ interface: group, name, pid }) =>
    warning(`${name} (pid ${pid}) gives addresses on ${group}, so hostp2pd does not`, LEAVE_TO_OTHER),
  );
}

function judgeNetwork({ configuration, addressing: { conflict } }: Facts): Verdicts {
  if (conflict === null) return [];
  return error(
    `group_address ${configuration.settings.group_address} is in the network of ${conflict}`,
    'set group_address to an address in another network, e.g. 10.77.0.1/24',
  );
}

function judgeRouter({ configuration, addressing: { forwards } }: Facts): Verdicts {
  const { settings } = configuration;
  if (!settings.announce_router || sharesInternet(settings) || forwards !== false) return [];
  return warning(
    'announce_router tells phones that this machine is their router, but it forwards no packets',
    'echo net.ipv4.ip_forward=1 | sudo tee /etc/sysctl.d/hostp2pd.conf; sudo sysctl --system; and let your firewall translate addresses',
  );
}

/** Whether phones can use the internet connection of this machine. */
export function shareInternet({ configuration, addressing: { sharing } }: Facts): Verdicts {
  if (sharing === null) return ok('the internet is not shared (share_internet: off)');
  const { nft, uplink, canForward, blockers } = sharing;
  if (nft === null)
    return error('nft, which is needed to share the internet, is not installed', { install: ['nftables'] });
  const wanted = configuration.settings.share_internet;
  if (isMissing(uplink)) return unknown(`the route to the internet is not known: ${uplink.missing}`);
  if (uplink === null && wanted === 'auto')
    return warning(
      'this machine has no route to the internet, so there is nothing to share',
      'connect it to the internet, or set share_internet to the interface that will have the connection',
    );
  if (uplink === null)
    return error(
      `there is no interface ${wanted} (share_internet)`,
      'set share_internet to auto, or to one of ip link',
    );
  if (isMissing(canForward))
    return unknown(`whether packets can be forwarded is not known: ${canForward.missing}`);
  if (!canForward)
    return error(
      `forwarding cannot be switched on for ${uplink} (/proc/sys is read-only here)`,
      'echo net.ipv4.ip_forward=1 | sudo tee /etc/sysctl.d/hostp2pd.conf; sudo sysctl --system; in a container, on its host',
    );
  if (isMissing(blockers))
    return unknown(`firewalls that may be in the way are unknown: ${blockers.missing}`);
  const verdicts = blockers.flatMap(({ text, fix }) => warning(text, fix));
  return orOk(verdicts, `phones can use the internet connection of ${uplink}`);
}
