import { defaultConfiguration } from '#src/config/load.js';
import type { LoggingSettings, Settings } from '#src/config/schema.js';
import type {
  ConfigurationFacts,
  ControlFacts,
  ControlSocket,
  DeviceFacts,
  Facts,
  FileFacts,
  Folder,
  MachineFacts,
  Radio,
  RadioCapabilities,
  SupplicantProcess,
  SupplicantSettings,
} from '#src/doctor/facts.js';

/** A healthy machine: a P2P device on wlan0, as with Debian's wpa_supplicant 2.10. */

export const RADIO: Radio = {
  name: 'wlan0',
  phy: 'phy0',
  driver: 'brcmfmac',
  up: true,
  randomAddress: false,
};

export const STATUS =
  'wpa_state=DISCONNECTED\np2p_device_address=42:00:00:00:00:00\naddress=42:00:00:00:00:00\n';
/** STATUS of an interface on which a group runs. */
export const GROUP_STATUS = 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\nwpa_state=COMPLETED\n';

export const PROCESS: SupplicantProcess = {
  pid: 300,
  unit: 'wpa_supplicant@wlan0',
  ofIfupdown: false,
  started: [
    {
      name: 'wlan0',
      configFile: '/etc/wpa_supplicant/wpa_supplicant.conf',
      controlInterface: 'DIR=/run/wpa_supplicant GROUP=netdev',
      configUnreadable: false,
      persistentAddress: null,
      networks: ['DIRECT-box'],
      deviceFile: null,
    },
  ],
  sockets: ['/run/wpa_supplicant/wlan0', '/run/wpa_supplicant/p2p-dev-wlan0'],
  seesClients: true,
};

/** Of the Raspberry Pi 4. */
export const CAPABILITIES: RadioCapabilities = {
  modes: ['IBSS', 'managed', 'AP', 'P2P-client', 'P2P-GO', 'P2P-device'],
  combinations: [
    {
      limits: [
        { types: ['managed'], most: 1 },
        { types: ['P2P-device'], most: 1 },
        { types: ['P2P-client', 'P2P-GO'], most: 1 },
      ],
      total: 3,
      channels: 2,
    },
    {
      limits: [
        { types: ['managed'], most: 1 },
        { types: ['AP'], most: 1 },
        { types: ['P2P-client'], most: 1 },
        { types: ['P2P-device'], most: 1 },
      ],
      total: 4,
      channels: 1,
    },
  ],
  restricted: new Map([
    [5260, 'radar detection'],
    [2484, 'disabled'],
  ]),
};

export const REPORTED: SupplicantSettings = {
  by: 'p2p-dev-wlan0',
  version: '2.10',
  country: 'IT',
  p2pDisabled: '0',
  updateConfig: '1',
  configMethods: null,
  randomDeviceAddress: '0',
  randomStationAddress: '0',
  noGroupInterface: '0',
  deviceName: 'DIRECT-box',
  protectedFrames: '0',
  offersSae: false,
  knowsP2p: true,
  interfaces: ['p2p-dev-wlan0', 'wlan0'],
};

export function socket(name: string, answer: ControlSocket['answer'] = { status: STATUS }): ControlSocket {
  return { name, owner: { user: 'root', group: 'netdev', needsLogin: false }, answer };
}

export function place(path: string, writable = true, nearest = path): Folder {
  return { path, nearest, writable };
}

const { settings, ...defaults } = defaultConfiguration();

