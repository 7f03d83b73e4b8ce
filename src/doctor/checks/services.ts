import type { Facts } from '../facts.js';
import { type Check, ok, type Verdict, warning } from '../finding.js';
import { type Device, groupDevices, matches } from './device-match.js';
import { judgeDhcpcd } from './dhcpcd.js';
import { install, NEIGHBOURS } from './neighbours.js';

export const serviceChecks: readonly Check[] = [
  {
    id: 'network-manager',
    looksAt:
      'whether NetworkManager runs and takes the interfaces of groups for itself (`unmanaged-devices`)',
    judge: judgeNetworkManager,
  },
  {
    id: 'dhcpcd',
    looksAt:
      'whether dhcpcd runs and asks for addresses on the interfaces of groups (`denyinterfaces`), or gives them one that is meant (`static ip_address`)',
    judge: judgeDhcpcd,
  },
];

function judgeNetworkManager({ device, services }: Facts): readonly Verdict[] {
  const { networkManager } = services;
  if (networkManager === null) return ok('it does not run');
  if (groupDevices(device).every((group) => covers(networkManager.unmanaged, group)))
    return ok('it leaves the interfaces of groups alone');
  return warning(
    'NetworkManager takes the interfaces of groups for itself',
    install(NEIGHBOURS.networkManager),
  );
}

/**
 * Whether a device is in NetworkManager's list: one of its words fits, and none of those with `except:`
 * (man NetworkManager.conf, "Device List Format").
 */
export function covers(specs: readonly string[], { name, driver }: Device): boolean {
  const fits = (spec: string): boolean => {
    if (spec === '*' || spec === 'type:wifi') return true;
    const [, kind, pattern = ''] = /^(interface-name|driver):(.*)$/.exec(spec) ?? [];
    if (kind === undefined) return false;
    const text = kind === 'driver' ? driver : name;
    if (text === null) return false;
    return pattern.startsWith('=') ? pattern.slice(1) === text : matches(pattern.replace(/^~/, ''), text);
  };
  const except = specs
    .filter((spec) => spec.startsWith('except:'))
    .map((spec) => spec.slice('except:'.length));
  const listed = specs.filter((spec) => !spec.startsWith('except:'));
  // Of exceptions alone it is all else.
  return (listed.some(fits) || (listed.length === 0 && except.length > 0)) && !except.some(fits);
}
