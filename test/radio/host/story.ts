/** What of a scenario's timeline a person wants to see, and how. */

interface Teller {
  readonly colour: number;
  readonly tell: (text: string) => string | null;
}

/** Of the program's log the lines for operators, of the phones their own steps; the rest is for debugging. */
const TELLERS: Readonly<Record<string, Teller>> = {
  scenario: { colour: 1, tell: (text) => text },
  hostp2pd: { colour: 36, tell: (text) => /^\S+ (?:info|warning|error) (.*)$/.exec(text)?.[1] ?? null },
  hook: { colour: 33, tell: (text) => hookCall(text) },
  'phone-1': { colour: 32, tell: (text) => phoneStep(text) },
};

const LINE = /^\+\s*([\d.]+) s {2}(\S+)\s+(.*)$/;

/** A line of the timeline as the demo shows it; null for what it leaves out. */
export function story(line: string, colour: boolean): string | null {
  const [, time = '', who = '', text = ''] = LINE.exec(line) ?? [];
  const teller = TELLERS[who];
  const told = teller?.tell(text) ?? null;
  if (!teller || told === null) return null;
  const stamp = `${Number(time).toFixed(2).padStart(7)} s`;
  if (who === 'scenario') return `${stamp}  ${paint(`— ${told}`, teller.colour, colour)}`;
  return `${stamp}    ${paint(who.padEnd(9), teller.colour, colour)} ${told}`;
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
  if (/^P2P-INVITATION-RESULT status=0/.test(text)) return 'the box took it back without a PIN';
  if (/^is "/.test(text)) return text;
  return null;
}

function paint(text: string, code: number, colour: boolean): string {
  return colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}
