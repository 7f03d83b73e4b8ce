import { isInterfaceName } from '../system/interface-names.js';
import { parseAddress } from '../system/mac-address.js';
import { parseNumber, printfDecode, printfDecodeHex } from './fields.js';
import { SIX_GHZ_MHZ } from './frequency.js';

/** A reply is `OK`, a refusal, or data. */
export function isOk(reply: string): boolean {
  return reply.trimEnd() === 'OK';
}

/** Every text that starts with `FAIL` is a refusal, and so is an unknown command. */
export function isFailure(reply: string): boolean {
  return reply.startsWith('FAIL') || isUnknownCommand(reply);
}

export function isUnknownCommand(reply: string): boolean {
  return reply.startsWith('UNKNOWN COMMAND');
}

/** Lines of `key=value`, divided at the first `=`. If a key comes twice the first one counts. */
export function parseKeyValues(reply: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of reply.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0 && !values.has(line.slice(0, equals))) {
      values.set(line.slice(0, equals), line.slice(equals + 1));
    }
  }
  return values;
}

/** The reply to `GET config_methods`, as far as it is used. */
export interface ConfigMethods {
  readonly text: string;
  readonly keypad: boolean;
  /** Any of `push_button`, `virtual_push_button` and `physical_push_button`. */
  readonly pushButton: boolean;
}

/**
 * wpa_supplicant looks for each word anywhere in the text (wps_config_methods_str2bin in wps_common.c), so commas or
 * other separators, and words that only contain a known one, count as well.
 * @returns null if wpa_supplicant has no value
 */
export function parseConfigMethods(reply: string): ConfigMethods | null {
  const text = reply.trim();
  if (isFailure(reply) || text === '') return null;
  return { text, keypad: text.includes('keypad'), pushButton: text.includes('push_button') };
}

/** Whether they choose the push button. The PIN is the safer of the two, so it wins where both are named, as in the original. */
export function choosesButton(methods: ConfigMethods | null): boolean {
  return methods?.pushButton === true && !methods.keypad;
}

/** The reply to `STATUS` of wpa_supplicant, as far as it is used. */
export interface Status {
  /** `COMPLETED`, `SCANNING`, `4WAY_HANDSHAKE` … */
  readonly state: string | null;
  /** `P2P GO`, `station`, …; null if the interface has no network. */
  readonly mode: string | null;
  readonly ssid: string | null;
  readonly ssidHex: string | null;
  /** MHz */
  readonly frequency: number | null;
  readonly p2pDeviceAddress: string | null;
}

export function parseStatus(reply: string): Status {
  const values = parseKeyValues(reply);
  const ssid = values.get('ssid');
  return {
    state: values.get('wpa_state') ?? null,
    mode: values.get('mode') ?? null,
    ssid: ssid === undefined ? null : printfDecode(ssid),
    ssidHex: ssid === undefined ? null : printfDecodeHex(ssid),
    frequency: parseNumber(values.get('freq')),
    p2pDeviceAddress: parseAddress(values.get('p2p_device_address')),
  };
}

/** Whether the text is a reply to `STATUS`. Any other, such as an empty one, says nothing about the interface. */
export function isStatus(reply: string): boolean {
  const { state, mode, p2pDeviceAddress } = parseStatus(reply);
  return !isFailure(reply) && (state ?? mode ?? p2pDeviceAddress) !== null;
}

/** What an interface is used for as a station. */
export interface StationUse {
  readonly state: 'connected' | 'connecting' | 'searching';
  readonly ssid: string | null;
  /** MHz */
  readonly frequency: number | null;
}

const CONNECTING = ['AUTHENTICATING', 'ASSOCIATING', 'ASSOCIATED', '4WAY_HANDSHAKE', 'GROUP_HANDSHAKE'];

/** The reply to `STATUS` of an interface that may be a station; null if it is not used as one. */
export function parseStationUse(reply: string): StationUse | null {
  const { state, mode, ssid, frequency } = parseStatus(reply);
  // An access point or a group is COMPLETED as well.
  if (mode !== null && mode !== 'station') return null;
  if (state === 'COMPLETED') return { state: 'connected', ssid, frequency };
  if (CONNECTING.includes(state ?? '')) return { state: 'connecting', ssid, frequency };
  return state === 'SCANNING' ? { state: 'searching', ssid: null, frequency: null } : null;
}

