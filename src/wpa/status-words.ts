import { isFailure } from './reply.js';

/** The codes of the protocols in words, with advice if there is any. Programs get the number as well. */

/** A code from an event of wpa_supplicant, and the table that it is from. */
export interface ProtocolCode {
  readonly table: 'P2P status' | 'WPS configuration error';
  readonly value: number;
}

/** Status codes (Wi-Fi P2P specification, "Status attribute"; P2P_SC_* in ieee802_11_defs.h). */
const P2P_STATUS: ReadonlyMap<number, string> = new Map([
  // wpa_supplicant's own (p2p_go_neg_failed, p2p_invitation.c).
  [-1, 'no answer'],
  [0, 'success'],
  [1, 'the device is not ready: its user has not agreed yet'],
  [2, 'the device cannot do what was asked for'],
  [3, 'the group or the device is full'],
  [4, 'the device considers the request invalid'],
  [5, 'the device is busy and cannot take part'],
  [6, 'an earlier step of the protocol went wrong; try again'],
  [
    7,
    'no common channel; leave freq= out of p2p_group_add_opts and p2p_connect_opts, and set the country of both devices',
  ],
  [8, 'the device does not know the group (any more); it has to join with PIN or push button again'],
  [
    9,
    'both devices insist on owning the group; lower go_intent on the other device, or here in p2p_connect_opts',
  ],
  [
    10,
    'the methods do not fit together (PIN shown, PIN typed, push button); choose the other one on the device',
  ],
  [11, 'its user refused'],
  [12, 'its user agreed later'],
]);

/** WPS configuration errors (Wi-Fi Simple Configuration specification; WPS_CFG_* in wps_defs.h). */
const WPS_ERRORS: ReadonlyMap<number, string> = new Map([
  // Also if one side simply stops.
  [0, 'given up by one of the two sides'],
  [1, 'the out-of-band data could not be read'],
  [2, 'a message could not be decrypted'],
  [3, 'the device cannot use 2.4 GHz'],
  [4, 'the device cannot use 5 GHz; freq=2 in p2p_group_add_opts keeps the group at 2.4 GHz'],
  [5, 'the signal is too weak; move the device nearer'],
  [6, 'the device could not authenticate to the network'],
  [7, 'the device could not associate with the network'],
  [8, 'nobody gave the device an address (DHCP); see addressing'],
  [9, 'the device could not use the address that it was given (DHCP)'],
  [10, 'the address of the device is in use already'],
  [11, 'the device does not reach the registrar'],
  [12, 'several devices have pressed the button; wait two minutes, then press on one only'],
  [13, 'the device suspects an attack'],
  [14, 'the device is busy'],
  [15, 'set-up is locked after too many wrong PINs'],
  [16, 'a message did not arrive in time; try again'],
  [17, 'registration did not end in time; try again'],
  [18, 'wrong PIN'],
  [19, 'the device cannot use 60 GHz'],
  [20, 'the public key is not the expected one'],
]);

/** What wpa_supplicant adds to a WPS failure (`reason=`; enum wps_error_indication in wps_defs.h). */
const WPS_REASONS: ReadonlyMap<number, string> = new Map([
  [1, 'TKIP alone is not allowed'],
  [2, 'WEP is not allowed'],
  [3, 'authentication failed'],
]);

/** WPS device password ids (DEV_PW_* in wps_defs.h): how a device wants to join. */
const PASSWORD_IDS: ReadonlyMap<number, string> = new Map([
  [0, 'the PIN on its label'],
  [1, 'a PIN that its user types'],
  [2, 'a password of the machine'],
  [3, 'a new key'],
  [4, 'push button'],
  [5, 'a PIN that it shows'],
  [7, 'NFC'],
  [8, 'P2P services'],
]);

/** The refusals of wpa_supplicant and hostapd, and what they mean (ctrl_iface.c). `FAIL` gives no reason. */
const REFUSALS = {
  FAIL: '',
  'FAIL-BUSY': 'the driver is busy with a scan',
  'FAIL-CHANNEL-UNAVAILABLE': 'the channel is not free just now',
  'FAIL-CHANNEL-UNSUPPORTED': 'no group may use that channel here',
  'FAIL-INVALID-PIN': 'the PIN is not valid',
  'FAIL-PBC-OVERLAP': 'several devices have pressed the button',
  'UNKNOWN COMMAND': 'wpa_supplicant was built without it',
};

