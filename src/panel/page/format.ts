/** Numbers and times as people read them. Pure. */

/** A PIN in groups of four digits. */
export function pinGroups(pin: string): readonly string[] {
  return pin.match(/\d{1,4}/g) ?? [];
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `1.2 MB`, with the decimal mark of the language. */
export function bytes(count: number | null, language: string): string {
  if (count === null) return '–';
  let value = count;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1000;
  const digits = unit > 0 && value < 10 ? 1 : 0;
  const text = value.toLocaleString(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${text} ${UNITS[unit]}`;
}

/** `4:05`, `1:04:05` */
export function duration(seconds: number | null): string {
  if (seconds === null) return '–';
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** dBm: what the chart shows at its lower and upper edge. */
const WEAKEST = -90;
const STRONGEST = -30;

/** The points of a line through the values, the latest at the right edge. */
export function chartPoints(values: readonly number[], most: number, width: number, height: number): string {
  return values
    .map((value, index) => {
      const x = width - ((values.length - 1 - index) * width) / (most - 1);
      const share = (Math.min(Math.max(value, WEAKEST), STRONGEST) - WEAKEST) / (STRONGEST - WEAKEST);
      return `${x.toFixed(1)},${(height - share * height).toFixed(1)}`;
    })
    .join(' ');
}
