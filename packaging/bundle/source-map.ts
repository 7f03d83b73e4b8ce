/** https://tc39.es/ecma426/: numbers in base 64, the lowest five bits first, the sign in the lowest bit. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Keeps only what stacks need of a source map: which line of a source a place comes from. It is then a quarter of the size. */
export function linesOnly(map: string): string {
  const { sources, mappings }: { sources: readonly string[]; mappings: string } = JSON.parse(map);
  // All fields but the first go on over the lines.
  let [source, line] = [0, 0];
  const last = { source: 0, line: 0 };
  const kept = mappings.split(';').map((segments) => {
    let [column, lastColumn] = [0, 0];
    let isFirst = true;
    const wanted: string[] = [];
    for (const segment of segments === '' ? [] : segments.split(',')) {
      const [columns = 0, sourceStep = 0, lineStep = 0] = decode(segment);
      column += columns;
      source += sourceStep;
      line += lineStep;
      if (!isFirst && source === last.source && line === last.line) continue;
      isFirst = false;
      wanted.push([column - lastColumn, source - last.source, line - last.line, 0].map(encode).join(''));
      lastColumn = column;
      Object.assign(last, { source, line });
    }
    return wanted.join(',');
  });
  return JSON.stringify({ version: 3, sources, names: [], mappings: kept.join(';') });
}

function decode(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

function encode(number: number): string {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let text = '';
  do {
    const bits = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? bits | 32 : bits];
  } while (rest > 0);
  return text;
}
