/** A PIN, or a function that gets it once the other side shows it. */
export type Pin = string | (() => string | Promise<string>);

export async function typed(pin: Pin): Promise<string> {
  return typeof pin === 'string' ? pin : await pin();
}

/**
 * The WPS PIN that begins with these seven digits. The eighth is a checksum; the wpa_supplicant of a phone refuses a PIN with a
 * wrong one (FAIL-INVALID-PIN).
 */
export function wpsPin(sevenDigits: string): string {
  const sum = [...sevenDigits].reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1),
    0,
  );
  return `${sevenDigits}${(10 - (sum % 10)) % 10}`;
}
