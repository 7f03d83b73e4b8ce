import type { Table, ValuesOf } from './table.js';
import { parseControlFolder, parseInterface, parseNetworkLine, parsePin } from './text.js';

// A timer of Node that exceeds 2^31 ms fires at once; a week is far from that and longer than anyone waits.
const WEEK = 604_800;

/** Every key of the `hostp2pd:` section. The example file is checked against this table. */
export const SETTINGS = {
  interface: {
    type: 'string',
    default: 'auto',
    parse: parseInterface,
    effective: true,
    meaning:
      'P2P device interface of wpa_supplicant, e.g. p2p-dev-wlan0. With auto the first interface named p2p-dev-… is taken.',
  },
  ctrl_interface: {
    type: 'string',
    default: '/run/wpa_supplicant',
    parse: parseControlFolder,
    effective: true,
    meaning:
      "Folder of wpa_supplicant's control sockets, as in the ctrl_interface line of wpa_supplicant.conf; the form DIR=… GROUP=… is understood.",
  },
  pin: {
    type: 'string',
    default: '00000000',
    parse: parsePin,
    inCommand: true,
    secret: true,
    effective: true,
    meaning:
      'PIN that a person types on the phone: 4 or 8 digits, in quotes. The last of 8 digits should be the WPS checksum of the others.',
  },
  pin_module: {
    type: 'string',
    default: null,
    nullMeans: 'the PIN is the one of the key pin',
    effective: false,
    meaning: 'JavaScript module that exports getPin(pin, station), which gives the PIN for a station.',
  },
  pbc_in_use: {
    type: 'boolean',
    default: null,
    nullMeans: "the method is the one of wpa_supplicant's config_methods, keypad before push button",
    effective: true,
    notYet: [true],
    meaning: 'WPS method: false asks for the PIN (keypad), true uses the push button.',
  },
  pbc_white_list: {
    type: 'strings',
    default: [],
    effective: false,
    meaning: 'Names of the devices that may use the push button; an empty list lets all use it.',
  },
  activate_persistent_group: {
    type: 'boolean',
    default: true,
    effective: true,
    meaning:
      'Run a persistent group: phones that have joined it once come back without a PIN. It wins over activate_autonomous_group.',
  },
  activate_autonomous_group: {
    type: 'boolean',
    default: false,
    effective: true,
    meaning: 'Run a group that is forgotten when it ends. Set activate_persistent_group to false with it.',
  },
  dynamic_group: {
    type: 'boolean',
    default: false,
    effective: true,
    notYet: [true],
    meaning: 'Form the group when a phone asks for it and remove it when its stations have left.',
  },
  persistent_network_id: {
    type: 'integer',
    default: null,
    nullMeans: 'the first persistent group that wpa_supplicant lists',
    min: 0,
    max: 65_535,
    effective: true,
    meaning: 'Network id of the persistent group to run, as LIST_NETWORKS shows it.',
  },
  network_parms: {
    type: 'strings',
    default: [],
    parse: parseNetworkLine,
    inCommand: true,
    secret: true,
    effective: true,
    meaning:
      'Lines "key value" of the persistent group to be created where wpa_supplicant has none; mode 3 and disabled 2 are added.',
  },
  config_parms: {
    type: 'parameters',
    default: {},
    secret: true,
    effective: true,
    meaning: 'Global parameters of wpa_supplicant, sent as SET key value at start and at reload.',
  },
  save_config_enabled: {
    type: 'boolean',
    default: true,
    effective: true,
    meaning:
      'Let wpa_supplicant save its configuration file after changes. False where it runs without such a file.',
  },
  ssid_postfix: {
    type: 'string',
    default: null,
    nullMeans: 'nothing is appended',
    // 32 bytes of SSID less "DIRECT-xy": ssid_postfix[32 - 9] in p2p.h.
    maxBytes: 23,
    inCommand: true,
    effective: true,
    meaning: 'Text at the end of the name of a group that wpa_supplicant names, at most 23 bytes.',
  },
  p2p_group_add_opts: {
    type: 'string',
    default: null,
    nullMeans: 'no options',
    inCommand: true,
    effective: true,
    meaning: 'Options of P2P_GROUP_ADD, e.g. freq=2 for the 2.4 GHz band.',
  },
  p2p_connect_opts: {
    type: 'string',
    default: null,
    nullMeans: 'no options',
    inCommand: true,
    effective: false,
    meaning: 'Options of P2P_CONNECT.',
  },
  run_program: {
    type: 'string',
    default: '',
    effective: true,
    meaning:
      'Program that is run at each event (started, start_group, connect, …), without a shell. Empty or - means none.',
  },
  hook_timeout_secs: {
    type: 'seconds',
    default: 30,
    min: 1,
    max: 600,
    effective: true,
    meaning: 'Longest run of run_program for one event; then it is ended.',
  },
  force_logging: {
    type: 'boolean',
    default: null,
    nullMeans: 'the logging section decides',
    effective: true,
    meaning: 'True logs everything (debug) whatever the logging section says.',
  },
  select_timeout_secs: {
    type: 'object',
    effective: true,
    meaning: 'Times after which the search for phones (P2P_FIND) is refreshed.',
    keys: {
      normal: {
        type: 'seconds',
        default: 10,
        min: 1,
        max: WEEK,
        effective: true,
        meaning: 'Time before the next refresh while no group is up.',
      },
      connect: {
        type: 'seconds',
        default: 90,
        min: 1,
        max: WEEK,
        effective: true,
        meaning: 'The same while a connection is being formed.',
      },
      long: {
        type: 'seconds',
        default: 600,
        min: 1,
        max: WEEK,
        effective: true,
        meaning: 'The same after max_scan_polling refreshes without any event.',
      },
      enroller: {
        type: 'seconds',
        default: 600,
        min: 1,
        max: WEEK,
        effective: true,
        meaning: 'Time between the short searches while a group is up; it is found by its beacons.',
      },
    },
  },
  max_scan_polling: {
    type: 'integer',
    default: 2,
    min: 0,
    max: 1_000_000,
    effective: true,
    meaning: 'Refreshes in a row before the idle time becomes select_timeout_secs.long; 0 for never.',
  },
  max_negotiation_time: {
    type: 'seconds',
    default: 120,
    min: 1,
    max: WEEK,
    effective: true,
    meaning: 'Time for a person to type the PIN.',
  },
  min_conn_delay: {
    type: 'seconds',
    default: 40,
    min: 0,
    max: WEEK,
    effective: false,
    meaning: 'Least time between two P2P_CONNECT attempts.',
  },
  max_num_failures: {
    type: 'integer',
    default: 3,
    min: 0,
    max: 1_000_000,
    effective: false,
    meaning: 'Retries of a negotiation or group formation that failed.',
  },
  max_num_wpa_cli_failures: {
    type: 'integer',
    default: 9,
    min: 0,
    max: 1_000_000,
    effective: false,
    ignoredBecause: 'hostp2pd keeps trying, with growing pauses',
    meaning: 'Connection errors after which the original gave up. Accepted and ignored.',
  },
  wpa_supplicant_min_err_warn: {
    type: 'integer',
    default: 0,
    nullMeans: 'all are warned about',
    min: 0,
    max: 1_000_000,
    effective: false,
    meaning: 'Connection errors that are not warned about.',
  },
  p2p_client: {
    type: 'string',
    default: 'wpa_cli',
    effective: false,
    ignoredBecause: 'there is no wpa_cli here',
    meaning: 'Name of the wpa_cli program of the original. Accepted and ignored.',
  },
} as const satisfies Table;

export type Settings = ValuesOf<typeof SETTINGS>;