/** `is connected to "home" at 2412 MHz` */
export function stationUseText({ state, ssid, frequency }: StationUse): string {
  if (state === 'searching') return 'is looking for its network';
  const network = ssid === null ? 'a network' : `"${ssid}"`;
  return `is ${state} to ${network}${frequency === null ? '' : ` at ${frequency} MHz`}`;
}

export interface NetworkProfile {
  readonly id: number;
  readonly ssid: string;
  /** Marked by `disabled=2`. */
  readonly persistent: boolean;
  /** `disabled=1`, which also persistent ones are shown with. */
  readonly disabled: boolean;
}

/** One page of `LIST_NETWORKS`. A cut reply ends at a whole line (ctrl_iface.c). */
export function parseNetworks(reply: string): NetworkProfile[] {
  const profiles: NetworkProfile[] = [];
  for (const line of reply.split('\n')) {
    const columns = line.split('\t');
    const id = parseNumber(columns[0]);
    if (id === null || columns.length < 3) continue;
    const flags = columns[3] ?? '';
    profiles.push({
      id,
      ssid: printfDecode(columns[1] ?? ''),
      persistent: flags.includes('[P2P-PERSISTENT]'),
      disabled: flags.includes('[DISABLED]'),
    });
  }
  return profiles;
}

/** A page of `LIST_NETWORKS` this long may have been cut: there can be more behind its last id. */
const FULL_PAGE_BYTES = 3500;
/** No configuration file has this many networks: a longer list does not end. */
const MAX_PROFILES = 4096;

/** The profiles so far, and the id after which the next page begins; null: this was the last page. */
export interface ProfileList {
  readonly profiles: readonly NetworkProfile[];
  readonly next: number | null;
}

/**
 * Adds a page of `LIST_NETWORKS` to those before it. Ids grow within a page, and from page to page (ctrl_iface.c continues
 * after `LAST_ID`), so a page that does not go forward, or that makes the list too long, counts as the last.
 */
export function addPage(before: readonly NetworkProfile[], reply: string): ProfileList {
  const profiles = [...before];
  let highest = before.at(-1)?.id ?? -1;
  for (const profile of parseNetworks(reply)) {
    if (profile.id <= highest) continue;
    profiles.push(profile);
    highest = profile.id;
  }
  const cut = Buffer.byteLength(reply) >= FULL_PAGE_BYTES && profiles.length < MAX_PROFILES;
  return { profiles, next: cut && profiles.length > before.length ? highest : null };
}

export interface ScanResult {
  readonly bssid: string;
  /** MHz */
  readonly frequency: number;
  /** dBm, or what the driver gives. */
  readonly signal: number;
  /** `[WPA2-PSK-CCMP][ESS]` … */
  readonly flags: string;
  readonly ssid: string;
}

/** The reply to `SCAN_RESULTS`. Lines that are cut, or of another form, are left out. */
export function parseScanResults(reply: string): ScanResult[] {
  return reply.split('\n').flatMap((line) => {
    const [address, mhz, dbm, flags = '', ssid] = line.split('\t');
    const [bssid, frequency, signal] = [parseAddress(address), parseNumber(mhz), parseNumber(dbm)];
    if (bssid === null || frequency === null || signal === null || ssid === undefined) return [];
    return [{ bssid, frequency, signal, flags, ssid: printfDecode(ssid) }];
  });
}

export interface StationReply {
  readonly address: string;
  /** The 4-way handshake is complete: the station is on the network. */
  readonly authorized: boolean;
  readonly deviceAddress: string | null;
  readonly name: string | null;
}

/**
 * A `STA` reply has a fixed order (ctrl_iface_ap.c): the address, the flags and what the AP knows; the EAP identity
 * (dot1xAuthSessionUserName, up to last_eap_type_sta); the WPS texts (wpsDeviceName … wpsSerialNumber); the P2P lines; the
 * counters of the driver. The identity and the WPS texts are raw: with line ends in them a station can forge any line. So
 * the AP's own lines are read in front of them, and the P2P lines and the counters behind the last of them.
 */
