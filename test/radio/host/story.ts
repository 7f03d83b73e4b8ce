/** Which lines of a scenario's timeline the demo shows, and how. */

interface Source {
  readonly colour: number;
  /** The text to show; null for none. */
  readonly show: (text: string) => string | null;
}

/** The program's log lines for operators, and the steps of the phones. The rest is for debugging. */
const SOURCES: Readonly<Record<string, Source>> = {
  scenario: { colour: 1, show: (text) => text },
  hostp2pd: { colour: 36, show: (text) => /^\S+ (?:info|warning|error) (.*)$/.exec(text)?.[1] ?? null },
  hook: { colour: 33, show: (text) => hookCall(text) },
  'phone-1': { colour: 32, show: (text) => phoneStep(text) },
};

const LINE = /^\+\s*([\d.]+) s {2}(\S+)\s+(.*)$/;

/** A line of the timeline as the demo shows it; null if it does not. */
export function story(line: string, colour: boolean): string | null {
  const [, time = '', who = '', text = ''] = LINE.exec(line) ?? [];
  const source = SOURCES[who];
  const shown = source?.show(text) ?? null;
  if (!source || shown === null) return null;
  const stamp = `${Number(time).toFixed(2).padStart(7)} s`;
  if (who === 'scenario') return `${stamp}  ${paint(`— ${shown}`, source.colour, colour)}`;
  return `${stamp}    ${paint(who.padEnd(9), source.colour, colour)} ${shown}`;
}

function hookCall(text: string): string | null {
  const args = /^called: (\[.*\])$/.exec(text)?.[1];
  if (args === undefined) return null;
  const words: unknown = JSON.parse(args);
  return Array.isArray(words) ? `called with ${words.map((word) => JSON.stringify(word)).join(' ')}` : null;
}

function phoneStep(text: string): string | null {
  if (/^joined on/.test(text)) return `${text}, and saved the group`;
  if (/WPS-SUCCESS/.test(text)) return 'the PIN was right';
  if (/^P2P-INVITATION-RESULT status=0/.test(text)) return 'the box let it join again without a PIN';
  if (/^is "/.test(text)) return text;
  return null;
}

function paint(text: string, code: number, colour: boolean): string {
  return colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}
