import type { ConnectionProfile, Facts } from '#src/doctor/facts.js';
import type { Survey } from '#src/setup/survey.js';
import type { UnitState } from '#src/setup/unit-states.js';
import { having, PROCESS } from '../doctor/healthy.js';

/** Machines on which setup runs. */

/** The package's file, as far as it matters. */
export const PACKAGE_FILE = `hostp2pd:
  # The PIN that a person types on the phone.
  pin: random
  pbc_in_use: null
  config_parms: {}
  save_config_enabled: true
  ssid_postfix: null
  addressing: dnsmasq
  share_internet: off
  group_address: 192.168.49.1/24
`;

export const DOWN = { known: true, enabled: false, active: false };
export const UP = { known: true, enabled: true, active: true };

/** All units that setup asks about are stopped, but for those. */
export const units = (...others: readonly (readonly [unit: string, state: UnitState])[]) =>
  new Map<string, UnitState>([
    ['hostp2pd@p2p-dev-wlan0', DOWN],
    ['hostp2pd-notify@p2p-dev-wlan0', DOWN],
    ['wpa_supplicant@wlan0', DOWN],
    ...others,
  ]);
const fresh = (facts: Facts): Facts => having.settings({ pin: 'random', addressing: 'dnsmasq' }, facts);

export function surveyOf(facts: Facts, changes: Partial<Survey> = {}): Survey {
  return {
    facts: fresh(facts),
    device: 'p2p-dev-wlan0',
    radio: 'wlan0',
    network: 'home',
    loggedIn: false,
    systemd: true,
    units: units(),
    texts: new Map([
      ['/etc/hostp2pd.yaml', PACKAGE_FILE],
      ['/etc/dhcpcd.conf', 'hostname\ninterface eth0\n'],
    ]),
    unitFiles: new Map([['hostp2pd@.service', '[Unit]\n']]),
    hostName: 'box',
    hasNft: true,
    hasNetdev: true,
    otherAddress: null,
    ...changes,
  };
}

/** The connection of NetworkManager that is up. */
export const HOME: ConnectionProfile = {
  path: '/etc/NetworkManager/system-connections/home.nmconnection',
  name: 'home',
  ssid: 'home',
  interface: null,
  station: true,
  automatic: true,
  askedSecret: null,
  exposed: false,
};

/** NetworkManager of a Raspberry Pi with our package. */
export type Manager = NonNullable<Facts['services']['networkManager']>;
export const MANAGER: Manager = {
  states: 'wlan0:connected\np2p-dev-wlan0:disconnected\n',
  removalDenied: false,
  unmanaged: ['interface-name:p2p-*'],
  fixedAddress: [],
  version: '1.52.1',
  deviceNames: [],
  profiles: [HOME],
};
const OVER_DBUS = { ...PROCESS, unit: 'wpa_supplicant', started: [] };
export const managed = (changes: Partial<Manager> = {}) =>
  having.supplicant(
    { processes: [OVER_DBUS] },
    having.services({ networkManager: { ...MANAGER, ...changes } }, having.reported({ updateConfig: '0' })),
  );
