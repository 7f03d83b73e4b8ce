import { type Bound, boundText, ROWS, type RowName } from './rows.js';

/** One line of the result. */
export interface Row {
  readonly name: RowName;
  readonly ours: string;
  readonly reference: string;
  readonly ratio: string;
  /** Null if there is no bound. */
  readonly holds: boolean | null;
  /** Worse than its bound, or than the `known` ratio, by more than 15 %, and the guard looks at the row. */
  readonly regressed: boolean;
}

/** What was measured, as text and as the number that the bound is for. */
export interface Figures {
  readonly ours: string;
  readonly reference?: string;
  readonly ratio?: number;
  /** For a bound that is no ratio. */
  readonly value?: number;
  /** For a condition. */
  readonly holds?: boolean;
}

/** A smaller difference can be noise. */
const TOLERANCE = 1.15;

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** By nearest rank; NaN without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Median of the ratios of paired measurements, so that what slows both down does not count. */
export function pairedRatio(ours: readonly number[], reference: readonly number[]): number {
  return median(ours.map((value, i) => value / (reference[i] ?? Number.NaN)));
}

/** The medians of paired measurements, with that unit. */
export function paired(
  ours: readonly number[],
  reference: readonly number[],
  unit: string,
  digits = 1,
): Figures & { readonly value: number } {
  const show = (values: readonly number[]) => `${median(values).toFixed(digits)} ${unit}`;
  return {
    ours: show(ours),
    reference: show(reference),
    ratio: pairedRatio(ours, reference),
    value: median(ours),
  };
}

/** The row of that name. A figure that its bound needs and that is missing does not hold. */
export function row(name: RowName, figures: Figures): Row {
  const { ours, reference = '', ratio, value = Number.NaN } = figures;
  const bound: Bound = ROWS[name];
  return {
    name,
    ours,
    reference,
    ratio: ratio === undefined ? '' : ratio.toFixed(2),
    holds: bound && meets(bound, { ...figures, value }),
    regressed:
      bound !== null &&
      'ratio' in bound &&
      bound.guarded !== false &&
      !((ratio ?? NaN) <= (bound.known ?? bound.ratio) * TOLERANCE),
  };
}

function meets(
  bound: NonNullable<Bound>,
  { ratio = Number.NaN, value = Number.NaN, holds = false }: Figures,
) {
  if ('ratio' in bound) return ratio <= bound.ratio;
  if ('most' in bound) return value <= bound.most;
  return 'least' in bound ? value >= bound.least : holds;
}

const HEADINGS = ['', 'hostp2pd', 'reference', 'ratio', 'bound', 'holds'];
const ORDER = Object.keys(ROWS);

function cellsOf({ name, ours, reference, ratio, holds }: Row): readonly string[] {
  const answer = holds === null ? '' : holds ? 'yes' : 'NO';
  return [name, ours, reference, ratio, boundText(name), answer];
}

export function table(rows: readonly Row[]): string {
  const sorted = rows.toSorted((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  const cells = sorted.map(cellsOf);
  const widths = HEADINGS.map((heading, i) =>
    Math.max(heading.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}

const START = '<!-- npm run bench -- --write -->\n';
const END = '\n<!-- end -->';

/** The cells of the table's rows in a document, by their name. */
export function rowsIn(document: string): ReadonlyMap<string, readonly string[]> {
  const block = document.slice(document.indexOf(START), document.indexOf(END));
  const lines = block.split('\n').filter((line) => line.startsWith('| '));
  const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(cells.slice(2).map(([, ...row]) => [row[0] ?? '', row.slice(0, HEADINGS.length)]));
}

/** Puts the rows into the table of a document. Rows that were not measured now stay as they are. */
export function replaceRows(document: string, rows: readonly Row[]): string {
  const [from, to] = [document.indexOf(START), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the document has no place for the table: ${START}`);
  const all = new Map([...rowsIn(document), ...rows.map((row) => [row.name, cellsOf(row)] as const)]);
  const cells = ORDER.flatMap((name) => [all.get(name) ?? []].filter((row) => row.length > 0));
  const lines = [HEADINGS, HEADINGS.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
  return `${document.slice(0, from)}${START}\n${lines.join('\n')}\n${document.slice(to)}`;
}
