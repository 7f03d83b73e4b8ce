import { structuredPatch } from 'diff';
import { type Paint, unstyled } from '../system/colours.js';
import { quoted } from '../system/values.js';
import { wrap } from '../system/wrap.js';
import type { Command, Step } from './plan.js';

/** The plan for a person: files with their differences, and commands. */

export function describePlan(
  steps: readonly Step[],
  present: ReadonlyMap<string, string | null>,
  paint: Paint = unstyled,
  columns?: number,
): string {
  const parts = steps.map((step, place) => {
    const files = step.files.map(({ path, content, mode }) => {
      const before = present.get(path) ?? null;
      const octal = mode === null ? '' : ` (mode ${mode.toString(8).padStart(4, '0')})`;
      const head = `${before === null ? 'new file' : 'change'} ${path}${octal}`;
      return [`   ${paint('label', head)}`, ...difference(before ?? '', content, paint)].join('\n');
    });
    const commands = step.run.map((command) => `   ${paint('label', 'run')} ${commandText(command)}`);
    const title = wrap(`${place + 1}. ${step.what}`, columns).map((line) => paint('title', line));
    return [...title, ...files, ...commands].join('\n');
  });
  return parts.join('\n\n');
}

export function commandText(command: Command): string {
  return command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ');
}

/** The lines that go and those that come. */
function difference(before: string, after: string, paint: Paint): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 0 });
  const lines = hunks.flatMap((hunk) => hunk.lines).filter((line) => !line.startsWith('\\'));
  return lines.map((line) => `     ${paint(line.startsWith('+') ? 'good' : 'error', line)}`);
}
