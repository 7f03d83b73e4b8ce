import { isDeepStrictEqual } from 'node:util';
import { sectionsOf } from '../config/document.js';
import { HostP2pError } from '../system/errors.js';
import { escapeRegExp, isRecord } from '../system/values.js';

/** A setting and its new value: `['config_parms', 'device_name']`. */
export interface Change {
  readonly path: readonly string[];
  readonly value: string | boolean;
}

/**
 * Changes settings in the text of a configuration file and nothing else: comments and other settings stay. The result is
 * parsed and compared with what was wanted, so a file in an unusual form is refused and never damaged.
 * @throws {HostP2pError} CONFIG_UNREADABLE, with the lines to write by hand
 */
export async function editSettings(text: string, changes: readonly Change[], name: string): Promise<string> {
  const { parseYaml } = await import('../config/yaml.js');
  const parsed = parseYaml(text, name);
  const before = parsed.content ?? {};
  // As in the manual of the Python program, the keys can stand without a section.
  const isEmpty = isRecord(before) && Object.keys(before).length === 0;
  const hasSection = isEmpty || sectionsOf(parsed).hostp2pdPath !== '';
  const wanted = changes.map(({ path, value }) => ({
    path: hasSection ? ['hostp2pd', ...path] : path,
    value,
  }));
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  for (const { path, value } of wanted) setIn(lines, { from: 0, to: lines.length, indent: '' }, path, value);
  const result = `${lines.join('\n')}\n`;
  const expected = wanted.reduce<unknown>(
    (value, change) => withValue(value, change.path, change.value),
    before,
  );
  const isRight = () => {
    try {
      return isDeepStrictEqual(parseYaml(result, name).content, expected);
    } catch {
      return false;
    }
  };
  if (isRight()) return result;
  const byHand = changes.map(({ path, value }) => `  ${path.join('.')}: ${scalar(value)}`);
  throw new HostP2pError(
    'CONFIG_UNREADABLE',
    `${name} is written in a form that setup cannot change; change these settings by hand, and run setup again:\n${byHand.join('\n')}`,
  );
}

function withValue(content: unknown, [key = '', ...rest]: readonly string[], value: unknown): unknown {
  const record = isRecord(content) ? content : {};
  return { ...record, [key]: rest.length === 0 ? value : withValue(record[key], rest, value) };
}

/** Quoted, a text is never taken for a number, a date or a boolean. */
function scalar(value: string | boolean): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Lines with the keys of one map, and what their keys are indented by. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly indent: string;
}

/** A value in the line of its key, and the comment behind it. */
const INLINE = /^\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'][^#]*?|)\s*(\s#.*)?$/;

function setIn(
  lines: string[],
  block: Block,
  [key = '', ...rest]: readonly string[],
  value: string | boolean,
) {
  const pattern = new RegExp(`^${block.indent}${escapeRegExp(key)}\\s*:(?=\\s|$)(.*)$`);
  const place = lines.findIndex((line, at) => at >= block.from && at < block.to && pattern.test(line));
  if (place < 0) {
    // A comment at the head of a file stays there.
    const end = block.indent === '' ? block.to : endOf(lines, block.from, block.to);
    lines.splice(end, 0, ...newLines(block.indent, [key, ...rest], value));
    return;
  }
  const [, inline = '', comment = ''] = INLINE.exec(pattern.exec(lines[place] ?? '')?.[1] ?? '') ?? [];
  const inner = innerBlock(lines, place + 1, block);
  const head = `${block.indent}${key}:`;
  if (rest.length === 0) lines.splice(place, inner.to - place, `${head} ${scalar(value)}${comment}`);
  else if (inner.to > inner.from) setIn(lines, inner, rest, value);
  else if (['', '{}', '~', 'null'].includes(inline))
    lines.splice(place, 1, `${head}${comment}`, ...newLines(`${block.indent}  `, rest, value));
}

function newLines(indent: string, [key = '', ...rest]: readonly string[], value: string | boolean): string[] {
  if (rest.length === 0) return [`${indent}${key}: ${scalar(value)}`];
  return [`${indent}${key}:`, ...newLines(`${indent}  `, rest, value)];
}

const isContent = (line: string) => /^\s*[^\s#]/.test(line);
const indentOf = (line: string) => /^\s*/.exec(line)?.[0] ?? '';

/** The lines below a key that belong to its value: those that are indented further, and entries of a list. */
function innerBlock(lines: readonly string[], from: number, { to, indent }: Block): Block {
  const isInner = (line: string) =>
    indentOf(line).length > indent.length || (indentOf(line) === indent && /^\s*-(\s|$)/.test(line));
  let end = from;
  while (end < to && (!isContent(lines[end] ?? '') || isInner(lines[end] ?? ''))) end += 1;
  const last = endOf(lines, from, end);
  const first = lines.slice(from, last).find(isContent) ?? '';
  return { from, to: last, indent: indentOf(first) };
}

/** Behind the last line with content: the comments that follow it are about what comes next. */
function endOf(lines: readonly string[], from: number, to: number): number {
  let end = to;
  while (end > from && !isContent(lines[end - 1] ?? '')) end -= 1;
  return end;
}
