import type { ConnectionProfile, Facts, MachineFacts, Radio } from '#src/doctor/facts.js';
import type { Case } from './case.js';
import { HEALTHY, having, PROCESS, RADIO, REPORTED, socket, unanswered } from './healthy.js';

/** Hosts of users: Raspberry Pi OS, Debian and Ubuntu with NetworkManager or netplan, USB cards, containers. */

type Manager = NonNullable<Facts['services']['networkManager']>;

/** NetworkManager of Raspberry Pi OS trixie; wlan0 is not managed. */
const MANAGER: Manager = {
  states: 'wlan0:unmanaged\np2p-dev-wlan0:unmanaged\n',
  removalDenied: false,
  unmanaged: ['interface-name:wlan0', 'interface-name:p2p-*'],
  fixedAddress: [],
  version: '1.52.1',
  deviceNames: [],
  profiles: [],
};
const manager = (changes: Partial<Manager>, facts = HEALTHY) =>
  having.services({ networkManager: { ...MANAGER, ...changes } }, facts);

const named = (facts: Facts) => having.settings({ config_parms: { device_name: 'DIRECT-box' } }, facts);
/** NetworkManager keeps the radio and the P2P device, and may not remove groups. */
const KEEPS: Partial<Manager> = {
  states: 'wlan0:connected\np2p-dev-wlan0:disconnected\n',
  removalDenied: true,
  unmanaged: ['interface-name:p2p-wlan*'],
  fixedAddress: [{ devices: ['*'], value: true }],
};

const PROFILE: ConnectionProfile = {
  path: '/etc/NetworkManager/system-connections/home.nmconnection',
  name: "Ann's home",
  ssid: 'home',
  interface: 'wlan0',
  station: true,
  automatic: true,
  askedSecret: null,
  exposed: false,
};

const [STARTED] = PROCESS.started;
const withFile = (configFile: string, unit: string, updateConfig: string, facts = HEALTHY) =>
  having.supplicant(
    { processes: [{ ...PROCESS, unit, started: STARTED ? [{ ...STARTED, configFile }] : [] }] },
    having.reported({ updateConfig }, facts),
  );
const netplan = (generated: readonly string[], facts = HEALTHY) =>
  having.services({ netplan: { files: ['/etc/netplan/50-cloud-init.yaml'], generated } }, facts);
const SERVER = ['/run/netplan/wpa-wlan0.conf', '/run/systemd/network/10-netplan-wlan0.network'];

const HOME = 'freq=2412\nssid=home\nid=0\nmode=station\nwpa_state=COMPLETED\n';
const asStation = (status: string, facts = HEALTHY) =>
  having.control({ sockets: [socket('p2p-dev-wlan0'), socket('wlan0', { status })] }, facts);
const ASSOCIATING = 'wpa_state=ASSOCIATING\nssid=home\nfreq=2412\n';

const AP = { phy: 'phy0', name: 'wlan0', type: 'AP', frequency: 2412 };
const NO_DEVICE = [AP];

const withDriver = (driver: string, facts = HEALTHY) => {
  const radio: Radio = { ...RADIO, driver };
  return having.device({ name: 'wlan0', radios: [radio] }, having.radios({ interfaces: [radio] }, facts));
};
const onCard = (driver: string) =>
  withDriver(
    driver,
    having.reported({ by: 'wlan0', interfaces: ['wlan0'] }, having.control({ sockets: [socket('wlan0')] })),
  );

const inContainer = (points: readonly (readonly [root: string, point: string])[], facts: Facts) => {
  const mounts = [['/', '/'] as const, ...points].map(([root, point]) => ({ root, point }));
  return having.machine({ container: { kind: 'docker', mounts } }, facts);
};
const HIDDEN = having.supplicant(
  { processes: [], visible: true },
  unanswered(
    having.control({
      sockets: [
        socket('p2p-dev-wlan0', { code: 'CONTROL_TIMEOUT' }),
        socket('wlan0', { code: 'CONTROL_TIMEOUT' }),
      ],
    }),
  ),
);
const SHARED = [
  ['/wpa_supplicant', '/run/wpa_supplicant'],
  ['/hostp2pd', '/run/hostp2pd'],
] as const;
const SILENT: Case['finds'] = { 'control-socket': ['error', /does not answer/, /./] };

