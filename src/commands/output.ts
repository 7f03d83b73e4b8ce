import type { JsonValue, Output } from './command.js';

/** What commands say, for a person and for a program. */

export function output(value: unknown, text: string): Output {
  return { value: jsonOf(value), text };
}

/** A copy that is JSON and nothing else: what JSON cannot say is left out, or null in a list. */
export function jsonOf(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object') return null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && typeof member !== 'function')
      .map(([key, member]) => [key, jsonOf(member)]),
  );
}

/** Rows of cells in aligned columns, two spaces apart. */
export function columns(rows: readonly (readonly string[])[], indent = '  '): string {
  const widths = rows.reduce<number[]>((all, row) => {
    for (const [place, cell] of row.entries()) all[place] = Math.max(all[place] ?? 0, cell.length);
    return all;
  }, []);
  return rows
    .map((row) =>
      `${indent}${row.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join('  ')}`.trimEnd(),
    )
    .join('\n');
}

/** `name: value` lines with the values under each other. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  return columns(
    pairs.map(([name, value]) => [`${name}:`, value]),
    '',
  );
}

/** `1.4 MB`, in powers of 1,000. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return '-';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let place = 0;
  // What rounding would make a thousand of belongs to the next unit.
  while (value >= 999.5 && place < units.length - 1 && (place > 0 || value >= 1000)) {
    value /= 1000;
    place++;
  }
  return `${place === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[place]}`;
}

/** `2 d 03:04:05`, or without days `03:04:05`. */
export function durationText(seconds: number | null): string {
  if (seconds === null) return '-';
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${days} d ${clock}`;
}
