import { managedByNetworkManager } from '../../host/network-manager.js';
import type { Facts, NetworkManagerFacts } from '../facts.js';
import { type Check, fault, ok, type Verdict, warning } from '../finding.js';
import { type Device, groupDevices, matches } from './device-match.js';
import { judgeDhcpcd } from './dhcpcd.js';
import { install, NEIGHBOURS } from './neighbours.js';

export const serviceChecks: readonly Check[] = [
  {
    id: 'network-manager',
    looksAt:
      'whether NetworkManager runs and manages the radio, and so removes groups, or takes their interfaces for itself (`unmanaged-devices`)',
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
  const managed = device.radios.filter((radio) => manages(networkManager, radio));
  const names = managed.map(({ name }) => name).join(', ');
  // Where it is not known which radio is used, one that is free would do.
  const hasRadio = managed.length > 0 && managed.length === device.radios.length;
  if (hasRadio && !networkManager.removalDenied)
    return fault(
      `NetworkManager manages ${names}, and so it removes every group within a second`,
      `forbid it that, and it keeps its connections: ${install(NEIGHBOURS.dbus)}. ` +
        'Or give the radio to wpa_supplicant: "With NetworkManager" in install.md',
    );
  if (groupDevices(device).every((group) => covers(networkManager.unmanaged, group)))
    return ok(
      hasRadio
        ? `it manages ${names}, may not remove groups, and leaves their interfaces alone`
        : 'it leaves the interfaces of groups alone',
    );
  return warning(
    'NetworkManager takes the interfaces of groups for itself',
    install(NEIGHBOURS.networkManager),
  );
}

/** What it says of itself goes before its configuration: a person can change it with nmcli. */
export function manages({ states, unmanaged }: NetworkManagerFacts, radio: Device): boolean {
  return states === null ? !covers(unmanaged, radio) : managedByNetworkManager(states, radio.name);
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
