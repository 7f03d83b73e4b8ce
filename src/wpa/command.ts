import { HostP2pError } from '../errors.js';

/**
 * Requests of the control interface, one function each; the texts are those of wpa_supplicant's ctrl_iface.c. The link
 * checks each with {@link checkCommand} before it leaves.
 */

/** Longest request that wpa_supplicant reads; longer ones get no reply at all (`GET max_command_len`). */
export const MAX_COMMAND_BYTES = 8192;

/**
 * A request ends where its datagram ends, and a newline in it would be taken for part of a value.
 * @throws {HostP2pError} COMMAND_INVALID for control characters, an empty or an overlong request
 */
export function checkCommand(command: string): string {
  const found = /[\u0000-\u001f\u007f]/.exec(command);
  if (found) {
    const code = found[0].charCodeAt(0).toString(16).padStart(2, '0');
    throw new HostP2pError(
      'COMMAND_INVALID',
      `control character 0x${code} at ${found.index} in a control command`,
    );
  }
  const bytes = Buffer.byteLength(command);
  if (bytes === 0 || bytes > MAX_COMMAND_BYTES) {
    throw new HostP2pError(
      'COMMAND_INVALID',
      `a control command of ${bytes} bytes; wanted 1 to ${MAX_COMMAND_BYTES}`,
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
/** Succeeds only from an attached address, and 3 (INFO) is what an attachment starts with: the cheap proof. */
export const PROVE_ATTACHED = 'LEVEL 3';
export const STATUS = 'STATUS';
export const INTERFACES = 'INTERFACES';
export const SAVE_CONFIG = 'SAVE_CONFIG';
export const RECONFIGURE = 'RECONFIGURE';
export const P2P_FIND = 'P2P_FIND';
export const P2P_STOP_FIND = 'P2P_STOP_FIND';
export const ADD_NETWORK = 'ADD_NETWORK';
export const STA_FIRST = 'STA-FIRST';
export const GET_CONFIG_METHODS = 'GET config_methods';

/** Searches the three social channels only, and ends by itself. */
export const p2pFindSocial = (seconds: number) => `P2P_FIND ${seconds} type=social`;
export const set = (key: string, value: string) => `SET ${key} ${value}`;
export const p2pSet = (key: string, value: string) => `P2P_SET ${key} ${value}`;
export const setNetwork = (id: number, keyAndValue: string) => `SET_NETWORK ${id} ${keyAndValue}`;
export const removeNetwork = (id: number) => `REMOVE_NETWORK ${id}`;
export const listNetworks = (afterId: number | null) =>
  afterId === null ? 'LIST_NETWORKS' : `LIST_NETWORKS LAST_ID=${afterId}`;
export const staNext = (address: string) => `STA-NEXT ${address}`;
export const sta = (address: string) => `STA ${address}`;

export const groupRemove = (groupInterface: string) => `P2P_GROUP_REMOVE ${groupInterface}`;
/** An autonomous group that is forgotten when it ends. */
export const groupAdd = (options: string | null) => withOptions('P2P_GROUP_ADD', options);
/** A new persistent group, with an SSID and a passphrase that wpa_supplicant makes up. */
export const groupAddPersistent = (options: string | null) =>
  withOptions('P2P_GROUP_ADD persistent', options);
/** The persistent group of a stored profile. */
export const groupAddProfile = (id: number, options: string | null) =>
  withOptions(`P2P_GROUP_ADD persistent=${id}`, options);

/**
 * Arms a PIN on a group owner. The PIN serves one enrollee, whoever shows it first: in AP mode the address goes
 * into the list of authorised MACs and does not bind the PIN (wps_registrar.c).
 * @param seconds after which the PIN is withdrawn
 */
export const wpsPin = (address: string, pin: string, seconds: number) =>
  `WPS_PIN ${address} ${pin} ${Math.ceil(seconds)}`;
