/** The only file that knows how MAC addresses are written. */

/** As wpa_supplicant, dnsmasq and this program write them: six pairs of digits with colons. */
const WITH_COLONS = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i;
/** The usual case, which needs no conversion. */
const IN_LOWER_CASE = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** As people write them: pairs, fours (Cisco) or halves of the twelve digits with one separator, or none at all. */
const USUAL_FORMS = [
  /^[0-9a-f]{2}([:. -])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}$/i,
  /^[0-9a-f]{4}([:.-])[0-9a-f]{4}\1[0-9a-f]{4}$/i,
  /^[0-9a-f]{6}[:.-]?[0-9a-f]{6}$/i,
];

/**
 * An address as programs write it, in lower case; null for anything else. It is strict because the same texts contain
 * names that phones choose.
 */
export function parseAddress(text: string | null | undefined): string | null {
  if (!text) return null;
  if (IN_LOWER_CASE.test(text)) return text;
  return WITH_COLONS.test(text) ? text.toLowerCase() : null;
}

/** An address as people write it, in any usual form, converted to wpa_supplicant's form; null for anything else. */
export function parseWrittenAddress(text: string): string | null {
  const trimmed = text.trim();
  if (!USUAL_FORMS.some((form) => form.test(trimmed))) return null;
  const digits = trimmed.replace(/[^0-9a-f]/gi, '').toLowerCase();
  return digits.replace(/..(?!$)/g, '$&:');
}
