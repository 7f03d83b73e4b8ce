/** A small change of a compiled file that a test should notice. */
export interface Mutant {
  /** Where the replaced text begins and ends. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** A short description of the change. */
  readonly change: string;
}

const SWAPS: ReadonlyMap<string, string> = new Map([
  ['&&', '||'],
  ['||', '&&'],
  ['===', '!=='],
  ['!==', '==='],
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
  ['true', 'false'],
  ['false', 'true'],
]);

/** Every mutant of a compiled file, in the order of the file. */
export function mutantsOf(source: string): Mutant[] {
  const code = withoutLogCalls(codeOnly(source));
  const all = [
    ...swaps(code),
    ...numbers(code),
    ...conditions(source, code),
    ...calls(source, code),
    ...returns(code),
  ];
  return all.sort((a, b) => a.start - b.start);
}

function* swaps(code: string): Generator<Mutant> {
  for (const { 0: old, index } of code.matchAll(/(?<= )(?:&&|\|\||[=!]==|[<>]=?)(?= )|\b(?:true|false)\b/g)) {
    const replacement = SWAPS.get(old);
    if (replacement !== undefined)
      yield { start: index, end: index + old.length, replacement, change: `${old} → ${replacement}` };
  }
}

/** 0 becomes 1, every other number is doubled. */
function* numbers(code: string): Generator<Mutant> {
  for (const { 0: old, index } of code.matchAll(/(?<![\w.$])(?:0x[\da-f]+|\d[\d_]*(?:\.\d+)?)(?![\w.$])/gi)) {
    const value = Number(old.replaceAll('_', ''));
    const replacement = value === 0 ? '1' : String(value * 2);
    yield { start: index, end: index + old.length, replacement, change: `${old} → ${replacement}` };
  }
}

/** `if` and `while` with the opposite condition. */
function* conditions(source: string, code: string): Generator<Mutant> {
  for (const match of code.matchAll(/\b(?:if|while) \(/g)) {
    const open = match.index + match[0].length - 1;
    const condition = source.slice(open, closing(code, open) + 1);
    yield {
      start: open,
      end: open + condition.length,
      replacement: `(!${condition})`,
      change: `condition negated: ${shortened(condition)}`,
    };
  }
}

/** Removes a call that is a statement. */
function* calls(source: string, code: string): Generator<Mutant> {
  for (const match of code.matchAll(/^ *((?:await |void )?(?:[\w$]+\.)*#?[\w$]+\()/gm)) {
    const start = match.index + match[0].length - (match[1]?.length ?? 0);
    const end = closing(code, match.index + match[0].length - 1) + 1;
    const isStatement = code[end] === ';' && /(?:[{};)]|\belse)\s*$/.test(code.slice(0, start));
    if (!isStatement || /^(?:super|if|for|while|switch)\b/.test(match[1] ?? '')) continue;
    yield { start, end, replacement: '', change: `left out: ${shortened(source.slice(start, end))}` };
  }
}

/** A function that returns at once. */
function* returns(code: string): Generator<Mutant> {
  const heads =
    /^ *(?:export |async |static |function |get )*(?!(?:if|for|while|switch|catch|constructor)\b)(#?[\w$]+)\(.*\) \{$/gm;
  for (const { 0: head, 1: name, index } of code.matchAll(heads)) {
    const start = index + head.length;
    yield { start, end: start, replacement: ' return;', change: `${name}() returns at once` };
  }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
}

/** Where the bracket that opens at `open` is closed. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === '(') depth++;
    else if (code[i] === ')' && --depth === 0) return i;
  }
  return code.length - 1;
}

/** The tests do not have to notice a change of the text or level of a log line. */
function withoutLogCalls(code: string): string {
  let result = code;
  for (const match of code.matchAll(/^ *[\w$.#]+\.log\(/gm)) {
    const end = closing(code, match.index + match[0].length - 1) + 1;
    result = result.slice(0, match.index) + blank(code.slice(match.index, end)) + result.slice(end);
  }
  return result;
}

/** The same text with comments, strings, templates and regular expressions blanked out. */
export function codeOnly(source: string): string {
  let result = '';
  for (let i = 0; i < source.length; ) {
    const end = endOfText(source, i, result);
    result += end === i ? (source[i] ?? '') : blank(source.slice(i, end));
    i = Math.max(end, i + 1);
  }
  return result;
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** The end of the comment, string, template or regular expression that begins at `at`; `at` if none begins there. */
function endOfText(source: string, at: number, before: string): number {
  const rest = source.slice(at, at + 2);
  if (rest === '//') return endOr(source, source.indexOf('\n', at));
  if (rest === '/*') return endOr(source, source.indexOf('*/', at) + 2);
  const [quote = ''] = rest;
  if (quote === "'" || quote === '"') return skip(source, at, quote);
  if (quote === '`') return endOfTemplate(source, at);
  if (quote === '/' && /(?:^|[=([,:;{}!&|?]|\breturn)\s*$/.test(before.slice(-40)))
    return endOfRegExp(source, at);
  return at;
}

function endOr(source: string, end: number): number {
  return end < 0 ? source.length : end;
}

function skip(source: string, at: number, quote: string): number {
  let i = at + 1;
  while (i < source.length && source[i] !== quote) i += source[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** The end of a template, including `${…}`, which may contain further templates. */
function endOfTemplate(source: string, at: number): number {
  let i = at + 1;
  while (i < source.length && source[i] !== '`') {
    if (source.startsWith('${', i)) {
      let depth = 1;
      for (i += 2; i < source.length && depth > 0; ) {
        if (source[i] === '{') depth++;
        if (source[i] === '}') depth--;
        i = Math.max(endOfText(source, i, source.slice(Math.max(0, i - 40), i)), i + 1);
      }
    } else i += source[i] === '\\' ? 2 : 1;
  }
  return i + 1;
}

function endOfRegExp(source: string, at: number): number {
  let inClass = false;
  let i = at + 1;
  for (; i < source.length && (inClass || source[i] !== '/'); i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '[') inClass = true;
    else if (source[i] === ']') inClass = false;
  }
  return i + 1;
}
