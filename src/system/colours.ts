/** Colours on a terminal: the only place that knows them. */

/** Not `util.styleText`: from Node 22 on it decides about colours itself, against the command `color` and our rules. */
const STYLES = {
  ...{ prompt: '1;32', event: '36', error: '31' },
  ...{ title: '1', label: '2', good: '32', warning: '33', strong: '1', heading: '4' },
} as const;

export type Style = keyof typeof STYLES;

/** Colours a text. */
export type Paint = (style: Style, text: string) => string;

export const styled: Paint = (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m`;

export const unstyled: Paint = (_style, text) => text;

/** Whether the terminal shows colours and the user wants them. */
export function showsColours(
  output: { readonly isTTY?: boolean | undefined },
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return output.isTTY === true && !NO_COLOR && TERM !== 'dumb';
}
