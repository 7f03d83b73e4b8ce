import type { Facts } from '../facts.js';
import { type Check, fault, ok, orOk, type Verdict, warning } from '../finding.js';

export const addressingChecks: readonly Check[] = [
  {
    id: 'addressing',
    looksAt:
      'whether what gives addresses to phones is there (`addressing`: dnsmasq, or systemd-networkd, which must run), whether another interface has their network already, and with `announce_router` whether anything is forwarded',
    judge: judgeAddressing,
  },
];

function judgeAddressing(facts: Facts): readonly Verdict[] {
  const { addressing, group_address } = facts.configuration.settings;
  if (addressing === 'none') return ok('none are given (addressing: none)');
  const verdicts = [
    ...judgeRights(facts),
    ...judgeServer(facts),
    ...judgeNetwork(facts),
    ...judgeRouter(facts),
  ];
  return orOk(verdicts, `${addressing} can give them, from ${group_address}`);
}

function judgeRights({ user }: Facts): readonly Verdict[] {
  if (user.uid === 0) return [];
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
