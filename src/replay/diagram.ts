import { localTime } from '../logging/logger.js';
import type { Party, Row } from './rows.js';

/** The rows as a sequence diagram in SVG. */

const LANES: readonly (readonly [Party, number])[] = [
  ['phone', 150],
  ['wpa_supplicant', 320],
  ['hostp2pd', 760],
  ['hook', 1080],
  ['operator', 1240],
];
const PLACES: ReadonlyMap<Party, number> = new Map(LANES);
const WIDTH = 1320;
const TOP = 60;
const ROW = 20;
/** Of the monospaced font, in pixels. */
const CHARACTER = 6.6;

const COLOURS: ReadonlyMap<Row['kind'], string> = new Map([
  ['event', '#1565c0'],
  ['reply', '#616161'],
  ['request', '#2e7d32'],
  ['timer', '#6d4c41'],
  ['hook', '#6a1b9a'],
  ['command', '#ad1457'],
  ['phase', '#e65100'],
  ['log', '#b71c1c'],
]);

export function diagram(rows: readonly Row[]): string {
  const [first] = rows;
  const height = TOP + rows.length * ROW + 20;
  const lanes = LANES.map(
    ([name, x]) =>
      `<text x="${x}" y="24" text-anchor="middle" font-weight="bold">${name}</text>` +
      `<path d="M${x} 32V${height - 10}" stroke="#bdbdbd"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="monospace" font-size="11">`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">' +
      '<path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>',
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    `<text x="6" y="24">${first ? localTime(first.time).slice(0, 10) : 'nothing'}</text>`,
    ...lanes,
    ...rows.map((row, index) => drawn(row, rows[index - 1], TOP + index * ROW)),
    '</svg>',
  ].join('\n');
}

function drawn(row: Row, before: Row | undefined, y: number): string {
  const colour = COLOURS.get(row.kind) ?? '#212121';
  const [from = 0, to = 0] = [PLACES.get(row.from), PLACES.get(row.to)];
  const time = before?.seconds === row.seconds ? '' : timeOf(row, y);
  const title = `<title>${escaped(row.text)}</title>`;
  if (from === to) return `<g>${title}${time}${note(row, from, y, colour)}</g>`;
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const room = Math.floor((right - left - 12) / CHARACTER);
  return (
    `<g>${title}${time}<path d="M${from} ${y}H${to}" stroke="${colour}" marker-end="url(#head)"/>` +
    `<text x="${left + 6}" y="${y - 3}" fill="${colour}">${escaped(cut(row.text, Math.max(room, 24)))}</text></g>`
  );
}

function timeOf({ time, seconds }: Row, y: number): string {
  const clock = localTime(time).slice(11, 19);
  return `<text x="6" y="${y}" fill="#616161">${clock} ${seconds.toFixed(2)}</text>`;
}

/** A box on a lane. */
function note({ kind, text }: Row, x: number, y: number, colour: string): string {
  const shown = cut(kind === 'phase' || kind === 'timer' || kind === 'input' ? `${kind} ${text}` : text, 84);
  const width = [...shown].length * CHARACTER + 10;
  const box = `<rect x="${x - width / 2}" y="${y - 12}" width="${width}" height="16" rx="4" fill="${kind === 'phase' ? '#fff3e0' : '#fafafa'}" stroke="${colour}"/>`;
  return `${box}<text x="${x}" y="${y}" text-anchor="middle" fill="${colour}">${escaped(shown)}</text>`;
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

/** For XML. Some characters cannot be in it at all, and names come from the air. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => ENTITIES.get(character) ?? '')
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}