export const HEALTHY: Facts = {
  nodeVersion: '20.19.0',
  addonProblem: null,
  user: { uid: 0, name: 'root' },
  configuration: {
    ...defaults,
    running: null,
    sessionProblem: null,
    secretsHidden: false,
    settings: { ...settings, pin: '52107733' },
    source: { kind: 'file', path: '/etc/hostp2pd.yaml' },
    unreadable: null,
    problems: [],
  },
  supplicant: {
    visible: true,
    processes: [PROCESS],
    program: '/usr/sbin/wpa_supplicant',
    readyUnits: [],
  },
  control: {
    folder: '/run/wpa_supplicant',
    state: 'listed',
    owner: { user: 'root', group: 'netdev', needsLogin: false },
    sockets: [socket('p2p-dev-wlan0'), socket('wlan0')],
    clientFolder: '/run/hostp2pd',
    privateTmp: false,
    heldBack: [],
  },
  device: {
    requested: 'auto',
    name: 'p2p-dev-wlan0',
    address: '42:00:00:00:00:00',
    reported: REPORTED,
    radios: [RADIO],
  },
  radios: {
    interfaces: [RADIO],
    inUse: [
      { phy: 'phy0', name: null, type: 'P2P-device', frequency: null },
      { phy: 'phy0', name: 'wlan0', type: 'managed', frequency: null },
    ],
    capabilities: new Map([['phy0', CAPABILITIES]]),
    countries: new Map([['global', 'IT']]),
    switches: [{ phy: 'phy0', soft: false, hard: false }],
  },
  services: {
    ...{ networkManager: null, dhcpcd: null, udev: null, netplan: null },
    ...{ ifupdown: { wpa: [], wireless: [] }, iwd: false },
  },
  addressing: {
    programs: { dnsmasq: '/usr/sbin/dnsmasq', ip: '/usr/sbin/ip' },
    networkdRuns: false,
    portOwners: [],
    groupServers: [],
    conflict: null,
    forwards: false,
    sharing: null,
  },
  files: {
    log: { file: '/var/log/hostp2pd.log', folder: place('/var/log'), blocked: false },
    recording: null,
    pidFolder: place('/var/run'),
    stateFolder: place('/var/lib/hostp2pd', true, '/var/lib'),
    runtimeFolder: place('/run/hostp2pd'),
    hook: null,
    pinModule: null,
  },
  machine: {
    model: 'Raspberry Pi 4 Model B Rev 1.2',
    system: 'Debian GNU/Linux 13 (trixie)',
    kernel: '6.12.34+rpt-rpi-v8',
    hasRegulatoryDatabase: true,
    disabledFeatures: 0x282000,
    firmware: new Map([['wlan0', '01-b677b91b']]),
    container: null,
  },
};

/** The facts of a healthy machine with one part changed. */
export const having = {
  settings: (changes: Partial<Settings>, facts = HEALTHY): Facts => ({
    ...facts,
    configuration: {
      ...facts.configuration,
      settings: { ...facts.configuration.settings, ...changes },
    },
  }),
  logging: (changes: Partial<LoggingSettings>): Facts =>
    having.configuration({ logging: { ...HEALTHY.configuration.logging, ...changes } }),
  configuration: (changes: Partial<ConfigurationFacts>, facts = HEALTHY): Facts => ({
    ...facts,
    configuration: { ...facts.configuration, ...changes },
  }),
  supplicant: (changes: Partial<Facts['supplicant']>, facts = HEALTHY): Facts => ({
    ...facts,
    supplicant: { ...facts.supplicant, ...changes },
  }),
  control: (changes: Partial<ControlFacts>, facts = HEALTHY): Facts => ({
    ...facts,
    control: { ...facts.control, ...changes },
  }),
  device: (changes: Partial<DeviceFacts>, facts = HEALTHY): Facts => ({
    ...facts,
    device: { ...facts.device, ...changes },
  }),
  reported: (changes: Partial<SupplicantSettings>, facts = HEALTHY): Facts =>
    having.device({ reported: { ...REPORTED, ...changes } }, facts),
  radios: (changes: Partial<Facts['radios']>, facts = HEALTHY): Facts => ({
    ...facts,
    radios: { ...facts.radios, ...changes },
  }),
  services: (changes: Partial<Facts['services']>, facts = HEALTHY): Facts => ({
    ...facts,
    services: { ...facts.services, ...changes },
  }),
  addressing: (settings: Partial<Settings>, changes: Partial<Facts['addressing']> = {}): Facts => {
    const facts = having.settings(settings);
    return { ...facts, addressing: { ...facts.addressing, ...changes } };
  },
  machine: (changes: Partial<MachineFacts>, facts = HEALTHY): Facts => ({
    ...facts,
    machine: { ...facts.machine, ...changes },
  }),
  files: (changes: Partial<FileFacts>): Facts => ({ ...HEALTHY, files: { ...HEALTHY.files, ...changes } }),
};

/** As an unprivileged user. */
export function asUser(facts: Facts): Facts {
  return { ...facts, user: { uid: 1000, name: 'pi' } };
}

/** No socket can be asked; the kernel's facts are still there. */
export function unanswered(facts: Facts = HEALTHY): Facts {
  return having.device(
    { name: null, address: null, reported: { missing: 'wpa_supplicant does not answer' } },
    facts,
  );
}

/** No wpa_supplicant at all. */
export const WITHOUT_SUPPLICANT: Facts = unanswered(
  having.supplicant(
    { processes: [] },
    // The kernel learns the country from wpa_supplicant.
    having.radios(
      { countries: new Map([['global', '00']]) },
      having.control({ state: 'missing', owner: null, sockets: [] }),
    ),
  ),
);
