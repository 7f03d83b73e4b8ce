import stringWidth from 'string-width';
import { type Paint, type Style, unstyled } from '../system/colours.js';

/**
 * Tables for a terminal: headings, aligned columns, and columns left out where there is no room for all of them. Made
 * here, because table libraries wrap or cut cells but do not leave out columns by importance.
 */

export interface Column<Row> {
  readonly title: string;
  readonly side: 'left' | 'right';
  /** Minimum width in terminal columns: the layout stays the same while values change. */
  readonly width: number;
  /** Where there is not enough room, the column with the highest number is left out first. */
  readonly spare: number;
  readonly cell: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
}

/** The first column. It is never left out; it is cut to the room that the other columns leave. */
export interface FirstColumn<Row> {
  readonly title: string;
  /** @param shown whether the column of that title is in the table */
  readonly cell: (row: Row, shown: (title: string) => boolean) => string;
}

const GAP = '  ';
const FIRST_LEAST = 10;
/** More columns are left out before a name is cut below this. */
const FIRST_WANTED = 16;
const FIRST_MOST = 32;

/**
 * @param room width of the terminal in columns; nothing is left out or cut without it
 * @returns the line of headings, then one line for each row; none is wider than `room`
 */
export function tableLines<Row>(
  rows: readonly Row[],
  first: FirstColumn<Row>,
  columns: readonly Column<Row>[],
  room = Number.POSITIVE_INFINITY,
  paint: Paint = unstyled,
): string[] {
  const widest = Math.max(0, ...rows.map((row) => displayWidth(first.cell(row, () => true))));
  const least = Math.max(FIRST_LEAST, displayWidth(first.title), Math.min(FIRST_WANTED, widest));
  const shown = withRoom(
    columns.map((column) => sized(column, rows)),
    room - least,
  );
  const titles = new Set(shown.map(({ title }) => title));
  const firsts = rows.map((row) => first.cell(row, (title) => titles.has(title)));
  const most = Math.max(1, Math.min(FIRST_MOST, room - total(shown)));
  const width = Math.min(most, Math.max(least, ...firsts.map(displayWidth)));
  const line = (start: string, cell: (column: Column<Row>) => string): string =>
    [fit(start, width), ...shown.map(cell)].join(GAP).trimEnd();
  return [
    paint(
      'heading',
      line(first.title, ({ title, width: room, side }) => fit(title, room, side)),
    ),
    ...rows.map((row, index) => line(firsts[index] ?? '', (column) => painted(column, row, paint))),
  ];
}

function painted<Row>({ cell, style, width, side }: Column<Row>, row: Row, paint: Paint): string {
  const text = fit(cell(row), width, side);
  const wanted = style?.(row);
  return wanted === undefined ? text : text.replace(/\S(?:.*\S)?/, (word) => paint(wanted, word));
}

/** As wide as its widest cell. */
function sized<Row>(column: Column<Row>, rows: readonly Row[]): Column<Row> {
  const width = Math.max(column.width, ...rows.map((row) => displayWidth(column.cell(row))));
  return { ...column, width };
}

function withRoom<Row>(columns: readonly Column<Row>[], room: number): readonly Column<Row>[] {
  if (columns.length === 0 || total(columns) <= room) return columns;
  const most = Math.max(...columns.map(({ spare }) => spare));
  return withRoom(
    columns.filter(({ spare }) => spare !== most),
    room,
  );
}

function total(columns: readonly { readonly width: number }[]): number {
  return columns.reduce((sum, { width }) => sum + GAP.length + width, 0);
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

/**
 * Latin, Greek and Cyrillic, which take one column each. The tables of other characters take 40 ms and 4 MB, and the
 * daemon renders texts, so they are loaded only for a text that has such characters.
 */
const NARROW = /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027]*$/;

/** Terminal columns of a text: some characters take two columns, some none. */
export function displayWidth(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

let graphemes: Intl.Segmenter | undefined;

function characters(text: string): readonly string[] {
  if (NARROW.test(text)) return [...text];
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** The text in at most that many terminal columns; ends in `…` where something was cut off. */
export function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let left = columns - 1;
  if (left < 0) return '';
  for (const character of characters(text)) {
    left -= displayWidth(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The text in exactly that many terminal columns. */
export function fit(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const shown = cut(text, columns);
  const space = ' '.repeat(Math.max(0, columns - displayWidth(shown)));
  return side === 'left' ? `${shown}${space}` : `${space}${shown}`;
}
