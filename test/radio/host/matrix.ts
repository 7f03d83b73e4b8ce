/** What became of a scenario on a system. `passed again`: only on the second attempt. */
export interface Cell {
  readonly outcome: 'passed' | 'passed again' | 'failed' | 'left out';
  readonly reason?: string;
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
  const all = [['scenario', ...columns.map(({ name }) => name)], ...rows];
  const widths = all[0]?.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const reasons = columns.flatMap(({ name: column, cells }) =>
    [...cells].flatMap(([name, { reason }]) =>
      reason === undefined ? [] : `${name} on ${column} left out: ${reason}`,
    ),
  );
  return [...lines, ...reasons].join('\n');
}
