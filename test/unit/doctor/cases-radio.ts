import type { Combination, InterfaceInUse, Radio } from '#src/doctor/facts.js';
import type { Case } from './case.js';
import {
  CAPABILITIES,
  GROUP_STATUS,
  HEALTHY,
  having,
  PROCESS,
  RADIO,
  REPORTED,
  socket,
  unanswered,
  WITHOUT_SUPPLICANT,
} from './healthy.js';

const NO_IW = { missing: 'iw is not installed' };
const LONG: Radio = { ...RADIO, name: 'wlx00c0caaabbcc' };
const GROUP: Radio = { ...RADIO, name: 'p2p-wlan0-0' };
const SPARE: Radio = { ...RADIO, name: 'wlan1', phy: 'phy1' };
const MANAGED: InterfaceInUse = { phy: 'phy0', name: 'wlan0', type: 'managed', frequency: null };
const DEVICE: InterfaceInUse = { phy: 'phy0', name: null, type: 'P2P-device', frequency: null };
const AP: InterfaceInUse = { phy: 'phy0', name: 'uap0', type: 'AP', frequency: null };

/** An interface name from the settings on which nothing answers. */
const named = (requested: string) => having.device({ requested });

const able = (combinations: readonly Combination[], inUse: readonly InterfaceInUse[], facts = HEALTHY) =>
  having.radios({ inUse, capabilities: new Map([['phy0', { ...CAPABILITIES, combinations }]]) }, facts);

/** Without a P2P device: Wi-Fi Direct runs on the radio itself. */
const onRadio = having.device(
  {
    name: 'wlan0',
    reported: { ...REPORTED, by: 'wlan0', interfaces: ['wlan0'] },
    radios: [{ ...RADIO, driver: 'ath9k_htc' }],
  },
  having.control({ sockets: [socket('wlan0')] }),
);

const withGroup = (status: string, interfaces = [...REPORTED.interfaces, 'p2p-wlan0-0']) =>
  having.radios(
    { interfaces: [RADIO, GROUP] },
    having.reported(
      { interfaces },
      having.control({ sockets: [...HEALTHY.control.sockets, socket('p2p-wlan0-0', { status })] }),
    ),
  );

const connected = (frequency: number): InterfaceInUse => ({ ...MANAGED, frequency });

const ONE_CHANNEL: Combination = {
  limits: [
    { types: ['managed'], most: 1 },
    { types: ['P2P-device'], most: 1 },
    { types: ['P2P-GO', 'P2P-client'], most: 1 },
  ],
  total: 3,
  channels: 1,
};

const ONE_MANAGED: Combination = {
  limits: [
    { types: ['managed'], most: 1 },
    { types: ['P2P-device'], most: 1 },
  ],
  total: 2,
  channels: 1,
};

const HOME = 'bssid=02:00:00:00:09:00\nfreq=2412\nssid=home\nid=0\nmode=station\nwpa_state=COMPLETED\n';
/** The kernel knows no country. */
const inTheWorld = having.radios({ countries: new Map([['global', '00']]) });
const takesRadio = having.reported({ noGroupInterface: '1' });

