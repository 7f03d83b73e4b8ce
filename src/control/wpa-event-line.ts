import type { SessionEventOf } from '../session/session-event.js';
import { printable } from '../system/names.js';
import { isSecretField, mayHoldSecret, secrets } from '../system/secrets.js';
import type { WpaEvent } from '../wpa/event.js';

/** An event of wpa_supplicant as a line of the stream, without secrets. */
export function wpaEventLine(time: string, { type, link, event }: SessionEventOf<'wpaEvent'>): string {
  const text = `${new Date(time).toTimeString().slice(0, 8)} wpa_supplicant (${link}): ${describe(event)}`;
  const line = { time, text, type, link, event: withoutText(event) };
  const hidden = (key: string, value: unknown): unknown => {
    if (isSecretField(key)) return undefined;
    return typeof value === 'string' ? secrets.redactKnown(value) : value;
  };
  return `${JSON.stringify(line, hidden)}\n`;
}

function describe(event: WpaEvent): string {
  return event.type === 'unknown' ? printable(event.name) : event.type;
}

function withoutText(event: WpaEvent): object {
  if (event.type !== 'unknown' || !mayHoldSecret(event.text)) return event;
  const { text: _, ...others } = event;
  return others;
}
