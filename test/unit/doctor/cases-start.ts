import type { Facts } from '#src/doctor/facts.js';
import type { Case } from './case.js';
import { HEALTHY, having, PROCESS, unanswered, WITHOUT_SUPPLICANT } from './healthy.js';

/** No wpa_supplicant serves the radio, on a host where another program starts it: only that one has the home network. */

type Services = Facts['services'];

const networkManager = {
  states: 'wlan0:unavailable\n',
  removalDenied: true,
  unmanaged: ['interface-name:p2p-*'],
  fixedAddress: [{ devices: ['*'], value: true }],
  version: '1.52.1',
  deviceNames: [],
  profiles: [],
};
const dhcpcd = { denied: ['p2p-*'], allowed: [], blocks: [], supplicantHook: { except: [] } };

const BY_HAND =
  /^sudo hostp2pd setup; or write \/etc\/wpa_supplicant\/wpa_supplicant-wlan0\.conf .*wpa_supplicant@wlan0$/;

const hosts: readonly [
  what: string,
  services: Partial<Services>,
  supplicant: Partial<Facts['supplicant']>,
  fix: RegExp,
][] = [
  ['NetworkManager', { networkManager }, {}, /^sudo systemctl enable --now wpa_supplicant$/],
  [
    'NetworkManager, and a file of an earlier attempt',
    { networkManager },
    { readyUnits: ['wpa_supplicant@wlan0'] },
    /^sudo systemctl enable --now wpa_supplicant$/,
  ],
  [
    'NetworkManager, which does not manage the radio',
    { networkManager: { ...networkManager, states: 'wlan0:unmanaged\n' } },
    { readyUnits: ['wpa_supplicant@wlan0'] },
    /^sudo systemctl enable --now wpa_supplicant@wlan0$/,
  ],
  [
    'a unit for another radio',
    {},
    { readyUnits: ['wpa_supplicant@wlan01', 'wpa_supplicant@wlan9'] },
    BY_HAND,
  ],
  // Its unit is generated: systemctl refuses to enable it.
  ['netplan', {}, { readyUnits: ['netplan-wpa-wlan0'] }, /^sudo systemctl start netplan-wpa-wlan0$/],
  ['dhcpcd', { dhcpcd }, {}, /^sudo systemctl restart dhcpcd; this ends the connections of dhcpcd/],
  ['dhcpcd without its hook', { dhcpcd: { ...dhcpcd, supplicantHook: null } }, {}, BY_HAND],
  [
    'dhcpcd, which starts none on this radio',
    { dhcpcd: { ...dhcpcd, supplicantHook: { except: ['wlan*'] } } },
    {},
    BY_HAND,
  ],
  [
    'dhcpcd, which leaves the radio alone',
    { dhcpcd: { ...dhcpcd, denied: ['wlan0', 'p2p-*'] } },
    {},
    BY_HAND,
  ],
  // With `wpa-conf` it may use the same file as that unit.
  [
    'ifupdown',
    { ifupdown: { wpa: ['wlan0'], wireless: [] } },
    { readyUnits: ['wpa_supplicant@wlan0'] },
    /^sudo ifup --force wlan0$/,
  ],
  [
    'ifupdown, whose file an unprivileged user cannot read',
    { ifupdown: { missing: '/etc/network/interfaces: permission denied' } },
    { readyUnits: ['wpa_supplicant@wlan0'] },
    /^run the doctor as root: \/etc\/network\/interfaces: permission denied$/,
  ],
  [
    'ifupdown, which connects the radio by wireless-tools',
    { ifupdown: { wpa: [], wireless: ['wlan0'] } },
    { readyUnits: ['wpa_supplicant@wlan0'] },
    /^sudo ifdown wlan0; take the lines of wlan0 out of .*; then sudo systemctl enable --now wpa_supplicant@wlan0$/,
  ],
  [
    'iwd, which shows no connection',
    { iwd: true },
    { readyUnits: ['wpa_supplicant@wlan0'] },
    /^sudo systemctl disable --now iwd, which ends its connections for good; then sudo systemctl enable/,
  ],
  ['ifupdown for another radio', { ifupdown: { wpa: ['wlan1'], wireless: [] } }, {}, BY_HAND],
];

export const startCases: readonly Case[] = [
  ...hosts.map(
    ([what, services, supplicant, fix]): Case => ({
      what: `no wpa_supplicant runs: ${what}`,
      facts: having.supplicant(supplicant, having.services(services, WITHOUT_SUPPLICANT)),
      finds: { 'supplicant-running': ['error', /does not run/, fix] },
    }),
  ),
  {
    what: 'the wpa_supplicant of NetworkManager has no control sockets, and the driver makes no P2P device',
    facts: unanswered(
      having.supplicant(
        { processes: [{ ...PROCESS, unit: 'wpa_supplicant', started: [], sockets: [] }] },
        having.services(
          { networkManager },
          having.radios(
            { inUse: [{ phy: 'phy0', name: 'wlan0', type: 'managed', frequency: 2437 }] },
            having.control({ sockets: [] }, HEALTHY),
          ),
        ),
      ),
    ),
    finds: {
      'control-socket': ['error', /serves no interface/, /^sudo systemctl edit wpa_supplicant, add -O /],
    },
  },
];
