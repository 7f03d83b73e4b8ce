/** Primary device types (Wi-Fi Simple Configuration, "Primary Device Type"): category, then its subcategories. */
const TYPES: Readonly<Record<number, readonly [category: string, ...kinds: string[]]>> = {
  1: [
    'Computer',
    'PC',
    'Server',
    'Media center',
    'Ultra-mobile PC',
    'Notebook',
    'Desktop',
    'Mobile Internet device',
    'Netbook',
    'Tablet',
    'Ultrabook',
  ],
  2: [
    'Input device',
    'Keyboard',
    'Mouse',
    'Joystick',
    'Trackball',
    'Game controller',
    'Remote control',
    'Touchscreen',
    'Biometric reader',
    'Barcode reader',
  ],
  3: ['Printer', 'Printer', 'Scanner', 'Fax', 'Copier', 'All-in-one printer'],
  4: ['Camera', 'Digital camera', 'Video camera', 'Web camera', 'Security camera'],
  5: ['Storage', 'NAS'],
  6: ['Network infrastructure', 'Access point', 'Router', 'Switch', 'Gateway', 'Bridge'],
  7: ['Display', 'Television', 'Picture frame', 'Projector', 'Monitor'],
  8: [
    'Multimedia device',
    'Digital audio recorder',
    'Personal video recorder',
    'Media center extender',
    'Set-top box',
    'Media server',
    'Portable video player',
  ],
  9: ['Gaming device', 'Xbox', 'Xbox 360', 'PlayStation', 'Game console', 'Portable game console'],
  10: ['Telephone', 'Windows Mobile phone', 'Phone', 'Phone', 'Smartphone', 'Smartphone'],
  11: [
    'Audio device',
    'Tuner',
    'Speaker',
    'Portable music player',
    'Headset',
    'Headphones',
    'Microphone',
    'Home theater',
  ],
  12: ['Docking device', 'Computer docking station', 'Media kiosk'],
};

/** What kind of device a type such as `10-0050F204-5` stands for, in words; null where nobody defined it. */
export function deviceKind(deviceType: string | null): string | null {
  const match = /^(\d+)-0050f204-(\d+)$/i.exec(deviceType ?? '');
  const kinds = match ? TYPES[Number(match[1])] : undefined;
  return kinds ? (kinds[Number(match?.[2])] ?? kinds[0]) : null;
}