const LAST_RAW_TEXTS = ['\nlast_eap_type_sta=', '\nwpsSerialNumber='];

/**
 * The P2P lines that belong together. The serial number in front of them has 32 bytes at most (wps_attr_parse.c), which
 * is too short for both of these lines. In the name wpa_supplicant replaces control characters (p2p_parse.c).
 */
const P2P_LINES =
  /\np2p_device_name=([^\n]*|[\s\S]{0,32}?)\n(?:p2p_device_addr=([0-9a-f:]{17})(?!\np2p_device_addr=)|p2p_config_methods=0x)/;
const CUT_NAME = /\np2p_device_name=([^\n]*)$/;

function behindRawTexts(reply: string): string {
  return reply.slice(Math.max(0, ...LAST_RAW_TEXTS.map((key) => reply.lastIndexOf(key))));
}

/** The reply to `STA`, `STA-FIRST` or `STA-NEXT`; null if it is empty or a refusal. */
export function parseStation(reply: string): StationReply | null {
  const end = reply.indexOf('\n');
  const address = parseAddress(end < 0 ? reply : reply.slice(0, end));
  if (!address) return null;
  // The first place counts: the flags are the second line.
  const flags = parseKeyValues(reply).get('flags') ?? '';
  const behind = behindRawTexts(reply);
  // A reply that was cut ends within the name. Behind a raw text such an end may be forged.
  const [, name = null, deviceAddress = null] =
    P2P_LINES.exec(behind) ?? (behind === reply ? CUT_NAME.exec(reply) : null) ?? [];
  return {
    address,
    authorized: flags.includes('[AUTHORIZED]'),
    deviceAddress: parseAddress(deviceAddress),
    name,
  };
}

/** What the driver knows about a station; null for what it does not report. */
export interface StationCounters {
  /** dBm */
  readonly signal: number | null;
  /** Since the station connected, from it and to it. */
  readonly receivedBytes: number | null;
  readonly sentBytes: number | null;
  readonly connectedSeconds: number | null;
}

/** The counters begin like this: too long to fit into a serial number together with a counter that is read here. */
const COUNTERS = /\nrx_packets=\d+\ntx_packets=\d+\n/;

/** The counters in the reply to `STA`, which stand behind all raw texts. */
export function parseStationCounters(reply: string): StationCounters {
  const behind = behindRawTexts(reply);
  const begin = P2P_LINES.exec(behind) ?? (behind === reply ? null : COUNTERS.exec(behind));
  const counters = behind === reply || begin ? behind.slice(begin?.index ?? 0) : '';
  const values = new Map<string, string>();
  for (const line of counters.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const number = (key: string): number | null => {
    const text = values.get(key) ?? '';
    return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
  };
  return {
    signal: number('signal'),
    receivedBytes: number('rx_bytes'),
    sentBytes: number('tx_bytes'),
    connectedSeconds: number('connected_time'),
  };
}

/** The reply to `GET_NETWORK <id> p2p_client_list`: device addresses, the most recent first. */
export function parseClientList(reply: string): string[] {
  return isFailure(reply)
    ? []
    : reply
        .split(/\s+/)
        .map(parseAddress)
        .filter((address) => address !== null);
}

/** The reply to `INTERFACES`: one name a line. */
export function parseInterfaces(reply: string): string[] {
  return isFailure(reply) ? [] : reply.split('\n').filter(isInterfaceName);
}

/** 2484 MHz is for 802.11b only. */
const NO_GROUP_MHZ = 2484;

/** MHz of the channels in the reply to `GET_CAPABILITY freq` on which a group owner may start. */
export function parseChannels(reply: string): number[] {
  return (
    [...reply.matchAll(/^ *\d+ = (\d+) MHz(.*)$/gm)]
      .filter(([, , flags]) => !/NO_IR|RADAR|DFS/.test(flags ?? ''))
      .map(([, frequency]) => Number(frequency))
      // The 6 GHz band is requested separately.
      .filter((frequency) => frequency !== NO_GROUP_MHZ && frequency < SIX_GHZ_MHZ)
      .filter((frequency, place, all) => all.indexOf(frequency) === place)
  );
}
