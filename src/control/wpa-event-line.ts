import { printable, type SessionEventOf, type WpaEvent } from '../index.js';

/** Fields of events that hold what lets one onto the network. */
const SECRET_FIELD = /passphrase|psk|cred|key$|password$/i;
/** In the text of an event that the table does not know: `WPS-CRED-RECEIVED`, `WPS-NEW-AP-SETTINGS`, `DPP-CONFOBJ-…`. */
const SECRET_TEXT = /pass|psk|key|cred|settings|confobj|pin/i;

/** An event of wpa_supplicant as a line of the stream, without secrets. */
export function wpaEventLine(time: string, { type, link, event }: SessionEventOf<'wpaEvent'>): string {
  const text = `${new Date(time).toTimeString().slice(0, 8)} wpa_supplicant (${link}): ${describe(event)}`;
  const line = { time, text, type, link, event: withoutText(event) };
  return `${JSON.stringify(line, (key, value: unknown) => (SECRET_FIELD.test(key) ? undefined : value))}\n`;
}

function describe(event: WpaEvent): string {
  return event.type === 'unknown' ? printable(event.name) : event.type;
}

function withoutText(event: WpaEvent): object {
  if (event.type !== 'unknown' || !SECRET_TEXT.test(event.text)) return event;
  const { text: _, ...others } = event;
  return others;
}
