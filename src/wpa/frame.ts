/**
 * Tells events from replies. An event starts with its message level in angle brackets; on the global control
 * socket the interface comes before it (ctrl_iface_unix.c, wpa_supplicant_ctrl_iface_send). Everything else is
 * the reply to a request, an empty datagram included.
 */
export type Frame =
  | {
      readonly kind: 'event';
      readonly level: number;
      readonly interface: string | null;
      readonly text: string;
    }
  | { readonly kind: 'reply'; readonly text: string };

const LESS_THAN = 0x3c;
const LETTER_I = 0x49;
const EVENT = /^(?:IFNAME=(\S+) )?<(\d)>([\s\S]*)$/;

/** Classifies one datagram. Bytes that are not UTF-8 become U+FFFD. */
export function parseFrame(data: Buffer): Frame {
  const text = data.toString('utf8');
  const first = data[0];
  if (first === LESS_THAN || first === LETTER_I) {
    const match = EVENT.exec(text);
    if (match) {
      return { kind: 'event', level: Number(match[2]), interface: match[1] ?? null, text: match[3] ?? '' };
    }
  }
  return { kind: 'reply', text };
}
