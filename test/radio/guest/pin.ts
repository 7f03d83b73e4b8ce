/**
 * The WPS PIN that begins with these seven digits: the eighth is a checksum, and a wpa_supplicant that types a PIN
 * refuses one with a wrong checksum (FAIL-INVALID-PIN).
 */
export function wpsPin(sevenDigits: string): string {
  const sum = [...sevenDigits].reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1),
    0,
  );
  return `${sevenDigits}${(10 - (sum % 10)) % 10}`;
}
