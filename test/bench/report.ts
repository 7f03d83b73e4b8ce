/** One line of the result. A text that does not apply is empty. */
export interface Row {
  readonly measure: string;
  readonly ours: string;
  readonly reference: string;
  readonly ratio: string;
  readonly bound: string;
  /** Null if there is no bound and the figure is only for information. */
  readonly holds: boolean | null;
  /** Worse than its bound, or than the `known` ratio, by more than 15 %. */
  readonly regressed?: boolean;
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

/**
 * A row that compares with a reference; without a limit it is only for information.
 * @param known what was reached when the limit was not; update it when it gets better
 */
export function ratioRow(
  measure: string,
  ours: string,
  reference: string,
  ratio: number,
  limit?: number,
  known = limit,
): Row {
  const bound = limit === undefined ? '' : `ratio ≤ ${limit}`;
  const holds = limit === undefined ? null : ratio <= limit;
  const regressed = known !== undefined && !(ratio <= known * TOLERANCE);
  return { measure, ours, reference, ratio: ratio.toFixed(2), bound, holds, regressed };
}

/** A row without a reference, with its bound in words. */
export function plainRow(measure: string, ours: string, bound = '', holds: boolean | null = null): Row {
  return { measure, ours, reference: '', ratio: '', bound, holds };
}

const HEADINGS = ['', 'hostp2pd', 'reference', 'ratio', 'bound', 'holds'];

function cellsOf(row: Row): readonly string[] {
  const { measure, ours, reference, ratio, bound, holds } = row;
  return [measure, ours, reference, ratio, bound, holds === null ? '' : holds ? 'yes' : 'NO'];
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(cellsOf);
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

/** The same as a Markdown table. */
export function markdown(rows: readonly Row[]): string {
  const lines = [HEADINGS, HEADINGS.map(() => '---'), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
