/** The PIN of the Python program's example, and so the default of the setting `pin`. Everybody knows it. */
export const DEFAULT_PIN = '00000000';

/**
 * Whether a PIN is one that everybody tries first: all digits equal, or each one more or less than the one before, such as
 * 00000000, 12345670 with its checksum, 4321.
 */
export function isWellKnownPin(text: string): boolean {
  if (!/^(?:\d{4}|\d{8})$/.test(text)) return false;
  // The last one of eight is the checksum of the others.
  const digits = [...(text.length === 8 ? text.slice(0, 7) : text)].map(Number);
  const steps = new Set(digits.slice(1).map((digit, place) => digit - (digits[place] ?? 0)));
  return steps.size === 1 && [0, 1, -1].some((step) => steps.has(step));
}
