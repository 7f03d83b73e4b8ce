/** What became of a scenario on a system. `passed again`: only on the second attempt. */
export interface Cell {
  readonly outcome: 'passed' | 'passed again' | 'failed' | 'left out';
  /** Why it was left out, or failed: at the first attempt, if it passed only then. */
  readonly reason?: string;
  readonly figures?: Readonly<Record<string, string>> | undefined;
}

/** The scenarios on one system. */
export interface Column {
  readonly name: string;
  readonly cells: ReadonlyMap<string, Cell>;
  /** A machine did not end normally. */
  readonly died: boolean;
  /** Why a part could not run here. */
  readonly problem?: string | undefined;
}

/** The results as a table: a row for each scenario, a column for each system, and the reasons below. */
export function matrixTable(columns: readonly Column[]): string {
  const names = [...new Set(columns.flatMap(({ cells }) => [...cells.keys()]))].sort();
  const rows = names.map((name) => [name, ...columns.map(({ cells }) => cells.get(name)?.outcome ?? '-')]);
  const lines = aligned([['scenario', ...columns.map(({ name }) => name)], ...rows]);
  const reasons = columns.flatMap(({ name: column, cells }) =>
    [...cells].flatMap(([name, { outcome, reason }]) =>
      outcome !== 'left out' ? [] : `${name} on ${column} left out: ${reason}`,
    ),
  );
  return [...lines, ...reasons].join('\n');
}

/** What the scenarios have counted or measured; empty if they have not. */
export function figuresTable({ cells }: Column): string {
  const rows = [...cells].flatMap(([name, { figures }]) =>
    figures === undefined ? [] : [{ name, figures }],
  );
  const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  if (rows.length === 0) return '';
  return aligned([
    ['scenario', ...names],
    ...rows.map(({ name, figures }) => [name, ...names.map((figure) => figures[figure] ?? '-')]),
  ]).join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
