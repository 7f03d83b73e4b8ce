import type { Facts, PortHolder } from '../facts.js';
import { type Check, fault, ok, orOk, type Verdict, warning } from '../finding.js';

export const addressingChecks: readonly Check[] = [
  {
    id: 'addressing',
    uses: ['addressing', 'group_address', 'announce_router'],
    looksAt:
      'whether what gives addresses to phones is there (`addressing`: dnsmasq, or systemd-networkd, which must run), whether another program has the port for all interfaces, whether another interface has their network already, and with `announce_router` whether anything is forwarded',
    judge: judgeAddressing,
  },
];

function judgeAddressing(facts: Facts): readonly Verdict[] {
  const { addressing, group_address } = facts.configuration.settings;
  if (addressing === 'none') return ok(`none are given (addressing: none)${whoElse(facts)}`);
  const verdicts = [
    ...judgeRights(facts),
    ...judgeServer(facts),
    ...judgePorts(facts),
    ...judgeNetwork(facts),
    ...judgeRouter(facts),
  ];
  return orOk(verdicts, `${addressing} can give them, from ${group_address}`);
}

/** Nothing is wrong with that: the group may be in a bridge, or its phones may speak IPv6 alone. */
function whoElse({ addressing, supplicant }: Facts): string {
  // Of hidden processes nothing is known.
  if (!supplicant.visible || addressing.networkdRuns || addressing.holders.some(({ port }) => port === 67))
    return '';
  return '; no DHCP server runs on this machine, so phones get none unless the group is in a bridge';
}

function judgeRights({ user, configuration }: Facts): readonly Verdict[] {
  if ((configuration.running?.uid ?? user.uid) === 0) return [];
  return warning(
    `${user.name} may not give the interface of a group an address`,
    'run hostp2pd as root, or set addressing to none',
  );
}

function judgeServer({ configuration, addressing, supplicant }: Facts): readonly Verdict[] {
  if (configuration.settings.addressing === 'networkd') {
    // Of hidden processes nothing is known.
    if (addressing.networkdRuns || !supplicant.visible) return [];
    return fault(
      'systemd-networkd, which is to give addresses to phones, does not run',
      'sudo systemctl enable --now systemd-networkd; or set addressing to dnsmasq',
    );
  }
  const { dnsmasq, ip } = addressing.programs;
  const missing = [...(dnsmasq === null ? ['dnsmasq-base'] : []), ...(ip === null ? ['iproute2'] : [])];
  if (missing.length === 0) return [];
  const what = dnsmasq === null ? 'dnsmasq' : 'ip';
  return fault(
    `${what}, which is to give addresses to phones, is not installed`,
    `sudo apt install ${missing.join(' ')}`,
  );
}

/** Where there is no server at all, that is told. */
function judgePorts(facts: Facts): readonly Verdict[] {
  if (judgeServer(facts).length > 0) return [];
  const { addressing, announce_router: resolves } = facts.configuration.settings;
  const ports = resolves && addressing === 'dnsmasq' ? [67, 53] : [67];
  const inTheWay = facts.addressing.holders
    .filter(({ port, shares }) => ports.includes(port) && shares !== true)
    .sort((a, b) => b.port - a.port);
  // One program, one fault: what frees the one port frees the other.
  const first = inTheWay.filter((one, place) => inTheWay.findIndex(({ pid }) => pid === one.pid) === place);
  return first.flatMap((holder) => judgeHolder(holder, addressing));
}

const SHARE = "printf 'bind-dynamic\\nexcept-interface=p2p-*\\n' | sudo tee /etc/dnsmasq.d/hostp2pd.conf";

function judgeHolder({ port, pid, name, unit, shares }: PortHolder, addressing: string): readonly Verdict[] {
  const who = pid === null ? 'another program' : `${name} (pid ${pid})`;
  if (name === 'dnsmasq' && shares === false)
    return fault(
      `${who} has UDP port ${port} for all interfaces, so ${addressing} cannot give addresses beside it`,
      `${SHARE}; sudo systemctl restart ${unit ?? 'dnsmasq'}`,
    );
  const narrow = 'have it serve its own interfaces only';
  if (port === 53)
    return fault(
      `${who} has port 53 for all interfaces, so dnsmasq cannot resolve names for phones (announce_router)`,
      `${narrow}, or set announce_router to false`,
    );
  return warning(
    `${who} has UDP port 67 for all interfaces and may keep ${addressing} from giving addresses`,
    pid === null ? 'run the doctor as root to see which' : `${narrow}, or set addressing to none`,
  );
}

function judgeNetwork({ configuration, addressing }: Facts): readonly Verdict[] {
  if (addressing.rival === null) return [];
  return fault(
    `the network of group_address ${configuration.settings.group_address} is that of ${addressing.rival} already`,
    'set group_address to an address of another network, e.g. 10.77.0.1/24',
  );
}

function judgeRouter({ configuration, addressing }: Facts): readonly Verdict[] {
  if (!configuration.settings.announce_router || addressing.forwards !== false) return [];
  return warning(
    'phones are told that this machine is their way to the internet (announce_router), and it forwards nothing',
    'echo net.ipv4.ip_forward=1 | sudo tee /etc/sysctl.d/hostp2pd.conf; sudo sysctl --system; and let your firewall translate addresses',
  );
}
