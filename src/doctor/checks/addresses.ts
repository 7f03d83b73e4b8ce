import type { Facts } from '../facts.js';
import { type Check, ok, orOk, unknown, type Verdict, warning } from '../finding.js';
import type { Device } from './device-match.js';
import { install, NEIGHBOURS } from './neighbours.js';
import { covers, manages } from './services.js';
import { setParameter } from './subject.js';
import { keepsAddress } from './supplicant.js';

export const addressChecks: readonly Check[] = [
  {
    id: 'random-address',
    looksAt:
      'settings by which the device address changes, after which phones do not find a persistent group again: `p2p_device_random_mac_addr`, `mac_addr`, NetworkManager, the driver',
    judge: judgeAddresses,
  },
];

function judgeAddresses(facts: Facts): readonly Verdict[] {
  const { device, configuration, services } = facts;
  if (!configuration.settings.activate_persistent_group) return ok('no persistent group is wanted');
  const verdicts = [...judgeDeviceAddress(facts), ...judgeRadioAddress(facts)];
  const { networkManager } = services;
  // Its default is to make one up before every scan.
  const changes = (radio: Device): boolean =>
    networkManager !== null &&
    manages(networkManager, radio) &&
    !networkManager.steady.some((specs) => covers(specs, radio));
  if (device.radios.some(changes))
    verdicts.push(
      ...warning(
        'NetworkManager gives the radio random addresses while it scans, and the P2P device address follows it',
        install(NEIGHBOURS.networkManagerAddress),
      ),
    );
  if (verdicts.length === 0 && device.told === null) return unknown('wpa_supplicant does not answer');
  return orOk(verdicts, device.address === null ? 'stays as it is' : `${device.address} stays as it is`);
}

function judgeDeviceAddress(facts: Facts): Verdict[] {
  const mode = facts.device.told?.randomDeviceAddress ?? '0';
  if (mode === '0' || keepsAddress(facts)) return [];
  return [
    ...warning(
      `p2p_device_random_mac_addr=${mode}, and no file keeps the address: each start of wpa_supplicant has another`,
      `${setParameter(facts, 'p2p_device_random_mac_addr', '0')}; or write p2p_device_persistent_mac_addr=${facts.device.address ?? 'ADDRESS'} into the file of the radio`,
    ),
  ];
}

function judgeRadioAddress(facts: Facts): Verdict[] {
  const { device } = facts;
  const verdicts: Verdict[] = [];
  const mode = device.told?.randomStationAddress ?? '0';
  // Elsewhere the P2P device has an address of its own.
  if (mode !== '0' && device.name !== null && !device.name.startsWith('p2p-dev-'))
    verdicts.push(
      ...warning(
        `mac_addr=${mode}: ${device.name}, on which Wi-Fi Direct runs, changes its address`,
        setParameter(facts, 'mac_addr', '0'),
      ),
    );
  const random = device.radios.find(({ randomAddress }) => randomAddress);
  if (random && device.radios.length === 1)
    verdicts.push(
      ...warning(
        `the driver of ${random.name} makes up another address at every start`,
        'give it one for good: MACAddress= in a .link file (man systemd.link)',
      ),
    );
  return verdicts;
}
