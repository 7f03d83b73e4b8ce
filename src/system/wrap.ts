const LEAST_COLUMNS = 20;

/** Lines of whole words, of at most that many columns; undefined: one line. */
export function wrap(text: string, columns: number | undefined): string[] {
  return fillLines(text.split(' '), columns);
}

/**
 * Lines of parts that are not broken, with a space between them.
 * @param widthOf terminal columns of a text
 */
export function fillLines(
  parts: readonly string[],
  columns: number | undefined,
  widthOf = (text: string): number => text.length,
): string[] {
  const width = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(columns, LEAST_COLUMNS);
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last === undefined || widthOf(last) + 1 + widthOf(part) > width) lines.push(part);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines;
}
