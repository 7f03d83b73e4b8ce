/** The PIN of the Python program's example, and so the default of the setting `pin`. Everybody knows it. */
export const DEFAULT_PIN = '00000000';
