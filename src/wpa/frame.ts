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

const EVENT = /^(?:IFNAME=(\S+) )?<(\d)>([\s\S]*)$/;

/** Classifies one datagram. Bytes that are not UTF-8 become U+FFFD. */
export function parseFrame(data: Buffer): Frame {
  const text = data.toString('utf8');
  // `<3>` and the like, which all but the global socket's events begin with, need no regular expression.
  if (text[0] === '<' && text[2] === '>') {
    const level = text.charCodeAt(1) - ZERO;
    if (level >= 0 && level <= 9) return { kind: 'event', level, interface: null, text: text.slice(3) };
  }
  const match = text[0] === 'I' ? EVENT.exec(text) : null;
  if (!match) return { kind: 'reply', text };
  return { kind: 'event', level: Number(match[2]), interface: match[1] ?? null, text: match[3] ?? '' };
}

const ZERO = 0x30;
