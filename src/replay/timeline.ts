import { localTime } from '../logging/logger.js';
import type { Row } from './rows.js';

const DIRECTIONS: ReadonlyMap<string, string> = new Map([
  ['event', '→'],
  ['reply', '→'],
  ['request', '←'],
]);

/** The rows as lines: the wall-clock time, the seconds since the beginning, what it is, and its text. */
export function timeline(rows: readonly Row[]): string {
  let day = '';
  let before: Row | undefined;
  const lines = rows.flatMap((row) => {
    const [date = '', time = ''] = localTime(row.time).split('T');
    const isSame = before?.seconds === row.seconds && row.kind !== 'start';
    before = row;
    const times = `${time.slice(0, 12)} ${row.seconds.toFixed(3).padStart(9)}`;
    const what = `${DIRECTIONS.get(row.kind) ?? ' '} ${row.kind.padEnd(7)} ${row.kind === 'phase' ? `═══ ${row.text} ═══` : row.text}`;
    const line = `${isSame ? ' '.repeat(times.length) : times} ${what}`;
    if (date === day) return [line];
    day = date;
    return [date, line];
  });
  return lines.join('\n');
}