/** Why a command was refused, in the words of the control interface. */
export type Refusal = keyof typeof REFUSALS;

function isRefusal(text: string): text is Refusal {
  return Object.hasOwn(REFUSALS, text);
}

/** Null if the reply is not a refusal. A `FAIL…` that is not in the list counts as `FAIL`. */
export function refusalOf(reply: string): Refusal | null {
  const text = reply.trim();
  if (isRefusal(text)) return text;
  return isFailure(reply) ? 'FAIL' : null;
}

function inWords(table: ReadonlyMap<number, string>, code: number | null, what: string): string {
  if (code === null) return `${what} unknown`;
  const words = table.get(code);
  return words === undefined ? `${what} ${code}` : `${words} (${what} ${code})`;
}

/** `both devices insist on owning the group; … (status 9)` */
export function p2pStatusText(status: number | null): string {
  return inWords(P2P_STATUS, status, 'status');
}

/** `wrong PIN (WPS error 18)` */
export function wpsErrorText(configError: number | null, reason: number | null = null): string {
  const text = inWords(WPS_ERRORS, configError, 'WPS error');
  const more = reason === null ? undefined : WPS_REASONS.get(reason);
  return more === undefined ? text : `${text}, ${more}`;
}

/** `NFC (WPS password id 7)` */
export function passwordIdText(id: number | null): string {
  return inWords(PASSWORD_IDS, id, 'WPS password id');
}

/** A refusal as wpa_supplicant gave it, and what it means if it says more than FAIL. */
export function replyText(reply: string): string {
  const text = reply.trim();
  const words = isRefusal(text) ? REFUSALS[text] : '';
  return words === '' ? text : `${text} (${words})`;
}

export function p2pStatus(value: number | null): ProtocolCode | null {
  return value === null ? null : { table: 'P2P status', value };
}

export function wpsError(value: number | null): ProtocolCode | null {
  return value === null ? null : { table: 'WPS configuration error', value };
}

/** Primary device types (Wi-Fi Simple Configuration, "Primary Device Type"): category and subcategories, from 1 on. */
const DEVICE_TYPE_TEXTS: readonly (readonly [category: number, text: string])[] = [
  [
    1,
    'Computer: PC, Server, Media center, Ultra-mobile PC, Notebook, Desktop, Mobile Internet device, Netbook, Tablet, Ultrabook',
  ],
  [
    2,
    'Input device: Keyboard, Mouse, Joystick, Trackball, Game controller, Remote control, Touchscreen, Biometric reader, Barcode reader',
  ],
  [3, 'Printer: Printer, Scanner, Fax, Copier, All-in-one printer'],
  [4, 'Camera: Digital camera, Video camera, Web camera, Security camera'],
  [5, 'Storage: NAS'],
  [6, 'Network infrastructure: Access point, Router, Switch, Gateway, Bridge'],
  [7, 'Display: Television, Picture frame, Projector, Monitor'],
  [
    8,
    'Multimedia device: Digital audio recorder, Personal video recorder, Media center extender, Set-top box, Media server, Portable video player',
  ],
  [9, 'Gaming device: Xbox, Xbox 360, PlayStation, Game console, Portable game console'],
  [10, 'Telephone: Windows Mobile phone, Phone, Phone, Smartphone, Smartphone'],
  [11, 'Audio device: Tuner, Speaker, Portable music player, Headset, Headphones, Microphone, Home theater'],
  [12, 'Docking device: Computer docking station, Media kiosk'],
];

/** The names of each category: its own, then those of its subcategories. */
const DEVICE_TYPES: ReadonlyMap<number, readonly string[]> = new Map(
  DEVICE_TYPE_TEXTS.map(([category, text]) => [category, text.split(/: |, /)]),
);

/** What kind of device a type such as `10-0050F204-5` means, in words; null if it is not in the specification. */
export function deviceKind(deviceType: string | null): string | null {
  const [, category, kind] = /^(\d+)-0050f204-(\d+)$/i.exec(deviceType ?? '') ?? [];
  const names = DEVICE_TYPES.get(Number(category));
  return names?.[Number(kind)] ?? names?.[0] ?? null;
}
