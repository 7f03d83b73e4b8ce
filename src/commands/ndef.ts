import type { Handover } from './handover.js';

/**
 * The group for an NFC tag: an NDEF message with a configuration token of Wi-Fi Simple Configuration, as Android reads it
 * (NfcWifiProtectedSetup.java), and the address of the panel as a second record.
 */

/** Attributes of Wi-Fi Simple Configuration (wps_defs.h of hostap). */
const ATTRIBUTE = {
  authenticationType: 0x1003,
  credential: 0x100e,
  encryptionType: 0x100f,
  macAddress: 0x1020,
  networkIndex: 0x1026,
  networkKey: 0x1027,
  ssid: 0x1045,
  vendorExtension: 0x1049,
} as const;
const WPA2_PERSONAL = Buffer.of(0x00, 0x20);
const AES = Buffer.of(0x00, 0x08);
/** The credential is not for one device alone. */
const ANY_DEVICE = Buffer.alloc(6, 0xff);
/** The Wi-Fi Alliance's vendor id, and its sub-element Version2: 2.0. */
const VERSION_2 = Buffer.of(0x00, 0x37, 0x2a, 0x00, 0x01, 0x20);

/** Flags of an NDEF record, and its type name formats (NFC Forum, NDEF 1.0). */
const FIRST = 0x80;
const LAST = 0x40;
const SHORT = 0x10;
const WELL_KNOWN = 0x01;
const MEDIA_TYPE = 0x02;
/** Stands for `http://` (NFC Forum, URI Record Type Definition 1.0). */
const HTTP = 0x03;

/**
 * At most 170 bytes, and the URL. Without the optional channel and BSSID, which only shorten the search: a tag is used
 * longer than a group stays on a channel, and small tags have little memory (NTAG213: 144 bytes).
 */
export function ndefMessage({
  ssid,
  passphrase,
  panel,
}: Pick<Handover, 'ssid' | 'passphrase' | 'panel'>): Buffer {
  const token = Buffer.concat([
    // First: Android does not skip the value of an attribute before it.
    attribute(
      ATTRIBUTE.credential,
      Buffer.concat([
        attribute(ATTRIBUTE.networkIndex, Buffer.of(1)),
        attribute(ATTRIBUTE.ssid, Buffer.from(ssid)),
        attribute(ATTRIBUTE.authenticationType, WPA2_PERSONAL),
        attribute(ATTRIBUTE.encryptionType, AES),
        attribute(ATTRIBUTE.networkKey, Buffer.from(passphrase)),
        attribute(ATTRIBUTE.macAddress, ANY_DEVICE),
      ]),
    ),
    attribute(ATTRIBUTE.vendorExtension, VERSION_2),
  ]);
  const last = panel === null ? LAST : 0;
  const wifi = record(FIRST | last | MEDIA_TYPE, 'application/vnd.wfa.wsc', token);
  if (panel === null) return wifi;
  const url = Buffer.concat([Buffer.of(HTTP), Buffer.from(panel.replace(/^http:\/\//, ''))]);
  return Buffer.concat([wifi, record(LAST | WELL_KNOWN, 'U', url)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** A short record. @throws RangeError for a payload of more than 255 bytes */
function record(flags: number, type: string, payload: Buffer): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt8(flags | SHORT, 0);
  head.writeUInt8(type.length, 1);
  head.writeUInt8(payload.length, 2);
  return Buffer.concat([head, Buffer.from(type), payload]);
}
