import { ipv4Text, netmask } from '../config/ipv4.js';
import type { AddressRequest } from './address-server.js';

/** By it a dnsmasq of ours is known from others: it names our own file. */
export function leaseFileArgument(leaseFile: string): string {
  return `--dhcp-leasefile=${leaseFile}`;
}

/**
 * A dnsmasq for one interface that reads no file of the machine's own one (dnsmasq(8)). It serves names only where we
 * are the way to elsewhere: a phone that has mobile data resolves by that.
 */
export function dnsmasqArguments(request: AddressRequest, leaseFile: string): string[] {
  const { plan, leaseSeconds, announceRouter } = request;
  const { leased, subnet } = plan;
  const own = ipv4Text(subnet.address);
  const range = [ipv4Text(leased.start), ipv4Text(leased.end), ipv4Text(netmask(subnet)), `${leaseSeconds}s`];
  return [
    '--keep-in-foreground',
    '--log-facility=-',
    '--conf-file=/dev/null',
    // Of which dnsmasq makes: none. Whoever looks for us finds us by our own.
    '--pid-file=',
    `--interface=${request.interface}`,
    '--except-interface=lo',
    // Beside another one, which may serve all other interfaces.
    '--bind-interfaces',
    '--no-hosts',
    `--dhcp-range=${range.join(',')}`,
    leaseFileArgument(leaseFile),
    // Nobody else gives addresses here, so a phone that asks for one of another network is told at once.
    '--dhcp-authoritative',
    // To see whether an address is in use would hold up every phone by seconds.
    '--no-ping',
    // An option without a value is not sent.
    ...(announceRouter
      ? [`--dhcp-option=option:router,${own}`, `--dhcp-option=option:dns-server,${own}`]
      : ['--port=0', '--dhcp-option=option:router', '--dhcp-option=option:dns-server']),
  ];
}
