import { LOG_LEVELS } from '../logging/logger.js';
import { parseAddressRange, parseGroupAddress, parseHandshakeRange } from './address-plan.js';
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
} from './text-values.js';

// A timer of Node that exceeds 2^31 ms fires at once; a week is far from that and longer than anyone waits.
const WEEK = 604_800;

/** Every key of the `hostp2pd:` section. The example file is checked against this table. */
export const SETTINGS = {
  interface: {
    type: 'string',
    default: 'auto',
    parse: parseInterface,
    meaning:
      'P2P device interface of wpa_supplicant, e.g. p2p-dev-wlan0. With auto the first interface named p2p-dev-… is taken, or where there is none the first whose STATUS shows a P2P device address, e.g. wlan0.',
  },
  ctrl_interface: {
    type: 'string',
    default: '/run/wpa_supplicant',
    parse: parseControlFolder,
    meaning:
      "Folder of wpa_supplicant's control sockets, as in the ctrl_interface line of wpa_supplicant.conf; the form DIR=… GROUP=… is understood.",
  },
  pin: {
    type: 'string',
    default: '00000000',
    parse: parsePinSetting,
    secret: true,
    meaning:
      'PIN that a person types on the phone: 4 or 8 digits, in quotes. The last of 8 digits should be the WPS checksum of the others. random: a fresh PIN for each phone, shown in the log, by the hook show_pin and in the status.',
  },
  pin_module: {
    type: 'string',
    default: null,
    nullMeans: 'the PIN is the one of the key pin',
    parse: parseModule,
    meaning:
      'JavaScript module (.js, .mjs or .cjs) that exports getPin(pin, station), which gives the PIN for a phone: a text of 4 or 8 digits, or a promise of one.',
  },
  pbc_in_use: {
    type: 'boolean',
    default: null,
    nullMeans:
      "wpa_supplicant's config_methods decides: the push button where it names push_button, virtual_push_button or physical_push_button and not keypad, otherwise the PIN",
    meaning: 'WPS method: false asks for the PIN (keypad), true uses the push button.',
  },
  pbc_white_list: {
    type: 'strings',
    default: [],
    parse: parseDevice,
    meaning:
      'Devices that may use the push button. Addresses are compared with the P2P device address, names with the name of the device; an empty list lets all use it. An address may be written in any usual way: 02:00:00:00:01:00, 02-00-00-00-01-00, 0200.0000.0100 or 020000000100 (in quotes).',
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
      'Form the group when a phone asks for it. One that is not persistent is removed when its stations have left.',
  },
  keep_station: {
    type: 'boolean',
    default: true,
    meaning:
      "Form no group where it would take the radio's own interface (p2p_no_group_iface=1, or a driver that cannot have two) while that is connected to a network, or connecting to one. False: the group comes first and ends that connection.",
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
      'Lines "key value" of the persistent group to be created where wpa_supplicant has none, e.g. ssid "DIRECT-xy-box" and psk "8 to 63 characters"; mode 3 and disabled 2 are added.',
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
    meaning: 'Text at the end of the name of a group that wpa_supplicant names, at most 23 bytes.',
  },
  per_sta_psk: {
    type: 'boolean',
    default: false,
    meaning:
      'A passphrase of its own for each phone that joins by WPS (P2P_SET per_sta_psk), so that one phone can be forgotten for good. Needs a configuration file of its own for the P2P device (wpa_supplicant -m), or the phones have to join again when wpa_supplicant restarts.',
  },
  state_folder: {
    type: 'string',
    default: null,
    nullMeans:
      '$STATE_DIRECTORY, else /var/lib/hostp2pd, or for other users than root ~/.local/state/hostp2pd',
    parse: parseFolder,
    meaning:
      'Folder where the name and passphrase of the persistent group are kept (mode 0600), so that it can be made again when wpa_supplicant has lost it.',
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
      'Who gives addresses to phones. dnsmasq: hostp2pd gives the group interface its address and runs a dnsmasq for it alone. networkd: hostp2pd tells systemd-networkd to do the same. none: hostp2pd leaves it to you.',
  },
  group_address: {
    type: 'string',
    default: '192.168.49.1/24',
    parse: parseGroupAddress,
    meaning:
      'Address of this machine on the group interface, with the length of its prefix. Phones see it as the group owner.',
  },
  address_range: {
    type: 'string',
    default: null,
    nullMeans: 'the first half of the network of group_address, or what handshake_range leaves',
    parse: parseAddressRange,
    meaning: 'Addresses that are given out by DHCP, e.g. 192.168.49.10-192.168.49.99.',
  },
  lease_time: {
    type: 'integer',
    default: 3600,
    // The least that dnsmasq takes.
    min: 120,
    max: WEEK,
    meaning: "Seconds that such an address is a phone's before it must ask again.",
  },
  announce_router: {
    type: 'boolean',
    default: false,
    meaning:
      'Tell phones that this machine is their way to the internet, and where names are resolved. False: Android keeps its mobile data, and an iPhone its cellular route.',
  },
  handshake_range: {
    type: 'string',
    default: null,
    nullMeans:
      'the second half of the network, or what address_range leaves, where addressing is not none; otherwise none',
    parse: parseHandshakeRange,
    meaning:
      'Addresses that Wi-Fi Direct phones are given inside the 4-way handshake, without DHCP, e.g. 192.168.49.200-192.168.49.250. off: no such addresses.',
  },
  run_program: {
    type: 'string',
    default: '',
    meaning:
      'Program that is run at each event (started, start_group, connect, …), without a shell. Empty or - means none.',
  },
  hook_timeout_secs: {
    type: 'seconds',
    default: 30,
    min: 1,
    max: 600,
    meaning:
      'Longest run of run_program for one event; then it is ended. For the event terminated it is 15 s at most.',
  },
  force_logging: {
    type: 'boolean',
    default: null,
    nullMeans: 'the logging section decides',
    meaning: 'True logs everything (debug) whatever the logging section says.',
  },
  select_timeout_secs: {
    type: 'object',
    meaning: 'Times after which the search for phones (P2P_FIND) is refreshed.',
    keys: {
      normal: {
        type: 'seconds',
        default: 10,
        min: 1,
        max: WEEK,
        meaning: 'Time before the next refresh while no group is up.',
      },
      connect: {
        type: 'seconds',
        default: 90,
        min: 1,
        max: WEEK,
        meaning: 'The same while a connection is being formed.',
      },
      long: {
        type: 'seconds',
        default: 600,
        min: 1,
        max: WEEK,
        meaning: 'The same after max_scan_polling refreshes without any event.',
      },
      enroller: {
        type: 'seconds',
        default: 600,
        min: 1,
        max: WEEK,
        meaning: 'Time between the short searches while a group is up; it is found by its beacons.',
      },
    },
  },
  max_scan_polling: {
    type: 'integer',
    default: 2,
    min: 0,
    max: 1_000_000,
    meaning: 'Refreshes in a row before the idle time becomes select_timeout_secs.long; 0 for never.',
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
    meaning: 'How often a failed negotiation with one phone may be tried again before it must pause.',
  },
  max_num_wpa_cli_failures: {
    type: 'integer',
    default: 9,
    min: 0,
    max: 1_000_000,
    ignoredBecause: 'hostp2pd keeps trying, with growing pauses',
    meaning: 'Connection errors after which the original gave up. Accepted and ignored.',
  },
  wpa_supplicant_min_err_warn: {
    type: 'integer',
    default: 0,
    nullMeans: 'all are warned about',
    min: 0,
    max: 1_000_000,
    meaning: 'Failed attempts to reach wpa_supplicant in a row that are not worth a warning.',
  },
  p2p_client: {
    type: 'string',
    default: 'wpa_cli',
    ignoredBecause: 'there is no wpa_cli here',
    meaning: 'Name of the wpa_cli program of the original. Accepted and ignored.',
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
      'What the log file holds: error, warning, info (a line per step of a group or station) or debug (every command and reply).',
  },
  file: {
    type: 'string',
    default: '/var/log/hostp2pd.log',
    nullMeans: 'no log file',
    parse: parseLogFile,
    meaning: 'Name of the log file. It always leads to the newest of the rotated files beside it.',
  },
  max_size: {
    type: 'integer',
    default: 1_000_000,
    min: 1024,
    max: 1_000_000_000,
    meaning: 'Size of a log file, in bytes, after which the next is begun. A new day begins a new file too.',
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
    meaning: 'What is shown on the terminal as well.',
  },
} as const satisfies Table;

export type LoggingSettings = ValuesOf<typeof LOGGING>;