const pi = (changes: Partial<MachineFacts>, facts = HEALTHY) => having.machine(changes, facts);
const ZERO = 'Raspberry Pi Zero W Rev 1.1';
const ZERO_2 = 'Raspberry Pi Zero 2 W Rev 1.0';
const SAE: Case['finds'] = {
  'driver-faults': [
    'warning',
    /^brcmfmac \(kernel 6\.12\.34\+rpt-rpi-v8, firmware 01-b677b91b\).*WPA2 and WPA3.*#7634/,
    /feature_disable=0x2282000'.*sudo reboot/,
  ],
};

export const hostCases: readonly Case[] = [
  // Healthy hosts of each kind: no false alarm.
  { what: 'Raspberry Pi OS bookworm, wlan0 unmanaged', facts: manager({ version: '1.42.4' }), finds: {} },
  {
    what: 'Raspberry Pi OS trixie: netplan writes the connections of NetworkManager, which keeps the radio',
    facts: asStation(
      HOME,
      netplan(
        ['/run/NetworkManager/system-connections/netplan-wlan0-home.nmconnection'],
        manager({ ...KEEPS, profiles: [PROFILE] }),
      ),
    ),
    finds: {},
    tells: { netplan: ['ok', /\/run\/NetworkManager again at each start; .*50-cloud-init\.yaml/] },
  },
  {
    what: 'Ubuntu server: netplan runs wpa_supplicant, beside an idle one over D-Bus',
    facts: netplan(
      SERVER,
      having.supplicant(
        {
          processes: [
            { ...PROCESS, unit: 'netplan-wpa-wlan0' },
            { ...PROCESS, pid: 200, unit: 'wpa_supplicant', started: [], sockets: [] },
          ],
        },
        having.reported({ updateConfig: '0' }),
      ),
    ),
    finds: {},
    tells: { netplan: ['ok', /"netplan apply" restarts it and ends the group/] },
  },
  {
    what: 'Debian 14: wpa_supplicant 2.11, NetworkManager 1.58',
    facts: manager({ version: '1.58.1' }, having.reported({ version: '2.11' })),
    finds: {},
  },
  {
    what: 'a PC: no device tree, another driver, no firmware version',
    facts: pi(
      { model: null, firmware: new Map() },
      having.device({ radios: [{ ...RADIO, driver: 'iwlwifi' }] }),
    ),
    finds: {},
    tells: { 'driver-faults': ['ok', /no known errors/] },
  },
  {
    what: 'a container with both folders and the network of the host',
    facts: inContainer(SHARED, HEALTHY),
    finds: {},
  },
  { what: 'a mac80211 USB card without a P2P device', facts: onCard('mt76x2u'), finds: {} },

  // The name of the P2P device.
  {
    what: 'NetworkManager 1.60, which names the P2P device after the host',
    facts: named(manager({ ...KEEPS, version: '1.60.0' })),
    finds: {
      'device-name': [
        'warning',
        /1\.60\.0 overwrites device_name "DIRECT-box" with the name of the host/,
        /\[device-hostp2pd-name\]\\nwifi-p2p\.device-name=%s\\n' 'DIRECT-box' \| sudo tee/,
      ],
    },
  },
  {
    what: 'NetworkManager 1.60 with that line',
    facts: named(
      manager({ ...KEEPS, version: '1.60.0', deviceNames: [{ devices: ['*'], value: 'DIRECT-box' }] }),
    ),
    finds: {},
  },
  {
    what: 'NetworkManager 1.60 with that line for P2P devices, and another one for other devices before it',
    facts: named(
      manager({
        ...KEEPS,
        version: '1.60.0',
        deviceNames: [
          { devices: ['interface-name:p2p-dev-wlan7'], value: 'other' },
          { devices: ['type:wifi'], value: 'another' },
          { devices: ['type:wifi-p2p'], value: 'DIRECT-box' },
          { devices: ['*'], value: 'last' },
        ],
      }),
    ),
    finds: {},
  },
  {
    what: 'NetworkManager 1.60 with that line for another device only',
    facts: named(
      manager({
        ...KEEPS,
        version: '1.60.0',
        deviceNames: [{ devices: ['interface-name:p2p-dev-wlan7'], value: 'DIRECT-box' }],
      }),
    ),
    finds: { 'device-name': ['warning', /with the name of the host/, /DIRECT-box/] },
  },
  {
    what: 'NetworkManager 1.60 with the line for another name',
    facts: named(manager({ ...KEEPS, version: '1.60.0', deviceNames: [{ devices: ['*'], value: 'other' }] })),
    finds: { 'device-name': ['warning', /with "other"/, /DIRECT-box/] },
  },
  {
    what: 'NetworkManager 1.60 that does not manage the P2P device',
    facts: named(manager({ version: '1.60.0' })),
    finds: {},
  },
  {
    what: 'NetworkManager 1.60, and no device_name',
    facts: manager({ ...KEEPS, version: '1.60.0' }),
    finds: {},
  },
  {
    what: 'NetworkManager 1.58 that manages the P2P device',
    facts: named(manager({ ...KEEPS, version: '1.58.1' })),
    finds: {},
  },
  {
    what: 'a running session whose device_name was changed by another program',
    facts: having.configuration(
      { running: { interface: 'p2p-dev-wlan0', uid: 0 } },
      named(having.reported({ deviceName: 'raspberrypi' })),
    ),
    finds: { 'device-name': ['warning', /phones see "raspberrypi"/, /hostp2pd --reload/] },
  },
  {
    what: 'another device_name before the session runs',
    facts: named(having.reported({ deviceName: 'raspberrypi' })),
    finds: {},
  },

  // Connections.
  {
    what: 'a connection of NetworkManager that others can read',
    facts: manager({ profiles: [{ ...PROFILE, exposed: true }] }),
    finds: {
      'connection-profiles': [
        'warning',
        /ignores its connection "Ann's home"/,
        /^sudo chmod 600 '\/etc\/.*home\.nmconnection'; sudo nmcli connection reload$/,
      ],
    },
  },
  {
    what: 'a home network of a radio that NetworkManager leaves alone',
    facts: manager({ profiles: [PROFILE] }),
    finds: {
      'connection-profiles': [
        'warning',
        /does not manage wlan0, so its connection "Ann's home" to "home" cannot be used/,
        /into \/etc\/wpa_supplicant\/wpa_supplicant\.conf .*modify 'Ann'\\''s home' connection\.autoconnect no/,
      ],
    },
  },
  {
    what: 'the same, written by netplan',
    facts: netplan([PROFILE.path], manager({ profiles: [PROFILE] })),
    finds: {
      'connection-profiles': ['warning', /cannot be used/, /50-cloud-init\.yaml; sudo netplan apply/],
    },
  },
  ...(
    [
      ['is connected', asStation(HOME, manager({ profiles: [PROFILE] }))],
      ['is for another interface', manager({ profiles: [{ ...PROFILE, interface: 'wlan1' }] })],
      ['is a hotspot', manager({ profiles: [{ ...PROFILE, station: false }] })],
      ['is not automatic', manager({ profiles: [{ ...PROFILE, automatic: false }] })],
      ['is in the file of wpa_supplicant', manager({ profiles: [{ ...PROFILE, ssid: 'DIRECT-box' }] })],
    ] as const
  ).map(([why, facts]): Case => ({ what: `a home network that ${why}`, facts, finds: {} })),

  // netplan.
  {
    what: 'wpa_supplicant saves in a file that netplan writes',
    facts: netplan(SERVER, withFile('/run/netplan/wpa-wlan0.conf', 'netplan-wpa-wlan0', '1')),
    finds: { netplan: ['warning', /saves its changes in \/run\/netplan\/wpa-wlan0\.conf/, /update_config/] },
  },
  {
    what: "a second wpa_supplicant beside netplan's",
    facts: netplan(
      SERVER,
      having.supplicant({
        processes: [PROCESS, { ...PROCESS, pid: 301, unit: 'netplan-wpa-wlan0', sockets: [] }],
      }),
    ),
    finds: {
      'second-supplicant': [
        'error',
        /2 wpa_supplicants/,
        /^sudo systemctl disable --now wpa_supplicant@wlan0; sudo systemctl restart netplan-wpa-wlan0; or to keep that one: have another program request the address of wlan0, .*; take wlan0 out of .*yaml; sudo netplan apply$/,
      ],
    },
  },

  // The country in the kernel.
  ...['00', 'XX'].map(
    (country): Case => ({
      what: `a country in wpa_supplicant, and ${country} in the kernel`,
      facts: having.radios({ countries: new Map([['global', country]]) }),
      finds: {
        country: ['warning', new RegExp(`has country IT, and the kernel ${country}`), /^sudo iw reg set IT$/],
      },
    }),
  ),
  {
    what: 'a country in wpa_supplicant, and no regulatory database',
    facts: pi({ hasRegulatoryDatabase: false }, having.radios({ countries: new Map([['global', '00']]) })),
    finds: {
      country: ['warning', /the kernel 00/, /^sudo apt-get install -y wireless-regdb; sudo iw reg reload; /],
    },
  },
  {
    what: 'a card that decides by itself, and knows no country',
    facts: having.radios({
      countries: new Map([
        ['global', 'IT'],
        ['phy0', '00'],
      ]),
    }),
    finds: { country: ['warning', /the kernel 00/, /channels 1 to 11/] },
  },
  {
    what: 'no country on a Raspberry Pi',
    facts: having.radios({ countries: new Map([['global', '00']]) }, having.reported({ country: null })),
    finds: { country: ['warning', /no country/, /raspi-config nonint do_wifi_country DE$/] },
  },

  // Channels.
  ...(
    [
      ['freq=5260', /needs radar detection/],
      ['ht40 freq=2484', /is not allowed in this country/],
    ] as const
  ).map(
    ([options, message]): Case => ({
      what: `a channel that cannot be used: ${options}`,
      facts: having.settings({ p2p_group_add_opts: options }),
      finds: { channel: ['error', message, /channels 1 to 11/] },
    }),
  ),

  // Drivers.
  {
    what: 'brcmfmac as an access point without a P2P device, with a kernel that crashes',
    facts: having.radios({ inUse: NO_DEVICE }),
    finds: {
      'driver-faults': ['warning', /crashes without a P2P device.*#6885, #7033, #7224/, /no p2p_disabled=1/],
      'interface-combinations': ['error', /no group beside wlan0 \(AP\)/, /./],
    },
  },
  {
    what: 'the same with an older kernel',
    facts: pi({ kernel: '6.6.51+rpt-rpi-v8' }, having.radios({ inUse: NO_DEVICE })),
    finds: { 'interface-combinations': ['error', /no group beside wlan0 \(AP\)/, /./] },
  },
  {
    what: 'a Zero 2 W that does not get into a WPA2 and WPA3 network',
    facts: pi({ model: ZERO_2 }, asStation(ASSOCIATING, having.reported({ offersSae: true }))),
    finds: SAE,
  },
  ...(
    [
      ['is connected', pi({ model: ZERO_2 }, asStation(HOME, having.reported({ offersSae: true })))],
      ['has no home network', pi({ model: ZERO_2 }, having.reported({ offersSae: true }))],
      ['does not offer SAE', pi({ model: ZERO_2 }, asStation(ASSOCIATING))],
      [
        'has the fix',
        pi(
          { model: ZERO_2, disabledFeatures: 0x2282000 },
          asStation(ASSOCIATING, having.reported({ offersSae: true })),
        ),
      ],
      [
        'is a Pi 5',
        pi(
          { model: 'Raspberry Pi 5 Model B Rev 1.0' },
          asStation(ASSOCIATING, having.reported({ offersSae: true })),
        ),
      ],
    ] as const
  ).map(([why, facts]): Case => ({ what: `no error of SAE: the box ${why}`, facts, finds: {} })),
  {
    what: 'a Zero W with protected management frames',
    facts: pi({ model: ZERO }, having.reported({ protectedFrames: '1' })),
    finds: { 'driver-faults': ['warning', /\(pmf\).*#7247/, /pmf=0 into/] },
  },
  {
    what: 'a Zero W with two such radios and protected management frames',
    facts: having.device(
      { radios: ['wlan0', 'wlan1'].map((name) => ({ ...RADIO, name, driver: 'brcmfmac' })) },
      pi({ model: ZERO }, having.reported({ protectedFrames: '1' })),
    ),
    finds: { 'driver-faults': ['warning', /\(pmf\).*#7247/, /pmf=0 into/] },
  },
  { what: 'a Zero W without them', facts: pi({ model: ZERO }), finds: {} },
  {
    what: 'wpa_supplicant 2.11 that does not get into the home network with brcmfmac',
    facts: asStation(ASSOCIATING, having.reported({ version: '2.11' })),
    finds: { 'driver-faults': ['warning', /2\.11 as released cannot connect wlan0/, /wpasupplicant/] },
  },
  ...['rtl88x2bu', '8821au', 'rtl8812au', '88XXau'].map(
    (driver): Case => ({
      what: `a USB card with the driver ${driver}`,
      facts: onCard(driver),
      finds: {
        'p2p-device': [
          'warning',
          new RegExp(`^the driver ${driver} makes no P2P device: phones see the network`),
          /QR code \(hostp2pd qr\)/,
        ],
      },
    }),
  ),

  // A new Raspberry Pi.
  {
    what: 'a PC whose radio is off',
    facts: pi({ model: null }, having.radios({ switches: [{ phy: 'phy0', soft: true, hard: false }] })),
    finds: { rfkill: ['error', /switched off by software$/, /^sudo rfkill unblock wlan$/] },
  },
  {
    what: 'a new Raspberry Pi whose radio is off',
    facts: having.radios({ switches: [{ phy: 'phy0', soft: true, hard: false }] }),
    finds: { rfkill: ['error', /until its country is set/, /do_wifi_country DE; .*rfkill unblock wlan$/] },
  },
  {
    what: 'Raspberry Pi OS bookworm with its own Node.js',
    facts: {
      ...pi({ system: 'Debian GNU/Linux 12 (bookworm)' }),
      nodeVersion: '18.20.4',
      // What is compiled for later versions cannot be loaded.
      addonProblem: { message: 'it is not compiled for v18.20.4', fix: 'compile it', cause: undefined },
    },
    finds: {
      'node-version': [
        'error',
        /18\.20\.4 is too old \(on Debian GNU\/Linux 12 \(bookworm\)\)/,
        /nodejs\.org\/en\/download.*nodesource/,
      ],
    },
    tells: { addon: ['unknown', /see node-version/] },
  },

  // Containers.
  {
    what: 'a container without the folder of our sockets',
    facts: inContainer(SHARED.slice(0, 1), HIDDEN),
    finds: {
      ...SILENT,
      container: [
        'error',
        /\(docker\) does not have \/run\/hostp2pd: wpa_supplicant replies to the path/,
        /docker run --network host -v \/run\/wpa_supplicant:\/run\/wpa_supplicant -v \/run\/hostp2pd:\/run\/hostp2pd/,
      ],
    },
  },
  {
    what: 'a container with that folder at another path',
    facts: inContainer(
      [
        ['/wpa_supplicant', '/run/wpa_supplicant'],
        ['/data', '/run/hostp2pd'],
      ],
      HIDDEN,
    ),
    finds: { ...SILENT, container: ['error', /does not have \/run\/hostp2pd/, /./] },
  },
  {
    what: 'a container with a /run of its own, without the folders of the host',
    facts: inContainer([['/', '/run']], having.control({ state: 'missing', sockets: [] }, HIDDEN)),
    finds: { container: ['error', /does not have \/run\/wpa_supplicant: /, /./] },
  },
  {
    what: 'a container without the network of the host',
    facts: inContainer(
      SHARED,
      having.device({ radios: [], requested: 'auto' }, having.radios({ interfaces: [] }, HIDDEN)),
    ),
    finds: { ...SILENT, container: ['error', /the network of the host/, /--network host/] },
    tells: { 'p2p-go': ['unknown', /see container/] },
  },
  {
    what: 'a container with both folders, and a wpa_supplicant that hangs',
    facts: inContainer(SHARED, HIDDEN),
    finds: SILENT,
    tells: { 'supplicant-running': ['unknown', /outside of this container/] },
  },
  {
    what: 'a healthy machine whose wpa_supplicant reports nothing of this',
    facts: having.device({
      reported: { ...REPORTED, deviceName: null, protectedFrames: null, offersSae: false },
    }),
    finds: {},
  },
];
