import { HostP2pError } from '../system/errors.js';

/**
 * Commands of the control interface, one builder each; the texts are those of wpa_supplicant's ctrl_iface.c. The link checks
 * each command with {@link checkCommand} before it is sent.
 */

/** Longest command that wpa_supplicant reads; longer ones get no reply at all (`GET max_command_len`). */
export const MAX_COMMAND_BYTES = 8192;

const PLAIN = /^[ -~]+$/;

/**
 * A command ends with its datagram, so wpa_supplicant would take a newline for part of a value.
 * @throws {HostP2pError} COMMAND_INVALID for control characters, an empty command, or one that is too long
 */
export function checkCommand(command: string): string {
  // Nearly all are plain ASCII, which has as many bytes as characters. A phone waits for this.
  if (PLAIN.test(command) && command.length <= MAX_COMMAND_BYTES) return command;
  const found = /[\u0000-\u001f\u007f]/.exec(command);
  if (found) {
    const code = found[0].charCodeAt(0).toString(16).padStart(2, '0');
    throw new HostP2pError(
      'COMMAND_INVALID',
      `expected a command without control characters, got 0x${code} at ${found.index}`,
    );
  }
  const bytes = Buffer.byteLength(command);
  if (bytes === 0 || bytes > MAX_COMMAND_BYTES) {
    throw new HostP2pError(
      'COMMAND_INVALID',
      `expected a command of 1 to ${MAX_COMMAND_BYTES} bytes, got ${bytes}`,
    );
  }
  return command;
}

function withOptions(command: string, options: string | null): string {
  return options?.trim() ? `${command} ${options.trim()}` : command;
}

export const PING = 'PING';
export const ATTACH = 'ATTACH';
export const DETACH = 'DETACH';
/** From then on, messages of that level and above come as events. `FAIL` if the sender is not attached. */
export const levelOfEvents = (level: number) => `LEVEL ${level}`;
/** Asks for a value that does not exist, with a text that no other command has. */
export const probe = (number: number) => `GET hostp2pd-${number}`;
export const STATUS = 'STATUS';
export const STATUS_DRIVER = 'STATUS-DRIVER';
export const INTERFACES = 'INTERFACES';
export const SAVE_CONFIG = 'SAVE_CONFIG';
export const RECONFIGURE = 'RECONFIGURE';
export const P2P_FIND = 'P2P_FIND';
export const P2P_STOP_FIND = 'P2P_STOP_FIND';
export const ADD_NETWORK = 'ADD_NETWORK';
export const SCAN = 'SCAN';
export const SCAN_RESULTS = 'SCAN_RESULTS';
export const DISCONNECT = 'DISCONNECT';
/** Connects again after `DISCONNECT`. */
export const RECONNECT = 'RECONNECT';
export const STA_FIRST = 'STA-FIRST';
export const GET_NO_GROUP_INTERFACE = 'GET p2p_no_group_iface';

/** Searches the three social channels only, and ends by itself. */
export const p2pFindSocial = (seconds: number) => `P2P_FIND ${seconds} type=social`;
export const get = (key: string) => `GET ${key}`;
export const set = (key: string, value: string) => `SET ${key} ${value}`;
export const p2pSet = (key: string, value: string) => `P2P_SET ${key} ${value}`;
export const setNetwork = (id: number, keyAndValue: string) => `SET_NETWORK ${id} ${keyAndValue}`;
/** Enables this network, disables all others, and connects. */
export const selectNetwork = (id: number) => `SELECT_NETWORK ${id}`;
export const removeNetwork = (id: number) => `REMOVE_NETWORK ${id}`;
export const listNetworks = (afterId: number | null) =>
  afterId === null ? 'LIST_NETWORKS' : `LIST_NETWORKS LAST_ID=${afterId}`;
export const staNext = (address: string) => `STA-NEXT ${address}`;
export const sta = (address: string) => `STA ${address}`;

