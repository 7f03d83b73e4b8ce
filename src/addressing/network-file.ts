import { bounds } from '../config/ipv4.js';
import type { AddressRequest } from './address-server.js';
import { subnetText } from './network-interface.js';

/** What systemd-networkd is told of a group's interface (systemd.network(5)). `Name=` takes patterns, too. */
export function networkFileText(
  name: string,
  { plan, leaseSeconds, announceRouter }: Pick<AddressRequest, 'plan' | 'leaseSeconds' | 'announceRouter'>,
): string {
  const { leased, subnet } = plan;
  const router = announceRouter ? 'yes' : 'no';
  return `[Match]
Name=${name}

[Link]
RequiredForOnline=no

[Network]
Address=${subnetText(subnet)}
DHCP=no
LinkLocalAddressing=no
IPv6AcceptRA=no
DHCPServer=yes

[DHCPServer]
PoolOffset=${leased.start - bounds(subnet).start}
PoolSize=${leased.end - leased.start + 1}
DefaultLeaseTimeSec=${leaseSeconds}
MaxLeaseTimeSec=${leaseSeconds}
EmitRouter=${router}
EmitDNS=${router}
EmitNTP=no
EmitTimezone=no
`;
}
