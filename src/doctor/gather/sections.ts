/** `[name]` and the lines below it. */
export interface Section {
  readonly name: string;
  readonly lines: readonly SectionLine[];
}

export interface SectionLine {
  readonly key: string;
  /** `key+=value` adds to what stands in earlier files. */
  readonly adds: boolean;
  readonly value: string;
}

/** The sections of a file as NetworkManager and systemd have them; comments and other lines are no matter. */
export function sectionsOf(text: string): Section[] {
  const sections: { name: string; lines: SectionLine[] }[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, name] = /^\[(.*)\]$/.exec(line) ?? [];
    const [, key, plus, value] = /^([\w.-]+)\s*(\+?)=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, lines: [] });
    else if (key !== undefined) sections.at(-1)?.lines.push({ key, adds: plus === '+', value: value ?? '' });
  }
  return sections;
}
