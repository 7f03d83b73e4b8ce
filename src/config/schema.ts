import { LOG_LEVELS } from '../logging/logger.js';
import { parseAddressRange, parseGroupAddress, parseHandshakeRange } from './address-plan.js';
import { DEFAULT_PIN } from './known-pins.js';
import { parseConnectOptions, parseGroupOptions, parseNetworkLine } from './supplicant-text.js';
import type { Table, ValuesOf } from './table.js';
import {
  parseControlFolder,
  parseDevice,
  parseFolder,
  parseInterface,
  parseLogFile,
  parseModule,
  parsePinSetting,
  parseRecordFile,
  parseUplink,
} from './text-values.js';

// A timer of Node that exceeds 2^31 ms fires at once; a week is far below that.
const WEEK = 604_800;

/** Every key of the `hostp2pd:` section. The example file is checked against this table. */
export const SETTINGS = {
  interface: {
    type: 'string',
    default: 'auto',
    parse: parseInterface,
    meaning:
      'P2P device interface of wpa_supplicant, e.g. p2p-dev-wlan0. auto: the first interface named p2p-dev-…, or if there is none the first whose STATUS shows a P2P device address, e.g. wlan0.',
  },
  ctrl_interface: {
    type: 'string',
    default: '/run/wpa_supplicant',
    parse: parseControlFolder,
    meaning:
      "Folder of wpa_supplicant's control sockets, as in the ctrl_interface line of wpa_supplicant.conf; the form DIR=… GROUP=… is accepted, too.",
  },
  pin: {
    type: 'string',
    default: DEFAULT_PIN,
    parse: parsePinSetting,
    secret: true,
    meaning:
      'PIN that a person types on the phone: 4 or 8 digits, in quotes. The last of 8 digits should be the WPS checksum of the others. random: a new PIN for each phone, shown in the log, by the hook show_pin and in the status.',
  },
  pin_module: {
    type: 'string',
    default: null,
    nullMeans: 'the setting pin is used for all phones',
    parse: parseModule,
    meaning:
      'JavaScript module (.js, .mjs or .cjs) that exports getPin(pin, station). It returns the PIN for a phone: a text of 4 or 8 digits, or a promise of one.',
  },
  pbc_in_use: {
    type: 'boolean',
    default: null,
    nullMeans:
      "wpa_supplicant's config_methods decides: the push button if it contains push_button, virtual_push_button or physical_push_button and not keypad, otherwise the PIN",
    meaning: 'WPS method: false asks for the PIN (keypad), true uses the push button.',
  },
  pbc_white_list: {
    type: 'strings',
    default: [],
    parse: parseDevice,
    meaning:
      'Devices that may use the push button. Addresses are compared with the P2P device address, names with the name of the device. With an empty list, any device may use it. The address of an Android phone that has stored no group is a new one each time its Wi-Fi Direct starts, so an address holds only for phones that have joined. An address may be written in any usual way: 02:00:00:00:01:00, 02-00-00-00-01-00, 0200.0000.0100 or 020000000100 (in quotes).',
  },
  activate_persistent_group: {
    type: 'boolean',
    default: true,
    meaning:
      'Run a persistent group: phones that have joined it once come back without a PIN. It wins over activate_autonomous_group.',
  },
  activate_autonomous_group: {
    type: 'boolean',
    default: false,
    meaning: 'Run a group that is forgotten when it ends. Set activate_persistent_group to false with it.',
  },
  dynamic_group: {
    type: 'boolean',
    default: false,
    meaning:
      'Form the group when a phone asks for it. A group that is not persistent is removed when its stations have left.',
  },
  keep_station: {
    type: 'boolean',
    default: true,
    meaning:
      "Form no group that needs the radio's own interface (p2p_no_group_iface=1, or a driver that cannot have two) while that interface is connected to a network or connecting to one. On a radio that uses one channel at a time, give that interface up to 20 s to connect before a group is formed; and if it connects later, on another channel, form the group again on that one. false: the group has priority and ends that connection.",
  },
  persistent_network_id: {
    type: 'integer',
    default: null,
    nullMeans: 'the first persistent group that wpa_supplicant lists',
    min: 0,
    max: 65_535,
    meaning: 'Network id of the persistent group to run, as LIST_NETWORKS shows it.',
  },
  network_parms: {
    type: 'strings',
    default: [],
    parse: parseNetworkLine,
    secret: true,
    meaning:
      'Lines "key value" of the persistent group that is created if wpa_supplicant has none, e.g. ssid "DIRECT-xy-box" and psk "8 to 63 characters"; mode 3 and disabled 2 are added.',
  },
  config_parms: {
    type: 'parameters',
    default: {},
    secret: true,
    meaning: 'Global parameters of wpa_supplicant, sent as SET key value at start and at reload.',
  },
  save_config_enabled: {
    type: 'boolean',
    default: true,
    meaning:
      'Let wpa_supplicant save the configuration file of the P2P device when the group or its phones change. A file that the P2P device shares with the radio is never written.',
  },
  ssid_postfix: {
    type: 'string',
    default: null,
    nullMeans: 'nothing is appended',
    // 32 bytes of SSID less "DIRECT-xy": ssid_postfix[32 - 9] in p2p.h.
    maxBytes: 23,
    meaning: 'Text that wpa_supplicant appends to the group names that it chooses, at most 23 bytes.',
  },
  per_sta_psk: {
    type: 'boolean',
    default: false,
    meaning:
      'Give each phone that joins by WPS a passphrase of its own (P2P_SET per_sta_psk), so that forgetting one phone really keeps it out. This needs a configuration file for the P2P device alone (wpa_supplicant -m); otherwise all phones have to join again when wpa_supplicant restarts.',
  },
  state_folder: {
    type: 'string',
    default: null,
    nullMeans:
      '$STATE_DIRECTORY, otherwise /var/lib/hostp2pd for root and ~/.local/state/hostp2pd for other users',
    parse: parseFolder,
    meaning:
      'Folder where the name and passphrase of the persistent group are kept (mode 0600), so that it can be created again if wpa_supplicant has lost it.',
  },
  p2p_group_add_opts: {
    type: 'string',
    default: null,
    nullMeans: 'no options',
    parse: parseGroupOptions,
    meaning: 'Options of P2P_GROUP_ADD, e.g. freq=2 for the 2.4 GHz band.',
  },
  p2p_connect_opts: {
    type: 'string',
    default: null,
    nullMeans: 'no options',
    parse: parseConnectOptions,
    meaning:
      'Options of P2P_CONNECT, e.g. freq=2437, in MHz. It takes no band: freq=2 is not sent, and a warning says so.',
  },
  addressing: {
    type: 'choice',
    options: ['none', 'networkd', 'dnsmasq'],
    default: 'none',
    meaning:
      'What gives addresses to phones. dnsmasq: hostp2pd assigns the address of the group interface and runs a dnsmasq for it. networkd: hostp2pd configures systemd-networkd to do the same. none: hostp2pd leaves it to you.',
  },
  group_address: {
    type: 'string',
    default: '192.168.49.1/24',
    parse: parseGroupAddress,
    meaning:
      'Address of this machine on the group interface, with its prefix length. Phones see it as the group owner.',
  },
  address_range: {
    type: 'string',
    default: null,
    nullMeans: 'the first half of the network of group_address, or what handshake_range leaves',
    parse: parseAddressRange,
    meaning: 'Addresses that DHCP gives out, e.g. 192.168.49.10-192.168.49.99.',
  },
  lease_time: {
    type: 'integer',
    default: 3600,
    // The least that dnsmasq takes.
    min: 120,
    max: WEEK,
    meaning: 'Seconds for which a phone may use such an address before it has to ask again.',
  },
  announce_router: {
    type: 'boolean',
    default: false,
    meaning:
      'Tell phones that this machine is their router and resolver, for a machine whose own settings forward the packets. false: Android keeps its mobile data, and an iPhone its cellular route. share_internet announces the router by itself.',
  },
  share_internet: {
    type: 'string',
    default: 'off',
    parse: parseUplink,
    falseMeans: 'off',
    meaning:
      'Let phones use the internet connection of this machine: the interface that has it, e.g. eth0, or auto for the one that packets to the internet take. It needs addressing. IPv4 only. off: not shared.',
  },
  handshake_range: {
    type: 'string',
    default: null,
    nullMeans:
      'if addressing is not none, the second half of the network, or what address_range leaves; otherwise none',
    parse: parseHandshakeRange,
    falseMeans: 'off',
    meaning:
      'Addresses that Wi-Fi Direct phones get in the 4-way handshake, without DHCP, e.g. 192.168.49.200-192.168.49.250. off: no such addresses.',
  },
  run_program: {
    type: 'string',
    default: '',
    meaning:
      'Program that runs at each event (started, start_group, connect, …), without a shell. Empty or - means none.',
  },
  hook_timeout_secs: {
    type: 'seconds',
    default: 30,
    min: 1,
    max: 600,
    meaning:
      'Time limit of run_program for one event; then it is ended. For the event terminated it is at most 15 s.',
  },
  force_logging: {
    type: 'boolean',
    default: null,
    nullMeans: 'the logging section decides',
    meaning: 'true: log everything (debug), whatever the logging section says.',
  },
  select_timeout_secs: {
    type: 'object',
    meaning: 'How long the search for phones (P2P_FIND) runs without any event before it is started again.',
    keys: {
      normal: {
        type: 'seconds',
        default: 10,
        min: 1,
        max: WEEK,
        meaning: 'While no group is up.',
      },
      connect: {
        type: 'seconds',
        default: 90,
        min: 1,
        max: WEEK,
        meaning: 'While a connection is being formed.',
      },
      long: {
        type: 'seconds',
        default: 600,
        min: 1,
        max: WEEK,
        meaning: 'After max_scan_polling searches in a row without any event.',
      },
      enroller: {
        type: 'seconds',
        default: 600,
        min: 1,
        max: WEEK,
        meaning: 'Between the short searches while a group is up; phones find it by its beacons.',
      },
    },
  },
  max_scan_polling: {
    type: 'integer',
    default: 2,
    min: 0,
    max: 1_000_000,
    meaning: 'Number of searches in a row before select_timeout_secs.long is used; 0 for never.',
  },
  max_negotiation_time: {
    type: 'seconds',
    default: 120,
    min: 1,
    max: WEEK,
    meaning: 'Time for a person to type the PIN.',
  },
  min_conn_delay: {
    type: 'seconds',
    default: 40,
    min: 0,
    max: WEEK,
    meaning: 'Pause for a phone whose negotiations have failed max_num_failures + 1 times in a row.',
  },
  max_num_failures: {
    type: 'integer',
    default: 3,
    min: 0,
    max: 1_000_000,
    meaning: 'How often a failed negotiation with a phone may be repeated before the phone has to pause.',
  },
  record: {
    type: 'string',
    default: null,
    nullMeans: 'nothing is recorded',
    parse: parseRecordFile,
    meaning:
      'File that records every input and effect of the session, without secrets, for hostp2pd replay. It is a link to the newest of at most eight files of 2 MB in the same folder, mode 0600. Addresses and names of devices stay in it.',
  },
  max_num_wpa_cli_failures: {
    type: 'integer',
    default: 9,
    min: 0,
    max: 1_000_000,
    ignoredBecause: 'hostp2pd keeps trying, with growing pauses',
    meaning: 'Connection errors after which the Python program gave up. Accepted and ignored.',
  },
  wpa_supplicant_min_err_warn: {
    type: 'integer',
    default: 0,
    nullMeans: 'each one causes a warning',
    min: 0,
    max: 1_000_000,
    meaning: 'Number of failed attempts in a row to reach wpa_supplicant that cause no warning.',
  },
  p2p_client: {
    type: 'string',
    default: 'wpa_cli',
    ignoredBecause: 'there is no wpa_cli here',
    meaning: 'Name of the wpa_cli program that the Python program used. Accepted and ignored.',
  },
} as const satisfies Table;

export type Settings = ValuesOf<typeof SETTINGS>;

/** Every key of the `logging:` section. */
export const LOGGING = {
  level: {
    type: 'choice',
    options: LOG_LEVELS,
    default: 'info',
    meaning:
      'What the log file contains: error, warning, info (one line per step of a group or station) or debug (every command and reply).',
  },
  file: {
    type: 'string',
    default: '/var/log/hostp2pd.log',
    nullMeans: 'no log file',
    parse: parseLogFile,
    meaning: 'Name of the log file. It is a link to the newest of the dated files in the same folder.',
  },
  max_size: {
    type: 'integer',
    default: 1_000_000,
    min: 1024,
    max: 1_000_000_000,
    meaning: 'Size of a log file, in bytes, at which the next one begins. Each day begins a new file, too.',
  },
  max_files: {
    type: 'integer',
    default: 2,
    min: 0,
    max: 1000,
    meaning: 'Number of old log files that are kept.',
  },
  console: {
    type: 'choice',
    options: LOG_LEVELS,
    default: 'error',
    nullMeans: 'nothing',
    meaning: 'What the terminal shows as well.',
  },
} as const satisfies Table;

export type LoggingSettings = ValuesOf<typeof LOGGING>;