export const radioCases: readonly Case[] = [
  { what: 'the P2P device by its name', facts: named('p2p-dev-wlan0'), finds: {} },
  {
    what: 'the radio instead of its P2P device',
    facts: having.device({ requested: 'wlan0', name: 'wlan0' }),
    finds: { 'interface-name': ['error', /not arrive on wlan0, but on p2p-dev-wlan0/, /-i p2p-dev-wlan0/] },
  },
  {
    what: "a group's interface",
    facts: having.device({ requested: 'p2p-wlan0-0' }, withGroup(GROUP_STATUS)),
    finds: { 'interface-name': ['error', /interface of a group/, /-i p2p-dev-wlan0/] },
  },
  {
    what: 'an interface that wpa_supplicant does not serve',
    facts: named('p2p-dev-wlan1'),
    finds: { 'interface-name': ['error', /serves no interface p2p-dev-wlan1/, /-i p2p-dev-wlan0/] },
  },
  {
    what: 'an interface for which there is no radio, without wpa_supplicant',
    facts: having.device({ requested: 'p2p-dev-wlan9' }, WITHOUT_SUPPLICANT),
    finds: {
      'interface-name': ['error', /no radio for an interface p2p-dev-wlan9/, /-i p2p-dev-wlan0/],
      'supplicant-running': ['error', /does not run/, /./],
    },
  },
  {
    what: 'an interface of an existing radio, without wpa_supplicant',
    facts: having.device({ requested: 'p2p-dev-wlan0' }, WITHOUT_SUPPLICANT),
    finds: { 'supplicant-running': ['error', /does not run/, /./] },
    tells: { 'interface-name': ['unknown', /does not answer/] },
  },
  {
    what: 'no Wi-Fi card at all',
    facts: having.device(
      { requested: 'p2p-dev-wlan0', radios: [] },
      having.radios({ interfaces: [], switches: [] }, WITHOUT_SUPPLICANT),
    ),
    finds: {
      'interface-name': ['error', /no radio/, /plug in a Wi-Fi card/],
      'p2p-go': ['error', /no Wi-Fi card/, /iw dev/],
      'supplicant-running': ['error', /does not run/, /./],
    },
  },
  {
    what: 'no Wi-Fi card, so iw shows nothing: one error, and the rest follows from it',
    facts: having.device(
      { radios: [], name: null, address: null },
      having.radios(
        { interfaces: [], switches: [], inUse: NO_IW, capabilities: NO_IW, countries: NO_IW },
        having.reported({ country: null }),
      ),
    ),
    finds: {
      'p2p-go': ['error', /no Wi-Fi card/, /iw dev/],
      'p2p-device': ['error', /no interface/, /./],
    },
    tells: {
      channel: ['unknown', /there is no radio/],
      'interface-combinations': ['unknown', /there is no radio/],
      country: ['unknown', /there is no radio/],
    },
  },
  {
    what: 'a name that wpa_supplicant cuts',
    facts: having.device({ name: 'p2p-dev-wlx00c0', radios: [LONG] }, having.radios({ interfaces: [LONG] })),
    finds: {
      'interface-name-length': [
        'warning',
        /cuts it to p2p-dev-wlx00c0/,
        /name wlan0; start wpa_supplicant on wlan0; permanently by a \.link file/,
      ],
    },
  },
  {
    what: 'a name that is too long: the P2P device cannot be created',
    facts: unanswered(
      having.device({ radios: [LONG] }, having.radios({ interfaces: [LONG, RADIO] }, WITHOUT_SUPPLICANT)),
    ),
    finds: {
      'interface-name-length': ['error', /cannot be created/, /name wlan1/],
      'supplicant-running': ['error', /./, /./],
    },
  },
  {
    what: 'a long name and a short one, while it is undecided which one is used',
    facts: having.device(
      { radios: [LONG, RADIO] },
      having.radios({ interfaces: [LONG, RADIO] }, WITHOUT_SUPPLICANT),
    ),
    finds: { 'supplicant-running': ['error', /./, /./] },
  },
  {
    what: 'a driver without a P2P device',
    facts: onRadio,
    finds: {},
    tells: { 'p2p-device': ['ok', /wlan0, the radio itself/] },
  },
  {
    what: 'a random device address where it cannot be set',
    facts: having.device({
      name: null,
      address: null,
      reported: { ...REPORTED, by: 'wlan0', randomDeviceAddress: '1' },
    }),
    finds: {
      'p2p-device': [
        'error',
        /p2p_device_random_mac_addr=1/,
        /^write p2p_device_random_mac_addr=0 into \S+; sudo systemctl restart \S+; or 2/,
      ],
    },
  },
  {
    what: 'p2p_disabled=1 from the start',
    facts: having.device({ name: null, address: null, reported: { ...REPORTED, p2pDisabled: '1' } }),
    finds: {
      'p2p-device': [
        'error',
        /p2p_disabled=1/,
        /^write p2p_disabled=0 into \S+; sudo systemctl restart \S+; and take p2p_disabled=1 out/,
      ],
    },
  },
  {
    what: 'p2p_disabled=1 set later, when the address is still shown',
    facts: having.reported({ p2pDisabled: '1' }),
    finds: { 'p2p-device': ['error', /p2p_disabled=1/, /restart/] },
  },
  {
    what: 'a wpa_supplicant without Wi-Fi Direct',
    facts: having.device({
      name: null,
      address: null,
      reported: { ...REPORTED, p2pDisabled: null, knowsP2p: false },
    }),
    finds: { 'p2p-device': ['error', /built without Wi-Fi Direct/, /apt install wpasupplicant/] },
  },
  {
    what: 'a driver without P2P-GO',
    facts: having.device(
      { name: null, address: null },
      having.radios({
        capabilities: new Map([
          ['phy0', { modes: ['managed', 'AP'], combinations: [], restricted: new Map() }],
        ]),
      }),
    ),
    finds: {
      'p2p-go': ['error', /driver of wlan0 does not support P2P-GO/, /another Wi-Fi card/],
      'p2p-device': ['error', /the driver cannot do it/, /another Wi-Fi card/],
    },
    tells: { 'interface-combinations': ['unknown', /see p2p-go/] },
  },
  {
    what: 'an interface without a P2P device address, for an unknown reason',
    facts: having.device({ name: null, address: null }),
    finds: { 'p2p-device': ['error', /STATUS of p2p-dev-wlan0 shows no p2p_device_address/, /nl80211/] },
    tells: { 'interface-name': ['unknown', /see p2p-device/] },
  },
  {
    what: 'a group that is up',
    facts: withGroup(GROUP_STATUS),
    finds: {},
    tells: { 'leaked-group': ['ok', /in use/] },
  },
  {
    what: 'an interface that wpa_supplicant does not know',
    facts: having.radios({ interfaces: [RADIO, GROUP] }),
    finds: { 'leaked-group': ['warning', /does not know it/, /iw dev p2p-wlan0-0 del/] },
  },
  {
    what: 'an interface on which no group runs',
    facts: withGroup('wpa_state=INACTIVE\n'),
    finds: {
      'leaked-group': ['warning', /has no group/, /wpa_cli .* -i p2p-dev-wlan0 p2p_group_remove p2p-wlan0-0/],
    },
  },
  { what: 'a group that is being formed', facts: withGroup('wpa_state=SCANNING\n'), finds: {} },
  {
    what: 'a leftover group interface, without wpa_supplicant',
    facts: having.radios({ interfaces: [RADIO, GROUP] }, WITHOUT_SUPPLICANT),
    finds: {
      'leaked-group': ['warning', /left over/, /iw dev p2p-wlan0-0 del/],
      'supplicant-running': ['error', /./, /./],
    },
  },
  {
    what: 'a group of a wpa_supplicant whose socket may not be opened',
    facts: unanswered(having.radios({ interfaces: [RADIO, GROUP] })),
    finds: {},
    tells: { 'leaked-group': ['unknown', /p2p-wlan0-0/] },
  },
  {
    what: 'no iw',
    facts: having.radios(
      { inUse: NO_IW, capabilities: NO_IW, countries: NO_IW },
      having.reported({ country: null }),
    ),
    finds: {},
    tells: {
      'p2p-go': ['unknown', /iw is not installed/],
      'interface-combinations': ['unknown', /iw is not installed/],
      country: ['unknown', /iw is not installed/],
    },
  },
  {
    what: 'an access point, with a driver that allows either it or a group',
    facts: having.radios({
      inUse: [DEVICE, MANAGED, AP],
      interfaces: [RADIO, { ...RADIO, name: 'uap0' }],
    }),
    finds: { 'interface-combinations': ['error', /no group beside uap0 \(AP\)/, /iw dev uap0 del/] },
  },
  {
    what: 'the same access point, down',
    facts: having.radios({
      inUse: [DEVICE, MANAGED, AP],
      interfaces: [RADIO, { ...RADIO, name: 'uap0', up: false }],
    }),
    finds: {},
  },
  {
    what: 'an access point on another radio, and a monitor',
    facts: having.radios({
      inUse: [DEVICE, MANAGED, { ...AP, phy: 'phy1' }, { ...AP, name: 'mon0', type: 'monitor' }],
    }),
    finds: {},
  },
  {
    what: 'a group that is up already uses the last allowed interface',
    facts: having.radios({ inUse: [DEVICE, MANAGED, { ...AP, name: 'p2p-wlan0-0', type: 'P2P-GO' }] }),
    finds: {},
  },
  {
    what: 'a driver that allows no interface beside the radio',
    facts: able([ONE_MANAGED], [DEVICE, MANAGED]),
    finds: { 'interface-combinations': ['warning', /no group beside wlan0/, /p2p_no_group_iface=1/] },
  },
  {
    what: 'no interface beside the radio, and no P2P device: wpa_supplicant uses the radio itself',
    facts: able([], [MANAGED], onRadio),
    finds: {},
    tells: { 'interface-combinations': ['ok', /on wlan0 itself/] },
  },
  {
    what: 'no interface beside the radio, which p2p_no_group_iface makes it use',
    facts: able([], [MANAGED], having.reported({ noGroupInterface: '1' })),
    finds: {},
    tells: { 'interface-combinations': ['ok', /p2p_no_group_iface=1/] },
  },
  {
    what: 'the group takes the radio, which is connected to the home network',
    facts: having.control(
      { sockets: [socket('wlan0', { status: HOME }), socket('p2p-dev-wlan0')] },
      takesRadio,
    ),
    finds: {
      'keep-station': [
        'warning',
        /wlan0 itself, which is connected to "home" at 2412 MHz: no group/,
        /keep_station: false/,
      ],
    },
  },
  {
    what: 'the same, and the group comes first',
    facts: having.settings(
      { keep_station: false },
      having.control({ sockets: [socket('wlan0', { status: HOME }), socket('p2p-dev-wlan0')] }, takesRadio),
    ),
    finds: {
      'keep-station': ['warning', /the group ends that \(keep_station: false\)/, /another Wi-Fi card/],
    },
  },
  {
    what: 'the group takes the radio, on which it runs already',
    facts: having.control(
      { sockets: [socket('wlan0', { status: GROUP_STATUS }), socket('p2p-dev-wlan0')] },
      takesRadio,
    ),
    finds: {},
  },
  {
    what: 'connected to the home network, and the group has an interface of its own',
    facts: having.control({ sockets: [socket('wlan0', { status: HOME }), socket('p2p-dev-wlan0')] }),
    finds: {},
    tells: { 'keep-station': ['ok', /does not run on wlan0 itself/] },
  },
  {
    what: 'no P2P device, a driver that cannot have two interfaces, connected to the home network',
    facts: able(
      [ONE_MANAGED],
      [MANAGED],
      having.control({ sockets: [socket('wlan0', { status: HOME })] }, onRadio),
    ),
    finds: { 'keep-station': ['warning', /wlan0 itself/, /keep_station/] },
  },
  {
    what: 'several radios, while it is undecided which one is used',
    facts: having.device({ radios: [RADIO, SPARE] }, WITHOUT_SUPPLICANT),
    finds: { 'supplicant-running': ['error', /./, /./] },
    tells: { 'interface-combinations': ['unknown', /several radios/], channel: ['ok', /no connection/] },
  },
  {
    what: 'several radios, one of them connected, while it is undecided which one is used',
    facts: having.device(
      { radios: [RADIO, SPARE] },
      having.radios({ inUse: [DEVICE, connected(5180)] }, WITHOUT_SUPPLICANT),
    ),
    finds: { 'supplicant-running': ['error', /./, /./] },
    tells: { channel: ['unknown', /several radios/] },
  },
  {
    what: 'a radio that is blocked by software',
    facts: having.radios({ switches: [{ phy: 'phy0', soft: true, hard: false }] }),
    finds: { rfkill: ['error', /wlan0 is switched off by software/, /rfkill unblock wlan/] },
  },
  {
    what: 'a radio that is blocked by a hardware switch',
    facts: having.radios({ switches: [{ phy: 'phy0', soft: true, hard: true }] }),
    finds: { rfkill: ['error', /by a hardware switch/, /switch Wi-Fi on/] },
  },
  {
    what: "the machine's own switch, if the radio has none",
    facts: having.radios({ switches: [{ phy: null, soft: true, hard: false }] }),
    finds: { rfkill: ['error', /by software/, /unblock/] },
  },
  {
    what: 'another radio is blocked',
    facts: having.radios({
      switches: [
        { phy: 'phy0', soft: false, hard: false },
        { phy: 'phy1', soft: true, hard: false },
      ],
    }),
    finds: {},
  },
  {
    what: 'no country',
    facts: having.reported({ country: null }, inTheWorld),
    finds: {
      country: [
        'warning',
        /no country is set/,
        /write country=DE into \/etc\/wpa_supplicant\/wpa_supplicant\.conf; sudo systemctl restart wpa_supplicant@wlan0; or/,
      ],
    },
  },
  {
    what: 'no country, with a wpa_supplicant without a file',
    facts: having.supplicant(
      { processes: [{ ...PROCESS, started: [] }] },
      having.reported({ country: null, updateConfig: '0' }, inTheWorld),
    ),
    finds: {
      country: ['warning', /no country is set/, /"country: DE" below config_parms in hostp2pd\.yaml/],
    },
  },
  ...[
    ['global', 'DE'],
    ['phy0', 'US'],
  ].map(
    ([whose = '', country = '']): Case => ({
      what: `a country in the kernel alone (${whose})`,
      facts: having.radios({ countries: new Map([[whose, country]]) }, having.reported({ country: null })),
      finds: {},
      tells: { country: ['ok', new RegExp(`^${country}, set in the kernel`)] },
    }),
  ),
  {
    what: 'a country code of the card only, which is no valid country',
    facts: having.radios(
      {
        countries: new Map([
          ['global', '00'],
          ['phy0', '99'],
        ]),
      },
      having.reported({ country: null }),
    ),
    finds: { country: ['warning', /no country/, /iw reg set/] },
  },
  ...['00', 'XX', '98', '99', 'AA'].map(
    (country): Case => ({
      what: `${country} as the country of wpa_supplicant, which is no valid country`,
      facts: having.reported({ country }, inTheWorld),
      finds: {
        country: [
          'warning',
          new RegExp(`^the country of wpa_supplicant, ${country}, is not a country code`),
          /DE/,
        ],
      },
    }),
  ),
  {
    what: 'no valid country in wpa_supplicant, and one in the kernel',
    facts: having.radios({ countries: new Map([['global', 'DE']]) }, having.reported({ country: 'XX' })),
    finds: {},
    tells: { country: ['ok', /^DE, set in the kernel/] },
  },
  {
    what: 'two countries in the kernel',
    facts: having.radios({ countries: new Map([['global', '98']]) }),
    finds: { country: ['warning', /the kernel has country 98/, /the same country everywhere/] },
  },
  {
    what: 'two countries in the kernel, for radios that have no country of their own',
    facts: having.radios({
      countries: new Map([
        ['global', '98'],
        ['phy0', '99'],
      ]),
    }),
    finds: {},
  },
  {
    what: 'a radio that supports two channels at once',
    facts: having.radios({ inUse: [DEVICE, connected(5180)] }),
    finds: {},
    tells: { channel: ['ok', /need not share the channel of wlan0, 5180 MHz/] },
  },
  {
    what: 'a radio with one channel at a time, not connected',
    facts: able([ONE_CHANNEL], [DEVICE, MANAGED]),
    finds: {},
    tells: { channel: ['ok', /no connection/] },
  },
  ...[null, 'ht40', 'freq=5', 'freq=5180', 'freq=acs'].map(
    (options): Case => ({
      what: `a radio with one channel at a time that is connected, and ${options}`,
      facts: having.settings({ p2p_group_add_opts: options }, able([ONE_CHANNEL], [DEVICE, connected(5180)])),
      finds: {},
      tells: {
        channel: [
          'ok',
          /one channel at a time, and wlan0 is connected on 5180 MHz: the group will use it too/,
        ],
      },
    }),
  ),
  ...['freq=2', 'ht40 freq=2437', 'freq=5200'].map(
    (options): Case => ({
      what: `a radio with one channel at a time that is connected on another one than ${options}`,
      facts: having.settings({ p2p_group_add_opts: options }, able([ONE_CHANNEL], [DEVICE, connected(5180)])),
      finds: { channel: ['error', /5180 MHz: a group with freq=\d+ .* is refused/, /take freq=\d+ out of/] },
    }),
  ),
  {
    what: 'a radio with one channel at a time that is connected on a radar channel',
    facts: able([ONE_CHANNEL], [DEVICE, connected(5500)]),
    finds: { channel: ['warning', /radar detection/, /another channel: 1 to 11/] },
  },
  {
    what: 'a radio on which no channel allows a group',
    facts: able([ONE_MANAGED], [DEVICE, connected(5180)]),
    finds: { 'interface-combinations': ['warning', /./, /./] },
    tells: { channel: ['unknown', /allows no group .*see interface-combinations/] },
  },
  {
    what: 'a connected radio whose driver shows no combinations',
    facts: able([], [DEVICE, connected(5180)]),
    finds: { 'interface-combinations': ['warning', /./, /./] },
    tells: { channel: ['unknown', /iw does not show how many channels/] },
  },
  {
    what: 'a connected radio of which iw shows nothing',
    facts: having.radios({
      inUse: [DEVICE, connected(5180)],
      capabilities: { missing: 'iw list failed' },
    }),
    finds: {},
    tells: { channel: ['unknown', /^iw list failed$/] },
  },
  {
    what: 'a driver that makes up MAC addresses',
    facts: having.device({ radios: [{ ...RADIO, randomAddress: true }] }),
    finds: { 'random-address': ['warning', /driver of wlan0 generates a new address/, /MACAddress=/] },
  },
];
