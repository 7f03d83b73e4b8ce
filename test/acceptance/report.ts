import { secrets } from '#src/system/secrets.js';
import type { MachineFacts } from './machine-facts.js';
import type { StepResult } from './run-step.js';

export interface AcceptanceReport {
  readonly at: Date;
  readonly facts: MachineFacts;
  readonly results: readonly StepResult[];
  /** Why not all steps were tried; null: they were. */
  readonly endedEarly: string | null;
  /** `hostp2pd status`, before the first step. */
  readonly status: string;
  readonly doctor: string;
  readonly log: string;
}

/** The report in Markdown. It contains no passphrases and no PINs. */
export function reportText({
  at,
  facts,
  results,
  endedEarly,
  status,
  doctor,
  log,
}: AcceptanceReport): string {
  const lines = [
    `# hostp2pd with a real phone, ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    '',
    'Passphrases and PINs are removed. Device names, MAC addresses and the name of the group are not: read it before you share it.',
    ...(endedEarly === null ? [] : ['', `**Not all steps were tried: ${cell(endedEarly)}.**`]),
    '',
    '| | |',
    '| --- | --- |',
    ...facts.table.map(([name, value]) => `| ${name} | ${cell(value)} |`),
    '',
    '## Results',
    '',
    '| step | | result |',
    '| --- | --- | --- |',
    ...results.map(
      ({ name, title, outcome, reason }) =>
        `| ${name} | ${title} | ${outcome}${reason === undefined ? '' : `: ${cell(reason)}`} |`,
    ),
    ...results.flatMap(details),
    ...block('hostp2pd status', status),
    ...block('hostp2pd doctor', doctor),
    ...block('Radio', facts.radio),
    ...block('Log of hostp2pd', log),
  ];
  return `${secrets.redact(lines.join('\n'))}\n`;
}

function details({ name, title, observations, answers }: StepResult): string[] {
  if (observations.length === 0 && answers.length === 0) return [];
  return [
    '',
    `### ${name}: ${title}`,
    '',
    ...observations.map(({ seconds, text }) => `- ${seconds.toFixed(1)} s: ${cell(text)}`),
    ...answers.map((answer) => `- ${cell(withoutPins(answer))}`),
  ];
}

function block(title: string, text: string): string[] {
  return ['', `## ${title}`, '', '````text', text.trim().replaceAll('````', "''''"), '````'];
}

/** In a cell of a table or an item of a list, texts from the air must not be markup. */
function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\|`<>*_[\]]/g, '\\$&');
}

/** A person can have typed the PIN into an answer: 4 or 8 digits, in whatever way they are grouped. */
function withoutPins(answer: string): string {
  return answer.replaceAll(/(?<!\d)\d{4}(?:[- ]?\d{4})?(?!\d)/g, '<hidden>');
}