export const groupRemove = (groupInterface: string) => `P2P_GROUP_REMOVE ${groupInterface}`;
/** An autonomous group that is forgotten when it ends. */
export const groupAdd = (options: string | null) => withOptions('P2P_GROUP_ADD', options);
/** A new persistent group, with an SSID and a passphrase that wpa_supplicant chooses. */
export const groupAddPersistent = (options: string | null) =>
  withOptions('P2P_GROUP_ADD persistent', options);
/** The persistent group of a stored profile. */
export const groupAddProfile = (id: number, options: string | null) =>
  withOptions(`P2P_GROUP_ADD persistent=${id}`, options);

/**
 * Arms a PIN on a group owner. It serves the first enrollee that uses it: in AP mode the address goes into the list of
 * authorised MACs and does not bind the PIN (wps_registrar.c). With `any` every device may try.
 * @param seconds after which the PIN expires
 */
export const wpsPin = (address: string, pin: string, seconds: number) =>
  `WPS_PIN ${address} ${pin} ${Math.ceil(seconds)}`;

/** How the phone joins, with the PIN if there is one. */
export type ConnectHow =
  | { readonly method: 'pbc' }
  | { readonly method: 'display' | 'keypad'; readonly pin: string };

/**
 * Negotiates a group with a phone. Without `persistent` the group is forgotten when it ends; a number is the profile
 * whose name and passphrase it takes. The highest intent, 15, makes us its owner; options may say otherwise.
 */
export function p2pConnect(
  deviceAddress: string,
  how: ConnectHow,
  persistent: number | 'new' | null,
  options: string | null,
): string {
  const words = [how.method === 'pbc' ? 'pbc' : `${how.pin} ${how.method}`];
  if (persistent !== null) words.push(persistent === 'new' ? 'persistent' : `persistent=${persistent}`);
  if (!/(?:^|\s)go_intent=/.test(options ?? '')) words.push('go_intent=15');
  return withOptions(`P2P_CONNECT ${deviceAddress} ${words.join(' ')}`, options);
}

/** Ends a negotiation; `FAIL` if there is none. */
export const P2P_CANCEL = 'P2P_CANCEL';
/**
 * Lets wpa_supplicant build the probe responses of its groups again, so that they show the present `config_methods`. By itself it
 * does that only when a phone joins or leaves (p2p_group.c). The command clears a Wi-Fi Display subelement that wpa_supplicant never
 * sends (wifi_display.c); the space at its end is part of it. A build without CONFIG_WIFI_DISPLAY refuses it.
 */
export const REBUILD_GROUP_ELEMENTS = 'WFD_SUBELEM_SET 10 ';
/** Closes what `WPS_PBC` has opened; `FAIL` if nothing is open. */
export const WPS_CANCEL = 'WPS_CANCEL';
export const GET_CHANNELS = 'GET_CAPABILITY freq';
export const P2P_GET_PASSPHRASE = 'P2P_GET_PASSPHRASE';

/**
 * Opens the push button for one device, or for all with null. wpa_supplicant accepts a bare address and ignores it, so that
 * the button is open for all (ctrl_iface.c).
 */
export const wpsPbc = (deviceAddress: string | null) =>
  deviceAddress === null ? 'WPS_PBC' : `WPS_PBC p2p_dev_addr=${deviceAddress}`;

/** Asks a phone to join by a method, from its own side: `keypad`, its user types a PIN. */
export const provisionDiscovery = (deviceAddress: string, method: 'keypad' | 'pbc') =>
  `P2P_PROV_DISC ${deviceAddress} ${method}`;
export const inviteToGroup = (groupInterface: string, deviceAddress: string) =>
  `P2P_INVITE group=${groupInterface} peer=${deviceAddress}`;
export const inviteToProfile = (id: number, deviceAddress: string) =>
  `P2P_INVITE persistent=${id} peer=${deviceAddress}`;
export const getNetwork = (id: number, key: 'mode' | 'p2p_client_list') => `GET_NETWORK ${id} ${key}`;
export const removeClient = (deviceAddress: string) => `P2P_REMOVE_CLIENT ${deviceAddress}`;
export const deauthenticate = (stationAddress: string) => `DEAUTHENTICATE ${stationAddress}`;
